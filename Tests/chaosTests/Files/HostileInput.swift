import Foundation
import TestSupport
import Testing

/// A folder with a copy of one small real session, to be spoiled; every case has its own.
struct HostileInput {
  let scratch = Scratch()
  /// The session directory.
  var session: String { scratch.path + "/session" }
  /// A folder beside it, for what an option names.
  var path: String { scratch.path }

  /// The files of a session of 20 s that every case starts from, made once; empty: it could not be made.
  private static let original: [String: Data] = {
    let scratch = Scratch()
    guard (try? Tool.chaos(["paper", "--duration", "20", "--seed", "3", "--out", scratch.path])) != nil,
      let name = Folder.names(scratch.path).first(where: { $0.hasPrefix("session_") })
    else { return [:] }
    var files: [String: Data] = [:]
    let folder = "\(scratch.path)/\(name)"
    for path in FileManager.default.subpaths(atPath: folder) ?? [] {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory) else { continue }
      if !isDirectory.boolValue { files[path] = FileManager.default.contents(atPath: "\(folder)/\(path)") }
    }
    return files
  }()

  init() throws {
    try #require(!Self.original.isEmpty, "no session could be made")
    for (path, data) in Self.original {
      let folder = ("\(session)/\(path)" as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try data.write(to: URL(fileURLWithPath: "\(session)/\(path)"))
    }
  }

  /// The event log, by its path in the session.
  var events: String { "logs/" + (Folder.names(session + "/logs").first { $0.hasPrefix("events") } ?? "none") }

  func bytes(_ file: String) -> [UInt8] {
    [UInt8](FileManager.default.contents(atPath: "\(session)/\(file)") ?? Data())
  }

  /// Puts bytes in place of a file of the session.
  func put(_ file: String, _ bytes: [UInt8]) {
    remove(file)
    _ = FileManager.default.createFile(atPath: "\(session)/\(file)", contents: Data(bytes))
  }

  func put(_ file: String, _ text: String) { put(file, Array(text.utf8)) }

  func remove(_ file: String) { try? FileManager.default.removeItem(atPath: "\(session)/\(file)") }

  /// Replaces the first place that matches; a text that is not there is the test's mistake.
  func replace(_ file: String, _ pattern: String, _ text: String) throws {
    let old = String(decoding: bytes(file), as: UTF8.self)
    let range = try #require(old.range(of: pattern, options: .regularExpression), "\(file) has no \(pattern)")
    put(file, old.replacingCharacters(in: range, with: text))
  }

  func append(_ file: String, _ text: String) { put(file, bytes(file) + Array(text.utf8)) }

  // MARK: What is no regular file

  func pipe(_ file: String) {
    remove(file)
    mkfifo("\(session)/\(file)", 0o644)
  }

  func directory(_ file: String) {
    remove(file)
    mkdir("\(session)/\(file)", 0o755)
  }

  func link(_ file: String, to target: String) {
    remove(file)
    symlink(target, "\(session)/\(file)")
  }

  /// So large that nobody could read it, without a block on the disk.
  func sparse(_ file: String) {
    put(file, "x")
    truncate("\(session)/\(file)", 1 << 40)
  }
}

/// One hostile input: what is done to the session, what is run, and how it must end.
struct HostileCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// `DIR` stands for the session, `PATH` for the folder around it.
  let words: [String]
  /// Nil: any code that is a verdict, as long as nothing traps or hangs.
  var code: Int32? = 2
  /// Must be on stderr.
  var says: [String]
  let spoil: @Sendable (HostileInput) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ words: String, code: Int32? = 2, says: String...,
    spoil: @escaping @Sendable (HostileInput) throws -> Void
  ) {
    self.name = name
    self.words = words.split(separator: " ").map(String.init)
    self.code = code
    self.says = says
    self.spoil = spoil
  }

  /// Runs the case; the process is ended after 30 s.
  func check() throws {
    let input = try HostileInput()
    try spoil(input)
    let program = try #require(Tool.folder, "chaos is not built") + "/chaos"
    let words = words.map {
      $0.replacingOccurrences(of: "DIR", with: input.session).replacingOccurrences(of: "PATH", with: input.path)
    }
    // The shell tells an exit code from a signal, which is 128 more: an illegal instruction must not pass for code 4.
    let script = "timeout -k 1 30 \"$@\"; exit $?"
    let result = try Tool.run("/bin/sh", ["-c", script, "sh", program] + words, in: input.path)
    #expect(result.code != 124 && result.code != 137, "\(name): it hung")
    if let code {
      #expect(result.code == code, "\(name): \(result.code)\n\(result.error)")
    } else {
      #expect([0, 1, 3, 4].contains(result.code), "\(name): \(result.code)\n\(result.error)")
    }
    for text in says { #expect(result.error.contains(text), "\(name): \(result.error.prefix(2000))") }
    #expect(result.error.utf8.count < 100_000, "\(name): an error is short")
  }
}
