import Basics
public import ChaosRuntime

/// Partial order sampling: every pending operation has a random priority, the highest runs, and those that race with it draw
/// again.
///
/// A thread that yields makes way for another three times in four. It samples the orders of racing operations rather than the orders of all (Yuan, Yang and Gu, "Partial Order Aware
/// Concurrency Sampling", CAV 2018).
public final class POS: Strategy {
  // Only the thread that has its turn asks a strategy; checking each access again costs a tenth of a schedule.
  @exclusivity(unchecked) private var noise: TimeNoise
  @exclusivity(unchecked) private var draws = SplitMix(seed: 0)
  /// Of the pending operation of each thread; 0 is to be drawn.
  @exclusivity(unchecked) private var priorities: [UInt64] = []

  /// A schedule with priorities of its own for every pending operation.
  public init(noise: StrategyPlan.Noise) { self.noise = TimeNoise(noise) }

  /// Forgets all priorities; each is drawn when it is first needed.
  public func begin(seed: UInt64) {
    draws = SplitMix(seed: Mixing.mix(seed, 0x905))
    noise.begin(&draws)
    priorities.removeAll(keepingCapacity: true)
  }

  /// The pending operation of highest priority; O(runnable threads).
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    let me = point.thread
    if point.canProceed {
      if let length = noise.stall(point.draw) { return .stall(length) }
      if point.runnableCount == 0 {
        clear(me)
        return .proceed
      }
    } else {
      clear(me)
    }
    var best = (thread: -1, index: -1, operation: point.operation, object: point.object)
    var top: UInt64 = 0
    let makesWay = point.isYielding && !RandomWalk.staysAtYield(draws.next())
    if point.canProceed, !makesWay {
      best.thread = me
      top = priority(me)
    }
    for index in 0..<point.runnableCount {
      let other = point.runnable(index)
      let its = priority(other.thread)
      if best.thread < 0 || its > top {
        best = (other.thread, index, other.operation, other.object)
        top = its
      }
    }
    for index in 0..<point.runnableCount where index != best.index {
      let other = point.runnable(index)
      if Self.race(other.operation, other.object, best.operation, best.object) { clear(other.thread) }
    }
    if point.canProceed, best.index >= 0, Self.race(point.operation, point.object, best.operation, best.object) {
      clear(me)
    }
    clear(best.thread)
    if best.index < 0 { return point.isYielding ? .stay : .proceed }
    return .run(best.index)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Name and the noise drawn for this run.
  public var summary: String { "POS, \(noise.summary)" }

  /// Whether the order of two operations can matter.
  static func race(_ a: Operation, _ x: Int, _ b: Operation, _ y: Int) -> Bool {
    guard x == y, x != 0, a != .unlock, b != .unlock else { return false }
    return !(a == .read && b == .read)
  }

  private func priority(_ thread: Int) -> UInt64 {
    while thread >= priorities.count { priorities.append(0) }
    if priorities[thread] == 0 { priorities[thread] = draws.next() | 1 }
    return priorities[thread]
  }

  private func clear(_ thread: Int) {
    if thread < priorities.count { priorities[thread] = 0 }
  }
}
