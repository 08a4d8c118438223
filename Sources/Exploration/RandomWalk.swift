import ChaosRuntime

/// A random walk over schedules, sticky and with stalls.
///
/// Per run it draws how strongly the current thread is preferred (not at all, 1 in 2, 9 in 10) and how often a thread is
/// preempted for a stretch of virtual time. Stall lengths are log-uniform from 1 ms to 500 ms: short ones order two threads
/// within one poll, long ones across several. Without stalls, threads driven by timers never meet.
public final class RandomWalk: Strategy {
  /// Shortest and longest stall, in nanoseconds.
  static let stallMin = 1_000_000.0
  static let stallMax = 500_000_000.0

  private let hasStalls: Bool
  private var stickiness = 0.0
  private var stallProbability = 0.0
  private var latencyProbability = 0.0

  /// `stalls` false: threads are reordered, never held up, so that limits in time may be judged.
  public init(stalls: Bool) { hasStalls = stalls }

  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x57A1))
    stickiness = [0, 0.5, 0.9][Mixing.index(draws.next(), below: 3)]
    stallProbability = hasStalls ? [0.001, 0.005, 0.02][Mixing.index(draws.next(), below: 3)] : 0
    latencyProbability = [0, 0.25, 0.5][Mixing.index(draws.next(), below: 3)]
  }

  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    let draw = point.draw
    if point.canProceed {
      if stallProbability > 0, Mixing.unit(draw) < stallProbability { return .stall(stallLength(draw)) }
      if point.runnableCount == 0 || Mixing.unit(Mixing.mix(draw)) < stickiness { return .proceed }
      let index = Mixing.index(Mixing.mix(draw ^ 0x5EED), below: point.runnableCount + 1)
      return index == point.runnableCount ? .proceed : .run(index)
    }
    return .run(Mixing.index(Mixing.mix(draw ^ 0x5EED), below: point.runnableCount))
  }

  public func latency(draw: UInt64) -> Int {
    guard Mixing.unit(draw) < latencyProbability else { return 0 }
    return 1 + Mixing.index(Mixing.mix(draw), below: 8)
  }

  public var summary: String {
    "random walk, stickiness \(stickiness), stall probability \(stallProbability), latency probability \(latencyProbability)"
  }

  private func stallLength(_ draw: UInt64) -> Int64 {
    // 2^k steps between the two ends, each equally likely, and uniform within a step.
    let octaves = 9.0
    let position = Mixing.unit(Mixing.mix(draw ^ 0x57A11)) * octaves
    let whole = position.rounded(.down)
    var low = Self.stallMin
    for _ in 0..<Int(whole) { low *= 2 }
    return Int64(min(low * (1 + position - whole), Self.stallMax))
  }
}
