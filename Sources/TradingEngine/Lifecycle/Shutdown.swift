import Basics

/// How a shutdown went.
public struct ShutdownReport: Sendable, Equatable {
  /// From SHUTDOWN_STARTED to the end of the last wait for a thread.
  public var duration: Duration
  /// Threads that had not ended in time, in the order they were started.
  public var leaked: [String]

  /// A report as given.
  public init(duration: Duration, leaked: [String]) {
    self.duration = duration
    self.leaked = leaked
  }
}

/// Ends the engine: drain, persist, join, all within a limit.
public protocol Shutdown: EnginePart {
  /// Ends the engine; returns within SHUTDOWN_TIMEOUT_S and the time that the log gets on top, whatever hangs.
  func run() throws(Stopped) -> ShutdownReport
}
