import CPlatform
import Synchronization

/// Where the thread that closes a cycle leaves word for the watchdog: one compare-and-swap and one wake, no lock.
final class CycleReportSlot: Sendable {
  /// Slot + 1 in the upper 16 bits, low 48 bits of the monotonic nanoseconds; 0: empty.
  private let letter = Atomic<UInt64>(0)
  private let closed = Atomic<Bool>(false)
  nonisolated(unsafe) private let wake: UnsafeMutablePointer<UInt32>

  private static let timeMask: UInt64 = (1 << 48) - 1

  init() {
    wake = .allocate(capacity: 1)
    wake.initialize(to: 0)
  }

  deinit { wake.deallocate() }

  func publish(slot: UInt32) {
    let value = UInt64(slot + 1) << 48 | cp_monotonic_ns() & Self.timeMask
    guard letter.compareExchange(expected: 0, desired: value, ordering: .sequentiallyConsistent).exchanged else {
      return
    }
    ring()
  }

  func ring() {
    _ = cp_add(wake, 1)
    cp_futex_wake(wake, 1)
  }

  /// The slot of a thread in a proven cycle, and when it was reported; nil: nothing came.
  func take() -> (slot: UInt32, time: UInt64)? {
    let value = letter.exchange(0, ordering: .sequentiallyConsistent)
    guard value != 0 else { return nil }
    let now = cp_monotonic_ns()
    var time = now & ~Self.timeMask | value & Self.timeMask
    if time > now { time &-= Self.timeMask + 1 }
    return (UInt32(value >> 48) - 1, time)
  }

  /// The reader is to look once more and leave.
  func close() {
    closed.store(true, ordering: .sequentiallyConsistent)
    ring()
  }

  var isClosed: Bool { closed.load(ordering: .sequentiallyConsistent) }

  var seen: UInt32 { cp_load(wake) }

  /// Waits for the next ring after `seen`, until the absolute monotonic time.
  func wait(seen: UInt32, until deadline: UInt64) { _ = cp_futex_wait(wake, seen, deadline) }
}
