import Basics
import ChaosRuntime
import Synchronization

/// Tells threads that wait for their next turn that the engine ends.
public final class StopSignal: @unchecked Sendable {
  private let lock: Lock
  private let changed: Condition
  private let requested = Atomic<Bool>(false)
  private let drained = Atomic<Bool>(false)

  init(_ runtime: Runtime) {
    lock = Lock(runtime, "stopping")
    changed = Condition(lock, "stopping changed")
  }

  /// Whether the signal was given; takes no lock.
  public var isRequested: Bool { requested.load(ordering: .acquiring) }

  /// Whether open orders were looked after, so that their events need not be read any more.
  public var isDrained: Bool { drained.load(ordering: .acquiring) }

  /// Waits for the signal, at most until `time`; answers whether it was given.
  public func wait(until time: Instant) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    while !isRequested {
      if try !changed.wait(until: time) { return isRequested }
    }
    return true
  }

  /// Ends the user stream.
  public func finishDraining() { drained.store(true, ordering: .releasing) }

  /// Gives the signal.
  public func request() throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    requested.store(true, ordering: .releasing)
    changed.broadcast()
  }
}
