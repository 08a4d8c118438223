import ChaosRuntime

/// Folders of the repository.
public enum Folder {
  public static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  /// Names of what stands in a folder, sorted; none when it cannot be read.
  public static func names(_ path: String) -> [String] { Files.names(in: path) }
}
