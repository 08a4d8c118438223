public import Basics

/// What the machine's crash at one moment would have left of a file.
public struct CrashImage: Sendable, Equatable {
  /// What would be found under the file's name.
  public enum Content: Sendable, Equatable {
    /// The whole file as it was synced last.
    case whole([UInt8])
    /// No file of that name, or none of which anything was synced.
    case missing
    /// A part of what was being written in the file's own place.
    case torn
  }

  /// From this moment on.
  public var time: Instant
  /// The file's final name.
  public var path: String
  /// What would be left.
  public var content: Content

  /// An image as given.
  public init(time: Instant, path: String, content: Content) {
    self.time = time
    self.path = path
    self.content = content
  }
}
