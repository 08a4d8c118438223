import Glibc
import Testing

/// Folders of the repository, and one of the test's own.
enum Folder {
  static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
  static let sampleMarket = root + "/scripts/sample-market"

  static func names(_ path: String) throws -> [String] {
    let directory = try #require(opendir(path), "no folder \(path)")
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }
}

/// A folder of its own for one test, removed at its end.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/paper-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.flatMap { mkdtemp($0) } }
    path = String(cString: try #require(made))
  }

  func write(_ text: String, to name: String) throws {
    let file = try #require(fopen("\(path)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }

  deinit {
    for name in (try? Folder.names(path)) ?? [] { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}
