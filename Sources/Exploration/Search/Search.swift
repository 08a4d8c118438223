import Basics
import ChaosRuntime

/// Hands out the schedules of one search and learns from their reports.
///
/// What it hands out is a function of seed, arm, portfolio and the reports so far, which are functions of the same; a
/// request holds all that was learned for it, so it can be run again alone. Each campaign and each arm has its own search.
public final class Search {
  /// What the seeds of its requests come from.
  public let seeds: Seeds
  /// Which arm it searches; keeps the schedule seeds of two arms apart.
  public let arm: Int
  /// Which strategies take turns.
  public let portfolio: Portfolio
  /// Most steps with a choice of a run that did not reach the step limit; the first runs measure it.
  public private(set) var choicesMax = 1
  /// Whether time passed in a stall-free schedule.
  public private(set) var waitsForTime = false
  /// Schedules handed out, stall-free ones and others: each kind has its own rotation.
  private var handedOut = [0, 0]
  private var chooser = TargetChooser()
  private var mutation = Mutation()

  /// What it left out so far.
  public var cuts: SearchCuts { SearchCuts(handOffs: chooser.droppedCount, recordings: mutation.tooLongCount) }

  /// A search that has seen nothing yet.
  public init(_ seeds: Seeds, arm: Int, portfolio: Portfolio = .standard) {
    self.seeds = seeds
    self.arm = arm
    self.portfolio = portfolio
  }

  /// The request of schedule `index`; every second one is stall-free.
  public func request(_ index: Int) -> RunRequest { request(index, hasStalls: index % 2 == 1) }

  /// The same for a search that decides itself which schedules have stalls.
  public func request(_ index: Int, hasStalls: Bool) -> RunRequest {
    let turn = handedOut[hasStalls ? 1 : 0]
    handedOut[hasStalls ? 1 : 0] += 1
    let seed = seeds.schedule(arm: arm, index)
    return RunRequest(
      scenarioSeed: seeds.scenario(index), scheduleSeed: seed,
      schedule: schedule(turn, seed: seed, scenario: seeds.scenario(index), hasStalls: hasStalls))
  }

  /// Tells the search what became of a request.
  public func note(_ report: RunReport) {
    // A run that went round in circles up to its step limit says nothing of how long a run is.
    if !report.reachedStepLimit { choicesMax = max(choicesMax, report.choicePoints) }
    if report.request.isStallFree, report.virtualTime > .zero { waitsForTime = true }
    guard let observed = report.handOffs, chooser.learn(observed) > 0, portfolio.contains(.mutation) else {
      return
    }
    mutation.add(report.recording, scenario: report.request.scenarioSeed)
  }

  private func schedule(_ turn: Int, seed: UInt64, scenario: UInt64, hasStalls: Bool) -> Schedule<StrategyPlan> {
    let noise = hasStalls ? StrategyPlan.Noise.stalls : .latencies
    var turn = turn
    if portfolio.startsPlain, !hasStalls {
      if turn < Self.plain.count { return .explore(StrategyPlan(Self.plain[turn], noise: noise)) }
      turn -= Self.plain.count
    }
    let turns = hasStalls && waitsForTime ? portfolio.timedTurns : portfolio.turns
    let member = turns[turn % turns.count]
    guard member == .mutation else { return .explore(StrategyPlan(kind(member, seed: seed), noise: noise)) }
    guard var variation = mutation.variation(scenario: scenario, seed: seed, stalls: hasStalls) else {
      return .explore(StrategyPlan(.randomWalk, noise: noise))
    }
    variation.header = [
      ("scenario_seed", "\(scenario)"), ("schedule_seed", "\(seed)"), ("strategy", "mutation of a recording"),
      ("stall_free", "\(!hasStalls)"),
    ]
    return .replay(variation)
  }

  private func kind(_ member: Portfolio.Member, seed: UInt64) -> StrategyPlan.Kind {
    switch member {
    case .randomWalk, .mutation: .randomWalk
    case .pct2: .pct(depth: 2, steps: choicesMax)
    case .pct3: .pct(depth: 3, steps: choicesMax)
    case .pos: .pos
    case .delayBounded:
      .delayBounded(delays: 1 + Mixing.index(Mixing.mix(seed, 0xDE1), below: 3), steps: choicesMax)
    case .roundRobin: .roundRobin(quantum: 1 + Mixing.index(Mixing.mix(seed, 0x3083), below: 4))
    case .directed: directed(seed: seed)
    case .slowThreads: .slowThreads
    case .holdAndWait: .holdAndWait
    }
  }

  /// With nothing to aim at, a schedule can only watch, which that of hold and wait does too.
  private func directed(seed: UInt64) -> StrategyPlan.Kind {
    let targets = chooser.targets(seed: seed)
    return targets.isEmpty && portfolio.contains(.holdAndWait) ? .holdAndWait : .directed(targets)
  }

  private static let plain: [StrategyPlan.Kind] = [
    .nonPreemptive(.longestWaiting), .roundRobin(quantum: 1), .nonPreemptive(.newest), .nonPreemptive(.any),
  ]
}
