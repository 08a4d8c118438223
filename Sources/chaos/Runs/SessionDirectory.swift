import Basics
import ChaosRuntime
import Checks
import PaperSession
import Watchdog

/// The one session directory that a verb was given, read.
struct SessionDirectory {
  /// As the user typed it.
  let path: String
  let record: SessionRecord

  /// A foreign layout is a usage error: it says what is missing, and which session directories lie below.
  init(_ arguments: Arguments, verb: String) throws(UsageError) {
    guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "\(verb): one session directory is needed, as in 'chaos \(verb) sessions/latest'")
    }
    guard Files.isDirectory(directory) else { throw UsageError(text: "\(verb): '\(directory)' is not a directory") }
    path = directory
    let files: SessionFiles
    do throws(InputError) { files = try SessionInput.files(Self.trimmed(directory)) } catch {
      throw UsageError(text: "\(verb): \(error)")
    }
    do throws(RecordError) { record = try SessionRecord(files: files) } catch {
      let below = Self.below(directory, verb)
      let field = below.isEmpty ? "; for a session of another bot: chaos reconcile \(directory)" : below
      throw UsageError(text: "\(verb): \(directory): \(error)\(field)")
    }
  }

  private static func trimmed(_ directory: String) -> String {
    directory.hasSuffix("/") && directory.count > 1 ? String(directory.dropLast()) : directory
  }

  /// Session directories at most two levels below, as a run with several arms has them.
  private static func below(_ directory: String, _ verb: String) -> String {
    var found: [String] = []
    func walk(_ path: String, _ depth: Int) {
      for name in Files.names(in: path) where Files.isDirectory("\(path)/\(name)") {
        if Files.exists("\(path)/\(name)/run.json") {
          found.append("\(path)/\(name)")
        } else if depth > 1 {
          walk("\(path)/\(name)", depth - 1)
        }
      }
    }
    walk(trimmed(directory), 2)
    if found.isEmpty { return "" }
    return "; below it are\n" + found.prefix(10).map { "  chaos \(verb) \($0)" }.joined(separator: "\n")
  }
}

extension RecordedRun {
  /// The run directory that a verb was given.
  init(_ directory: String, verb: String) throws(UsageError) {
    do throws(InputError) { try self.init(reading: directory, build: BuildIdentity.current) } catch {
      throw UsageError(text: "\(verb): \(error)")
    }
  }
}
