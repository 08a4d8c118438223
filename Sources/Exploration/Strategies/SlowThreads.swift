import Basics
public import ChaosRuntime

/// A random walk in which some threads are slow for the whole run: each of their steps takes the same time.
///
/// Stalls that are drawn step by step seldom hold up several threads at once, or one for as long as it takes others to go
/// round several times; with too few cores, or under a debugger, that is what happens. Per run are drawn: the time of a step,
/// log-uniformly between 10 us and 100 ms; how likely a thread is slow, 1 in 4, in 2, or 3 in 4; and whether threads whose
/// names differ in a number only, such as the workers of a pool, are slow together. Nobody is slow in schedules without stalls.
///
/// A thread that could never again do its work in time would fail any check that has a limit. So time lost is a debt, of which
/// half of the time that passes is taken off; while it would exceed 2 s, the thread catches up at full speed.
///
/// A thread that has yielded 1000 times waits for time to pass, as the runtime sees it too, and loses none from then on: while
/// it took 10 us for each turn, a wait of a minute would take millions of them, and look like one without an end.
public final class SlowThreads: Strategy {
  /// Shortest and longest time of a step, in nanoseconds, and the doublings between them.
  private static let stepMin = 10_000.0
  private static let stepMax = 100_000_000.0
  private static let octaves = 13.3

  /// Time that a thread may have lost, in nanoseconds.
  private static let debtMax: Int64 = 2_000_000_000

  /// Yields of a thread in a run up to which it may be slow.
  private static let yieldsMax = 1000

  private enum Pace { case unknown, fast, slow }

  @exclusivity(unchecked) private var noise: TimeNoise
  private let hasSlow: Bool
  private var stickiness = 0.0
  private var seed: UInt64 = 0
  /// How long a step of a slow thread takes, in nanoseconds.
  private var step: Int64 = 0
  private var probability = 0.0
  private var isByName = false
  /// By thread; the debt in nanoseconds as of a moment of the run.
  @exclusivity(unchecked) private var paces: [(pace: Pace, debt: Int64, moment: Int64, yields: Int)] = []

  /// Slow threads are the only ones that are held up; latencies and early wakeups stay.
  public init(noise: StrategyPlan.Noise) {
    self.noise = TimeNoise(noise == .none ? .none : .latencies)
    hasSlow = noise == .stalls
  }

  /// Draws who is slow, and how slow.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x5103))
    stickiness = [0, 0.5, 0.9][Mixing.index(draws.next(), below: 3)]
    noise.begin(&draws)
    step = TimeNoise.logUniform(
      Mixing.unit(draws.next()), from: Self.stepMin, octaves: Self.octaves, to: Self.stepMax)
    probability = [0.25, 0.5, 0.75][Mixing.index(draws.next(), below: 3)]
    isByName = Mixing.index(draws.next(), below: 2) == 0
    self.seed = draws.next()
    paces.removeAll(keepingCapacity: true)
  }

  /// A slow thread takes its time before each step, unless its debt is too large; else any thread goes on that can.
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    if point.canProceed {
      if hasSlow, losesTime(point) { return .stall(step) }
      if !point.isYielding, point.runnableCount == 0 || Mixing.unit(Mixing.mix(point.draw)) < stickiness {
        return .proceed
      }
    }
    return RandomWalk.any(of: point)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Fair while nobody is slow: a slow thread loses any number of turns.
  public var isFair: Bool { !hasSlow }

  /// Name, the time of a step, who is slow, and the noise drawn for this run.
  public var summary: String {
    let who = hasSlow ? "\(step) ns a step, probability \(probability)\(isByName ? " by name" : "")" : "none"
    return "slow threads, \(who), stickiness \(stickiness), \(noise.summary)"
  }

  private func losesTime(_ point: borrowing SchedulingPoint) -> Bool {
    let thread = point.thread
    while paces.count <= thread { paces.append((.unknown, 0, 0, 0)) }
    if paces[thread].pace == .unknown {
      let key = isByName ? String(Directed.stem(point.threadName(thread))) : point.threadPath
      paces[thread].pace = Mixing.unit(Mixing.mix(seed, Mixing.hash(key))) < probability ? .slow : .fast
    }
    guard paces[thread].pace == .slow, paces[thread].yields < Self.yieldsMax else { return false }
    if point.operation == .yield { paces[thread].yields += 1 }
    let debt = max(0, paces[thread].debt - (point.elapsed - paces[thread].moment) / 2)
    let isLost = debt + step <= Self.debtMax
    paces[thread].debt = isLost ? debt + step : debt
    paces[thread].moment = point.elapsed
    return isLost
  }
}
