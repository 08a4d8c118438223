import Basics
public import ChaosRuntime

/// Threads take turns: after every `quantum` steps with a choice the longest-waiting one runs.
public final class RoundRobin: Strategy {
  /// Steps with a choice before the next thread's turn, at least 1.
  public let quantum: Int
  private var noise: TimeNoise
  private var choices = 0

  /// `quantum` is at least 1.
  public init(quantum: Int, noise: StrategyPlan.Noise) {
    precondition(quantum > 0, "a quantum is at least one step")
    self.quantum = quantum
    self.noise = TimeNoise(noise)
  }

  /// Starts the count of steps anew and draws the noise.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x3083))
    noise.begin(&draws)
    choices = 0
  }

  /// Goes on within the quantum, then hands over to the thread that has waited longest.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    guard point.canProceed else { return .run(0) }
    if let length = noise.stall(point.draw) { return .stall(length) }
    if point.runnableCount == 0 { return .proceed }
    choices += 1
    // At a yield the longest-waiting thread runs, whatever is left of the quantum.
    return choices % quantum == 0 ? .run(0) : .proceed
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Fair: a runnable thread runs after as many turns as there are others.
  public var isFair: Bool { true }

  /// Name, quantum and the noise drawn for this run.
  public var summary: String { "round robin, quantum \(quantum), \(noise.summary)" }
}
