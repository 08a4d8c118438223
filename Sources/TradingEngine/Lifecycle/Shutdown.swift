import Basics

/// How a shutdown went.
public struct ShutdownReport: Sendable, Equatable {
  public var duration: Duration
  /// Threads that had not ended in time, in the order they were started.
  public var leaked: [String]

  public init(duration: Duration, leaked: [String]) {
    self.duration = duration
    self.leaked = leaked
  }
}

/// Ends the engine: drain, persist, join, all within a limit.
public protocol Shutdown: EnginePart {
  func run() throws(Stopped) -> ShutdownReport
}
