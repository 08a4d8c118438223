/// The files of one session directory, by path relative to it.
public struct SessionFiles: Sendable {
  /// Sorted by path.
  public private(set) var files: [(path: String, bytes: [UInt8])]

  /// Any order; kept sorted by path.
  public init(_ files: [(path: String, bytes: [UInt8])] = []) {
    self.files = files.sorted { $0.path < $1.path }
  }

  /// The bytes of a file; nil when there is none. O(files).
  public subscript(path: String) -> [UInt8]? { files.first { $0.path == path }?.bytes }

  /// The first file whose path has this beginning and end.
  public func first(prefix: String, suffix: String) -> (path: String, bytes: [UInt8])? {
    files.first { $0.path.hasPrefix(prefix) && $0.path.hasSuffix(suffix) }
  }

  /// Adds a file, or replaces the one of that path.
  public mutating func set(_ path: String, _ bytes: [UInt8]) {
    if let index = files.firstIndex(where: { $0.path == path }) {
      files[index].bytes = bytes
    } else {
      files.append((path, bytes))
      files.sort { $0.path < $1.path }
    }
  }
}
