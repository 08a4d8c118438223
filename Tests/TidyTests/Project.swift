import Foundation

/// One tracked text file of the project.
struct ProjectFile: Sendable, CustomStringConvertible {
  /// Relative to the project's folder.
  let path: String
  let text: String

  var description: String { path }
  var name: String { String(path.split(separator: "/").last ?? "") }
  /// The folder below `Sources` or `Tests`.
  var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
}

/// The project on disk, read once.
enum Project {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static let sources = files(below: "Sources", ending: [".swift", ".c", ".h"])
  static let tests = files(below: "Tests", ending: [".swift"])
  static let faults = files(below: "faults", ending: [".toml"])
  static let pages = files(below: "Sources", ending: [".md"])
  static let scripts = files(below: "scripts", ending: [".sh"])
  static var swift: [ProjectFile] { (sources + tests).filter { $0.path.hasSuffix(".swift") } }

  static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: "\(root)/\(path)").map { String(decoding: $0, as: UTF8.self) }
  }

  /// The text of a module's file, in whatever folder it lies.
  static func source(_ name: String, of module: String) -> String? {
    sources.first { $0.module == module && $0.name == name }?.text
  }

  private static func files(below folder: String, ending: [String]) -> [ProjectFile] {
    guard let walk = FileManager.default.enumerator(atPath: "\(root)/\(folder)") else { return [] }
    var found: [ProjectFile] = []
    while let name = walk.nextObject() as? String {
      guard ending.contains(where: { name.hasSuffix($0) }), let text = text("\(folder)/\(name)") else { continue }
      found.append(ProjectFile(path: "\(folder)/\(name)", text: text))
    }
    return found.sorted { $0.path < $1.path }
  }

  /// Paths that git tracks; nil where there is no git or no repository.
  static let tracked: [String]? = {
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "-C", root, "ls-files"]
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    guard git.terminationStatus == 0 else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }()
}
