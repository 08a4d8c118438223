public import Basics
public import Exploration

/// How fast the original fails: searches of their own, apart from the proof, with something left out.
public struct Provocations<System: SystemUnderTest> {
  /// What a search leaves out.
  public enum Without: String, Sendable, CaseIterable {
    /// No thread is held up by the scheduler: how much of the provocation is the stalls' work.
    case stalls
    /// The fault is off, or the scenario lacks the condition: how often the bug shows by itself.
    case fault
  }

  /// Schedules to the first failure of each search; nil: none within the bound.
  public private(set) var searches: [Int?] = []
  /// Schedules that were run.
  public private(set) var ran = 0
  /// Whether the budget ended it early.
  public private(set) var isCut = false
  /// What the searches left out.
  public private(set) var cuts = SearchCuts()

  /// Why the searches are worth nothing: a schedule was another one when it was run again.
  public private(set) var reason: String?

  private let searchMax: Int

  /// Schedules to the first failure, on average; searches that found none count as long as they were. Nil: none found one.
  public var mean: Double? {
    searches.contains { $0 != nil } ? Statistics.mean(of: searches, cap: searchMax)?.value : nil
  }

  /// Where the schedules begin, beyond those of the proof's campaigns.
  private static var base: Int { 2_000_000 }

  /// Searches `count` times, `max` schedules each, for the signature; `system` is the original, with or without its fault.
  public init(
    _ spec: ProofSpec, without: Without, count: Int, max: Int, of system: System, executor: Executor,
    epoch: Instant = .simulationEpoch, isOverBudget: @escaping () -> Bool = { false },
    willRun: @escaping (RunRequest) -> Void = { _ in }
  ) {
    searchMax = max
    let seeds = Seeds(spec.seed)
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    sweep.willRun = { _, request in willRun(request) }
    sweep.isOverBudget = isOverBudget
    // Only how soon it fails is told, and nothing of the failure is kept.
    sweep.confirmsFailures = false
    let isStallFree = without == .stalls || spec.isTimeSignature
    for number in 0..<count where sweep.divergence == nil && !isCut {
      let search = Search(seeds, arm: without == .fault ? 0 : 1)
      let first = Self.base + number * max + 1
      let campaign = sweep.run(
        system, search, from: first, until: CampaignGoal(ran: max, failed: 1),
        hasStalls: { !isStallFree && $0 % 2 == 1 },
        judge: { report, _ in
          guard let verdict = report.judgement.verdict(spec.signature), verdict.outcome == .fail else { return .counts }
          return .fails(verdict, counts: true)
        })
      ran += campaign.ran
      cuts += search.cuts
      isCut = campaign.isCut
      if !isCut, sweep.divergence == nil { searches.append(campaign.failure == nil ? nil : campaign.ran) }
    }
    reason = sweep.reason
  }
}
