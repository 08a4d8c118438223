import Glibc

/// Folders of the repository.
public enum Folder {
  public static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  /// Names of what stands in a folder, sorted; none when it cannot be read.
  public static func names(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
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
