import CPlatform

/// Stretches in which nothing in the process ran: it was stopped, frozen, or the machine slept.
///
/// A thread that sleeps for a tick and wakes much later was stopped with its process, or got no processor. The kernel counts
/// the time in which it could have run and did not, so the two are told apart.
struct Standstills {
  /// Nanoseconds below which a late tick is none.
  private static let least: UInt64 = 1_000_000_000

  /// Of the last one; 0: there was none.
  private(set) var lastEnd: UInt64 = 0
  private(set) var lastLength: UInt64 = 0
  private(set) var lastIsSuspension = false
  /// When the watchdog went to sleep, and how long it had waited for a processor until then.
  private var asleep: UInt64 = 0
  private var delay: UInt64 = 0

  /// Before the watchdog waits for its next tick.
  mutating func willWait(now: UInt64) {
    asleep = now
    delay = cp_run_delay_ns()
  }

  /// After it woke; true: there was one. `slept` is how long the machine was suspended.
  mutating func hasWoken(now: UInt64, due: UInt64, slept: UInt64) -> Bool {
    guard asleep > 0 else { return false }
    let late = now > max(due, asleep) ? now - max(due, asleep) : 0
    let missed = max(late, slept)
    guard missed >= Self.least else { return false }
    if slept < Self.least, cp_run_delay_ns() &- delay >= missed / 2 { return false }
    lastEnd = now
    lastLength = missed
    lastIsSuspension = slept >= Self.least
    return true
  }
}
