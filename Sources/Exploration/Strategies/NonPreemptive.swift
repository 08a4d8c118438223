import Basics
public import ChaosRuntime

/// Threads run until they block or yield: bugs of order alone show at once.
public final class NonPreemptive: Strategy {
  /// Who follows a thread that blocks.
  public enum Order: String, Sendable, CaseIterable {
    /// The one that has been able to run for longest.
    case longestWaiting = "longest-waiting first"
    /// The one that became able to run last.
    case newest = "newest first"
    /// Drawn at every block, each with the same probability.
    case any
  }

  /// Who follows a thread that blocks.
  public let order: Order
  private var noise: TimeNoise

  /// A schedule in that order; with stalls a thread may still be held up.
  public init(_ order: Order, noise: StrategyPlan.Noise) {
    self.order = order
    self.noise = TimeNoise(noise)
  }

  /// Draws the noise of this run; the order has nothing to draw.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x40B))
    noise.begin(&draws)
  }

  /// Goes on while the thread can; at a block the order decides.
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

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Name, order and the noise drawn for this run.
  public var summary: String { "non-preemptive, \(order.rawValue), \(noise.summary)" }
}
