public import Basics

/// That something was added to a file, and when.
public struct AppendNote: Sendable, Equatable {
  /// When the disk had it.
  public var time: Instant
  /// The file's name.
  public var path: String
  /// Ends of lines in what was added.
  public var lines: Int

  /// A note as given.
  public init(time: Instant, path: String, lines: Int) {
    self.time = time
    self.path = path
    self.lines = lines
  }
}
