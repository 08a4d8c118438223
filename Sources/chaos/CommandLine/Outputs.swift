import Basics
import ChaosRuntime
import Glibc
import PaperSession
import Watchdog

/// Where results go, looked at before any work is done: an hour's run must not end with "no such directory". What is written
/// is finished before a first signal ends the process.
enum Outputs {
  /// What makes and writes session directories here.
  static let store = RunStore(build: BuildIdentity.current, now: { WallClock.now }, put: { write($0, to: $1) })

  /// `Files.write`.
  static func write(_ files: [(path: String, bytes: [UInt8])], to directory: String) -> String? {
    Interruption.shielded { Files.write(files, to: directory) }
  }

  /// `Files.replace`.
  static func replace(_ bytes: [UInt8], at path: String) -> String? {
    Interruption.shielded { Files.replace(bytes, at: path) }
  }

  /// `Files.link`.
  static func link(_ path: String, to target: String) {
    Interruption.shielded { Files.link(path, to: target) }
  }

  /// Options that name a file to be written.
  private static let files = ["json", "junit", "markdown"]
  /// Folders that verbs write below when no `--out` says otherwise.
  private static let folders = ["run": "runs", "gauntlet": "runs", "paper": "sessions", "serve": "runs"]

  /// Refuses what cannot be written; leaves nothing behind.
  static func check(_ arguments: Arguments, _ verb: Verb) throws(UsageError) {
    for option in verb.options where option.value != nil && files.contains(option.name) {
      if let path = arguments[option.name] { try checkFile(path, option: "--\(option.name)") }
    }
    guard verb.options.contains(where: { $0.name == "out" }) else { return }
    if let path = arguments["out"] {
      try checkFolder(path, option: "--out")
    } else if let path = folders[verb.name], !arguments.has("list") {
      try checkFolder(path, option: verb.name)
    }
  }

  /// A file that is to be replaced by a rename: a regular one or none, in a folder that takes a new file.
  static func checkFile(_ path: String, option: String) throws(UsageError) {
    func fail(_ text: String) -> UsageError { UsageError(text: "\(option): \(text)") }
    if path.isEmpty { throw fail("an empty name is not a file; name one, as in report.\(extensions[option] ?? "txt")") }
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG {
      let what = info.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
      throw fail("'\(path)' is \(what); name a file to write")
    }
    if path.hasSuffix("/") { throw fail("'\(path)' ends as a directory does; name a file to write") }
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard Files.isDirectory(folder) else { throw fail("there is no directory '\(folder)'; make it first") }
    if let error = probe(folder) { throw fail("'\(folder)' takes no new file: \(error)") }
  }

  /// A folder below which new ones are made: it, or its nearest parent that is there, must take them.
  static func checkFolder(_ path: String, option: String) throws(UsageError) {
    func fail(_ text: String) -> UsageError { UsageError(text: "\(option): \(text)") }
    if path.isEmpty { throw fail("an empty name is not a directory; leave the option out, or name one") }
    var at = path
    while true {
      if Files.isDirectory(at) { break }
      var info = stat()
      if lstat(at, &info) == 0 { throw fail("'\(at)' is not a directory, and results are written below it") }
      guard let slash = at.dropLast().lastIndex(of: "/") else {
        at = path.hasPrefix("/") ? "/" : "."
        break
      }
      at = slash == at.startIndex ? "/" : String(at[..<slash])
    }
    if let error = probe(at) { throw fail("'\(at)' takes no new directory: \(error)") }
  }

  private static let extensions = ["--json": "json", "--junit": "xml", "--markdown": "md"]

  /// Why a folder takes no new entry; nil: it does. Nothing of the attempt stays.
  private static func probe(_ folder: String) -> String? {
    let path = "\(folder)/.chaos-probe-\(getpid())"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { return String(cString: strerror(errno)) }
    close(descriptor)
    unlink(path)
    return nil
  }
}
