import Basics
public import ChaosRuntime

/// Probabilistic concurrency testing: the runnable thread of highest priority runs; priorities are random and fall below all
/// others at `depth` - 1 random steps.
///
/// A bug of that depth among n threads and k steps is found with a probability of at least 1 / (n k^(depth - 1)) per
/// schedule (Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
/// Finding Bugs", ASPLOS 2010). Only steps with a choice count; threads that sleep or wait are not runnable and have no
/// step. A thread that yields falls below all others, as it waits for one of them. Beyond twice the expected steps the walk is random, so that no thread is starved for ever.
public final class PCT: Strategy {
  /// Ordering constraints of the bugs that it aims at, at least 1; one priority change less.
  public let depth: Int
  /// Steps with a choice among which priorities change: an upper bound of them, for the guarantee to hold.
  public let steps: Int
  // Only the thread that has its turn asks a strategy; checking each access again costs a tenth of a schedule.
  @exclusivity(unchecked) private var noise: TimeNoise
  @exclusivity(unchecked) private var seed: UInt64 = 0
  /// By thread. Drawn ones have the top bit, so that changed ones lie below, and those of threads that yielded below these.
  @exclusivity(unchecked) private var priorities: [UInt64] = []
  /// Steps at which a priority falls, ascending, and how many of them are passed.
  @exclusivity(unchecked) private var changes: [Int] = []
  @exclusivity(unchecked) private var passed = 0
  /// Yields so far that gave the turn away.
  @exclusivity(unchecked) private var yields: UInt64 = 0
  private static let changed: UInt64 = 1 << 62
  /// Steps with a choice so far.
  @exclusivity(unchecked) public private(set) var choices = 0

  /// `depth` is at least 1, `steps` at least 1.
  public init(depth: Int, steps: Int, noise: StrategyPlan.Noise) {
    precondition(depth > 0 && steps > 0, "PCT needs a depth and a number of steps above zero")
    self.depth = depth
    self.steps = steps
    self.noise = TimeNoise(noise)
  }

  /// Draws the priorities' seed and the steps at which priorities change.
  public func begin(seed: UInt64) {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x9C7))
    noise.begin(&draws)
    self.seed = draws.next()
    changes = (1..<depth).map { _ in Mixing.index(draws.next(), below: steps) }.sorted()
    passed = 0
    choices = 0
    yields = 0
    priorities.removeAll(keepingCapacity: true)
  }

  /// The runnable thread of highest priority; O(runnable threads).
  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    if point.canProceed {
      if let length = noise.stall(point.draw) { return .stall(length) }
      if point.runnableCount == 0 { return .proceed }
    }
    if choices >= 2 * steps { return RandomWalk.any(of: point) }
    if point.isYielding {
      yields += 1
      _ = priority(point.thread)
      priorities[point.thread] = Self.changed - yields
    }
    var best = highest(point)
    while passed < changes.count, changes[passed] <= choices {
      passed += 1
      priorities[best.thread] = Self.changed + UInt64(depth - passed)
      if noise.kind == .stalls, best.index < 0 {
        choices += 1
        return .stall(TimeNoise.length(point.draw))
      }
      best = highest(point)
    }
    choices += 1
    return best.index < 0 ? .proceed : .run(best.index)
  }

  /// As the noise has it.
  public func latency(draw: UInt64) -> Int { noise.latency(draw) }

  /// As the noise has it.
  public func wakesSpuriously(draw: UInt64) -> Bool { noise.wakes(draw) }

  /// Name, depth, steps and the noise drawn for this run.
  public var summary: String { "PCT, depth \(depth), \(steps) steps, \(noise.summary)" }

  /// The thread to run; index -1 is the current one.
  private func highest(_ point: borrowing SchedulingPoint) -> (thread: Int, index: Int) {
    var best = (thread: -1, index: -1)
    var top: UInt64 = 0
    if point.canProceed {
      best.thread = point.thread
      top = priority(best.thread)
    }
    for index in 0..<point.runnableCount {
      let thread = point.runnable(index).thread
      let its = priority(thread)
      if best.thread < 0 || its > top {
        best = (thread, index)
        top = its
      }
    }
    return best
  }

  private func priority(_ thread: Int) -> UInt64 {
    while thread >= priorities.count {
      priorities.append(Mixing.mix(seed, UInt64(priorities.count)) | 1 << 63)
    }
    return priorities[thread]
  }
}
