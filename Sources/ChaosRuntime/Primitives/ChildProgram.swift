import CPlatform
import Glibc

/// A program that is started as a child and never outlives this process, however this process ends.
///
/// It gets default signal handlers, an empty signal mask, and no file but the three that are named: what this process
/// ignores, blocks or has open is its own affair. The kernel ends the child with the *thread* that started it, so that
/// thread should be the one that waits for it.
public struct ChildProgram {
  /// Path of the program; nothing is searched for.
  public var path: String
  /// Its arguments, its own name first.
  public var words: [String]
  /// `NAME=VALUE`.
  public var environment: [String]
  /// Where it runs; nil: here.
  public var directory: String?
  /// What becomes its descriptors 0, 1 and 2; negative: /dev/null.
  public var descriptors: (input: Int32, output: Int32, error: Int32) = (-1, -1, -1)
  /// Whether it gets a process group of its own: its children end with it by `kill(-id, SIGKILL)`, and with this process.
  /// What it leaves running when it ends by itself goes on.
  public var hasOwnGroup = false

  /// A program to start; nothing runs before `start()`.
  public init(_ path: String, words: [String], environment: [String]) {
    self.path = path
    self.words = words
    self.environment = environment
  }

  /// Starts it; the id is for waitpid(2).
  ///
  /// - Throws: what the system says, such as `No such file or directory`.
  public func start() throws(Refusal) -> Int32 {
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    let texts = [strdup(path), directory.map { strdup($0) } ?? nil]
    defer { for text in arguments + variables + texts { free(text) } }
    var error: Int32 = 0
    let child = arguments.withUnsafeBufferPointer { arguments in
      variables.withUnsafeBufferPointer { variables in
        var request = cp_spawn_request(
          program: texts[0], arguments: arguments.baseAddress, environment: variables.baseAddress, directory: texts[1],
          descriptors: descriptors, own_group: hasOwnGroup)
        return cp_spawn(&request, &error)
      }
    }
    if child < 0 { throw Refusal(code: error) }
    return child
  }

  /// Why a program cannot be started.
  public struct Refusal: Error, Sendable, Equatable {
    /// The system's error number.
    public var code: Int32
    /// For people.
    public var text: String { String(cString: strerror(code)) }
  }

  /// For a process that was forked and runs no other program: the kernel ends it with its parent.
  ///
  /// - Parameter parent: the id of the process that forked; it may have ended already.
  public static func endWithParent(_ parent: Int32) { cp_end_with_parent(parent) }

  /// Signals that this process ignores now, as a child that is not started here would; bit n - 1 is signal n.
  public static var ignoredSignals: UInt64 { cp_signals_ignored() }

  /// A pipe that no other program inherits; nil: there is no descriptor left.
  public static func pipe() -> (reading: Int32, writing: Int32)? {
    var ends: [Int32] = [-1, -1]
    return cp_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }
}
