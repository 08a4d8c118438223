import Basics
import ChaosRuntime
import Glibc

/// Calls a closure, such as the engine's log.
public struct LogSink: AlertSink {
  /// `log`.
  public let name = "log"
  private let log: @Sendable (Alert) throws(Stopped) -> Void

  /// A sink that calls `log` on its own thread, which may block.
  public init(_ log: @escaping @Sendable (Alert) throws(Stopped) -> Void) { self.log = log }

  /// Calls the closure; it always takes the alert.
  public func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
    try log(alert)
    return .success(())
  }
}

/// Appends one JSON object a line to a file of the session's directory.
public struct FileSink: AlertSink {
  /// `file`.
  public let name = "file"
  private let path: String

  /// `path` is relative to the session's directory and stays in it.
  public init(path: String) { self.path = path }

  /// Appends the alert's line; it fails as the disk does.
  public func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
    try runtime.disk.append(Array((alert.json.text + "\n").utf8), to: path)
      .mapError { AlertError(reason: "\(path): \($0.text)") }
  }
}

/// Starts a program of the user's with the alert in its environment: `CHAOS_ALERT`, `CHAOS_ALERT_MESSAGE`. Live only.
public struct CommandSink: AlertSink {
  /// `command`.
  public let name = "command"
  private let words: [String]
  private let environment: [String]
  private let limit: Duration

  /// - Parameters:
  ///   - words: the program's path and its arguments; no shell reads them.
  ///   - environment: `NAME=VALUE`, beside the two of the alert.
  ///   - limit: after which the program and its children are ended.
  public init(_ words: [String], environment: [String] = [], limit: Duration = .seconds(10)) {
    precondition(!words.isEmpty, "a command has a program")
    self.words = words
    self.environment = environment
    self.limit = limit
  }

  /// Starts the program and waits for it; ending with another code than 0, by a signal, or not within the limit is a
  /// failure.
  public func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
    switch start(alert) {
    case .failure(let error): return .failure(error)
    case .success(let child): return try wait(for: child, runtime)
    }
  }

  /// In a process group of its own, with no terminal and none of our files and signals.
  private func start(_ alert: Alert) -> Result<pid_t, AlertError> {
    var command = ChildProgram(
      words[0], words: words,
      environment: ["CHAOS_ALERT=\(alert.rule.rawValue)", "CHAOS_ALERT_MESSAGE=\(alert.message)"] + environment)
    command.hasOwnGroup = true
    do throws(ChildProgram.Refusal) { return .success(try command.start()) } catch {
      return .failure(AlertError(reason: "\(program) cannot be started: \(error.text)"))
    }
  }

  private func wait(for child: pid_t, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
    let deadline = runtime.now + limit
    var status: Int32 = 0
    do throws(Stopped) {
      while waitpid(child, &status, WNOHANG) == 0 {
        guard runtime.now < deadline else {
          end(child)
          return .failure(AlertError(reason: "\(program) had not ended after \(limit.seconds) s"))
        }
        try runtime.sleep(.milliseconds(20))
      }
    } catch {
      end(child)
      throw error
    }
    if status == 0 { return .success(()) }
    let how = status & 0x7F == 0 ? "code \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
    return .failure(AlertError(reason: "\(program) ended with \(how)"))
  }

  private func end(_ child: pid_t) {
    var status: Int32 = 0
    kill(-child, SIGKILL)
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
  }

  /// Arguments may hold secrets; only the program's name is shown.
  private var program: String { String(words[0].split(separator: "/").last ?? "") }
}
