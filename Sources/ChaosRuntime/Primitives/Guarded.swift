public import Basics

/// State that only its lock gives out: what cannot be reached without the lock cannot be touched without it.
///
/// A section that waits on a condition of the lock gives it up meanwhile, and others change the state: such state belongs into
/// a class of its own, or it would be taken for unchanged.
public final class Guarded<State>: @unchecked Sendable {
  /// The lock that gives the state out; held by others than `withLock`, it keeps everybody from the state.
  public let lock: Lock
  // The lock says who may touch it; checking each access again costs as much as the access.
  @exclusivity(unchecked) @usableFromInline var state: State

  /// State with its first value, behind a lock that guards nothing else.
  public init(_ lock: Lock, _ state: State) {
    self.lock = lock
    self.state = state
  }

  /// Runs `body` on the state with the lock held, and gives the lock back however `body` ends.
  ///
  /// - Throws: what `body` throws, and `Stopped` when the lock could not be taken, in which case `body` did not run.
  @inlinable public func withLock<R>(
    _ file: StaticString = #fileID, _ line: UInt32 = #line, _ body: (inout State) throws(Stopped) -> R
  ) throws(Stopped) -> R {
    try lock.lock(file, line)
    defer { lock.unlock() }
    return try body(&state)
  }

  /// The state, for a thread that holds the lock; one that does not ends the process, live and simulated.
  public var held: State {
    lock.requireHolder("read through")
    return state
  }
}
