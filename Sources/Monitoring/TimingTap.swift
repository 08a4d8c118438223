import Synchronization

/// Keeps single durations between two visits of whoever sends them on; bounded, and off until somebody wants them.
public final class TimingTap: Sendable {
  /// What was timed: an order from sending to fill, or the main loop's wait for the budget.
  public enum Kind: Sendable { case orderLatency, budgetRefresh }

  /// One duration in milliseconds.
  public struct Timing: Sendable, Equatable {
    /// What was timed.
    public var kind: Kind
    /// How long it took; never NaN.
    public var milliseconds: Double
  }

  /// Durations kept between two visits; later ones are counted and dropped.
  public static let capacity = 8192

  private struct State {
    var timings: [Timing] = []
    var droppedCount = 0
  }

  private let isOpen = Atomic<Bool>(false)
  private let state = Mutex(State())

  /// Keeps durations from now on.
  public func open() {
    state.withLock { $0.timings.reserveCapacity(Self.capacity) }
    isOpen.store(true, ordering: .relaxed)
  }

  @inline(__always) func record(_ kind: Kind, _ milliseconds: Double) {
    guard isOpen.load(ordering: .relaxed), !milliseconds.isNaN else { return }
    keep(Timing(kind: kind, milliseconds: milliseconds))
  }

  private func keep(_ timing: Timing) {
    state.withLock { state in
      if state.timings.count < Self.capacity { state.timings.append(timing) } else { state.droppedCount += 1 }
    }
  }

  /// What was kept since the last call, oldest first, and how many were dropped.
  public func take() -> (timings: [Timing], droppedCount: Int) {
    var fresh = State()
    fresh.timings.reserveCapacity(Self.capacity)
    let taken = state.withLock { [fresh] state in
      defer { state = fresh }
      return state
    }
    return (taken.timings, taken.droppedCount)
  }
}
