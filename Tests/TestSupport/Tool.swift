import Foundation

/// Programs as a user starts them: the built `chaos` beside the test bundle, scripts through bash.
public enum Tool {
  public struct Result: Sendable {
    public var code: Int32
    public var out: String
    public var error: String
  }

  /// There is no `chaos` to start.
  public struct NotBuilt: Error {}

  /// The folder of the build: the one that holds `chaos`, above the test bundle.
  public static let folder: String? = {
    var folder = Bundle.main.executableURL?.deletingLastPathComponent()
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      folder = URL(fileURLWithPath: argument).deletingLastPathComponent()
    }
    while let at = folder, at.path != "/" {
      if FileManager.default.isExecutableFile(atPath: at.appendingPathComponent("chaos").path) { return at.path }
      folder = at.deletingLastPathComponent()
    }
    let built = Folder.root + "/.build/debug"
    return FileManager.default.isExecutableFile(atPath: built + "/chaos") ? built : nil
  }()

  /// The built `chaos`.
  public static var path: String {
    get throws {
      guard let folder else { throw NotBuilt() }
      return folder + "/chaos"
    }
  }

  public static let hasJq = (try? run("/usr/bin/env", ["jq", "--version"]))?.code == 0

  /// Runs `chaos` in a folder and waits for its end.
  public static func chaos(_ arguments: [String], in directory: String = Folder.root) throws -> Result {
    try run(try path, arguments, in: directory)
  }

  /// Runs a program in a folder and waits for its end.
  public static func run(
    _ program: String, _ arguments: [String], in directory: String = Folder.root, environment: [String: String]? = nil
  ) throws -> Result {
    let scratch = Scratch()
    let (out, error) = (scratch.path + "/out", scratch.path + "/error")
    for file in [out, error] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    if let environment { process.environment = environment }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: error))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    func text(_ file: String) -> String {
      String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
    return Result(code: process.terminationStatus, out: text(out), error: text(error))
  }
}
