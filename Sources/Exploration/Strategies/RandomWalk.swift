import Basics
public import ChaosRuntime

/// A random walk over schedules, sticky and with stalls.
///
/// Per run it draws how strongly the current thread is preferred (not at all, 1 in 2, 9 in 10) and how often a thread is
/// preempted for a stretch of virtual time. Without stalls, threads driven by timers never meet. A thread that yields makes
/// way for another three times in four.
public final class RandomWalk: Strategy {
  private var stickiness = 0.0
  private var noise: TimeNoise

  /// Without stalls threads are reordered, never held up, so that limits in time may be judged.
  public init(noise: StrategyPlan.Noise) { self.noise = TimeNoise(noise) }

  /// Draws stickiness and noise of this run.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x57A1))
    stickiness = [0, 0.5, 0.9][Mixing.index(draws.next(), below: 3)]
    noise.begin(&draws)
  }

  /// Goes on with the probability of the stickiness; else any thread that can run, the current one included.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    let draw = point.draw
    if point.canProceed {
      if let length = noise.stall(draw) { return .stall(length) }
      if point.isYielding { return Self.giveWay(at: point) }
      if point.runnableCount == 0 || Mixing.unit(Mixing.mix(draw)) < stickiness { return .proceed }
    }
    return Self.any(of: point)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Fair: at every step each runnable thread has a probability above zero.
  public var isFair: Bool { true }

  /// Name, stickiness and the noise drawn for this run.
  public var summary: String { "random walk, stickiness \(stickiness), \(noise.summary)" }

  /// Every thread that can run, the current one included, with the same probability.
  static func any(of point: borrowing SchedulingPoint) -> Decision {
    if point.isYielding { return giveWay(at: point) }
    let draw = Mixing.mix(point.draw ^ 0x5EED)
    guard point.canProceed else { return .run(Mixing.index(draw, below: point.runnableCount)) }
    let index = Mixing.index(draw, below: point.runnableCount + 1)
    return index == point.runnableCount ? .proceed : .run(index)
  }

  /// At a yield: three times in four another thread, any with the same probability. Always would leave out the schedules in
  /// which a yield changes nothing.
  private static func giveWay(at point: borrowing SchedulingPoint) -> Decision {
    if staysAtYield(Mixing.mix(point.draw ^ 0x57A7)) { return .stay }
    return .run(Mixing.index(Mixing.mix(point.draw ^ 0x5EED), below: point.runnableCount))
  }

  /// Whether a thread that yields goes on all the same.
  static func staysAtYield(_ draw: UInt64) -> Bool { draw % 4 == 0 }
}
