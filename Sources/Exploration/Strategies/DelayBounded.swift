import Basics
public import ChaosRuntime

/// Threads run until they block or yield, in turn, but for a few delays: at a random step the thread whose turn it is waits for all
/// others once.
///
/// Most bugs need one delay or two (Emmi, Qadeer and Rakamaric, "Delay-Bounded Scheduling", POPL 2011).
public final class DelayBounded: Strategy {
  /// Delays of a schedule, at least 0.
  public let delays: Int
  /// Steps with a choice among which the delays fall, at least 1.
  public let steps: Int
  private var noise: TimeNoise
  /// Steps at which a thread is delayed, ascending.
  private var moments: [Int] = []
  private var passed = 0
  private var choices = 0

  /// `steps` is at least 1: the steps with a choice among which the delays fall.
  public init(delays: Int, steps: Int, noise: StrategyPlan.Noise) {
    precondition(delays >= 0 && steps > 0, "a delay-bounded search needs a number of steps above zero")
    self.delays = delays
    self.steps = steps
    self.noise = TimeNoise(noise)
  }

  /// Draws the steps of the delays; two may fall on one step, which then delays two threads.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0xDE1A))
    noise.begin(&draws)
    moments = (0..<delays).map { _ in Mixing.index(draws.next(), below: steps) }.sorted()
    passed = 0
    choices = 0
  }

  /// The thread whose turn it is goes on; at a delay the next in line takes its place.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    if point.canProceed {
      if let length = noise.stall(point.draw) { return .stall(length) }
      if point.runnableCount == 0 { return .proceed }
    }
    defer { choices += 1 }
    var skipped = 0
    while passed < moments.count, moments[passed] <= choices {
      passed += 1
      skipped += 1
    }
    // A yield ends a turn as blocking does.
    if point.canProceed, !point.isYielding {
      return skipped == 0 ? .proceed : .run((skipped - 1) % point.runnableCount)
    }
    return .run(skipped % point.runnableCount)
  }

  /// As the noise has it; delays concern the order alone.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Name, delays, steps and the noise drawn for this run.
  public var summary: String { "delay-bounded, \(delays) delays, \(steps) steps, \(noise.summary)" }
}
