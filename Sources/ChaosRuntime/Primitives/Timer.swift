public import Basics

/// A ticker without drift: tick n is due n intervals after it was made. Ticks that were missed are skipped, not made up.
public final class Timer: @unchecked Sendable {
  /// Names the timer, its lock and its condition in dumps and recordings.
  public let name: String
  private let runtime: Runtime
  private let lock: Lock
  private let changed: Condition
  private let interval: Duration
  private var due: Instant
  private var isCancelled = false

  /// `interval` is at least one nanosecond.
  public init(_ runtime: Runtime, _ name: String, every interval: Duration) {
    precondition(interval > .zero, "a timer needs an interval above zero")
    self.runtime = runtime
    self.name = name
    self.interval = interval
    lock = Lock(runtime, name)
    changed = Condition(lock, "\(name) tick")
    due = runtime.now + interval
  }

  /// Waits for the next tick; false once the timer is cancelled.
  public func next() throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    while !isCancelled {
      let now = runtime.now
      if now >= due {
        repeat { due = due + interval } while due <= now && due < .distantFuture
        return true
      }
      try changed.wait(until: due)
    }
    return false
  }

  /// Ends the timer for good: whoever waits in `next()` gets false, and so does every later call.
  public func cancel() throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    isCancelled = true
    changed.broadcast()
  }
}
