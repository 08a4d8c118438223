public import Basics

/// When a thread began, and when it ended.
public struct ThreadState: Sendable, Equatable {
  /// The name given to `spawn`.
  public var name: String
  /// When it was spawned.
  public var startedAt: Instant
  /// When its body returned or threw; nil while it runs.
  public var endedAt: Instant?
  /// Whether it had ended; of a run's first thread, whose end is the run's, always true once the run is over.
  public var isFinished: Bool

  /// A state as given.
  public init(name: String, startedAt: Instant, endedAt: Instant? = nil, isFinished: Bool) {
    self.name = name
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.isFinished = isFinished
  }
}
