import Basics
import ChaosRuntime
import Checks
import Glibc

/// Reads a session directory that somebody hands in: what belongs to a session, with limits, and never a pipe.
struct SessionInput {
  /// Files, folders and bytes of one session at most, and folders in folders.
  private static let filesMax = 1000
  private static let foldersMax = 100
  private static let bytesMax = 1 << 30
  private static let depthMax = 3

  private let directory: String
  private var found: [(path: String, bytes: [UInt8])] = []
  private var folders = 0
  private var total = 0

  private init(_ directory: String) { self.directory = directory }

  /// The session's files by path relative to it. A file of a session that is a pipe, a device, too large or cannot be
  /// read is an error; what no session has is left alone.
  static func files(_ directory: String) throws(InputError) -> SessionFiles {
    var input = SessionInput(directory)
    try input.walk("", depth: 0)
    return SessionFiles(input.found)
  }

  private mutating func walk(_ relative: String, depth: Int) throws(InputError) {
    let full = relative.isEmpty ? directory : "\(directory)/\(relative)"
    folders += 1
    for name in Files.names(in: full) {
      let path = relative.isEmpty ? name : "\(relative)/\(name)"
      var info = stat()
      guard lstat("\(directory)/\(path)", &info) == 0 else { continue }
      if info.st_mode & S_IFMT == S_IFDIR, Self.kind(name) == nil || Files.isDirectory("\(directory)/\(path)/logs") {
        // A folder with a run.json of its own is another session.
        guard depth < Self.depthMax, !Files.exists("\(directory)/\(path)/run.json") else { continue }
        guard folders < Self.foldersMax else { return }
        try walk(path, depth: depth + 1)
      } else if let kind = Self.kind(name) {
        guard found.count < Self.filesMax else {
          throw InputError(file: directory, "more than \(Self.filesMax) files; a session has fewer")
        }
        let bytes = try InputFile.bytes("\(directory)/\(path)", kind)
        total += bytes.count
        guard total <= Self.bytesMax else {
          throw InputError(file: directory, "the files have more than \(Self.bytesMax) bytes together")
        }
        found.append((path, bytes))
      }
    }
  }

  /// Nil: no file of a session.
  private static func kind(_ name: String) -> InputFile.Kind? {
    switch name {
    case "run.json": .run
    case "recording.txt": .recording
    case "stackdump.txt": .dump
    case _ where name.hasSuffix(".jsonl"): .log
    case _ where name.hasSuffix(".json"): .document
    default: nil
    }
  }
}
