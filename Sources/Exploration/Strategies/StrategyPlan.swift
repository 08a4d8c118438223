import Basics
public import ChaosRuntime

/// Which strategy explores a schedule, with everything it needs to know: plan and seed give the same schedule again.
public struct StrategyPlan: Sendable {
  /// The strategy with its parameters.
  public enum Kind: Sendable {
    /// Any thread at any step; see `RandomWalk`.
    case randomWalk
    /// Priorities with `depth` - 1 random changes among the first `steps` steps with a choice.
    case pct(depth: Int, steps: Int)
    /// Partial order sampling.
    case pos
    /// `delays` deviations from threads that run until they block, among the first `steps` steps with a choice.
    case delayBounded(delays: Int, steps: Int)
    /// Another thread at every `quantum`-th step with a choice.
    case roundRobin(quantum: Int)
    /// Threads run until they block; who follows is the longest-waiting one, the newest one, or any.
    case nonPreemptive(NonPreemptive.Order)
    /// Hand-offs to bring about; none: it only watches.
    case directed([HandOffs.Pair])
    /// Any thread at any step, and some threads are slow for the whole run; see `SlowThreads`.
    case slowThreads
    /// Who holds a lock and wants another gives way; see `HoldAndWait`.
    case holdAndWait
    /// A predicted cycle of locks to close; attempts differ in whom they hold up, and for how long.
    case closing(LockCycle, attempt: Int)
  }

  /// What happens besides the order of threads.
  public enum Noise: Sendable, Equatable {
    /// Nothing: the guarantees of PCT speak of such schedules.
    case none
    /// Latencies above nominal, and waits that end without a signal.
    case latencies
    /// The same, and threads held up for stretches of virtual time.
    case stalls
  }

  /// Which strategy decides the order of threads.
  public var kind: Kind
  /// What it decides besides.
  public var noise: Noise

  /// A plan as given; parameters are checked when the strategy is made.
  public init(_ kind: Kind, noise: Noise) {
    self.kind = kind
    self.noise = noise
  }

  /// A new strategy; `begin` starts it.
  public func makeStrategy() -> any Strategy {
    switch kind {
    case .randomWalk: RandomWalk(noise: noise)
    case .pct(let depth, let steps): PCT(depth: depth, steps: steps, noise: noise)
    case .pos: POS(noise: noise)
    case .delayBounded(let delays, let steps): DelayBounded(delays: delays, steps: steps, noise: noise)
    case .roundRobin(let quantum): RoundRobin(quantum: quantum, noise: noise)
    case .nonPreemptive(let order): NonPreemptive(order, noise: noise)
    case .directed(let targets): Directed(targets: targets, noise: noise)
    case .slowThreads: SlowThreads(noise: noise)
    case .holdAndWait: HoldAndWait(noise: noise)
    case .closing(let cycle, let attempt): CycleDirector(cycle, attempt: attempt)
    }
  }
}
