import Basics
public import ChaosRuntime

/// Threads run until they block or yield: bugs of order alone show at once.
public final class NonPreemptive: Strategy {
  /// Who follows a thread that blocks.
  public enum Order: String, Sendable, CaseIterable {
    case longestWaiting = "longest-waiting first"
    case newest = "newest first"
    case any
  }

  public let order: Order
  private var noise: TimeNoise

  public init(_ order: Order, noise: StrategyPlan.Noise) {
    self.order = order
    self.noise = TimeNoise(noise)
  }

  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x40B))
    noise.begin(&draws)
  }

  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    if point.canProceed {
      if let length = noise.stall(point.draw) { return .stall(length) }
      // At a yield the longest-waiting thread follows in any order: the newest is the one that yielded before.
      return .proceed
    }
    switch order {
    case .longestWaiting: return .run(0)
    case .newest: return .run(point.runnableCount - 1)
    case .any: return RandomWalk.any(of: point)
    }
  }

  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  public var summary: String { "non-preemptive, \(order.rawValue), \(noise.summary)" }
}
