import Glibc

/// Reads the tick files of a folder with plain system calls.
public enum TickFiles {
  /// Most files in a folder.
  public static let filesMax = 256
  /// Largest file.
  public static let bytesMax = 64 * 1024 * 1024

  /// The `.jsonl` files of a folder, by name.
  public static func read(folder: String) throws(MarketDataError) -> [(name: String, bytes: [UInt8])] {
    guard let directory = opendir(folder) else { throw .noFolder(folder) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".jsonl"), !name.hasPrefix(".") { names.append(name) }
    }
    closedir(directory)
    guard !names.isEmpty else { throw .noFiles(folder) }
    guard names.count <= filesMax else { throw .tooManyFiles(folder) }
    var files: [(name: String, bytes: [UInt8])] = []
    for name in names.sorted() { files.append((name: name, bytes: try read(file: "\(folder)/\(name)"))) }
    return files
  }

  private static func read(file: String) throws(MarketDataError) -> [UInt8] {
    guard let stream = fopen(file, "rb") else { throw .unreadable(file) }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= bytesMax else { throw .tooLarge(file) }
    }
    guard ferror(stream) == 0 else { throw .unreadable(file) }
    return bytes
  }
}
