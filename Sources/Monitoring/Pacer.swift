import Basics
import ChaosRuntime
import Synchronization

/// Lets a service thread work at a pace until it is told to end.
public final class Pacer: Sendable {
  private let lock: Lock
  private let changed: Condition
  private let ended = Atomic<Bool>(false)

  /// A pacer for one service; `name` names its lock in dumps.
  public init(_ runtime: Runtime, _ name: String) {
    lock = Lock(runtime, name)
    changed = Condition(lock, "\(name) ends")
  }

  /// Whether `end()` was called; takes no lock.
  public var isEnded: Bool { ended.load(ordering: .acquiring) }

  /// Waits until `time`, or for the end; answers whether it came.
  public func wait(until time: Instant) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    while !isEnded {
      if try !changed.wait(until: time) { return isEnded }
    }
    return true
  }

  /// Ends the service's next wait, and all later ones.
  public func end() throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    ended.store(true, ordering: .releasing)
    changed.broadcast()
  }
}
