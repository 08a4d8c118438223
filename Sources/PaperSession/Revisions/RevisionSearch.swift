public import Basics
public import Exploration

/// Runs one program in schedule after schedule, until one fails or enough of them have passed.
public struct RevisionSearch {
  /// How it ended.
  public enum End {
    /// A schedule cannot be run again: it proves nothing, whatever its verdict. Schedules count from 1.
    case diverged(RunReport, Divergence, schedule: Int)
    /// The first schedule that failed, and by what.
    case failed(RunReport, Verdict, schedule: Int)
    /// The last schedule, nil when none was run, what all of them count for, and what the search left out.
    case survived(RunReport?, RevisionCount, SearchCuts)
  }

  private let system: PaperSystem
  private let seed: UInt64
  private let executor: Executor
  private let count: RevisionCount
  /// Asked before each schedule: whether nothing more may be begun.
  public var isOverBudget: () -> Bool = { false }
  /// Hears of each schedule before it runs.
  public var willRun: (_ index: Int, _ request: RunRequest) -> Void = { _, _ in }
  /// Hears of each schedule that was run, and how many count so far.
  public var hasRun: (_ report: RunReport, _ index: Int, _ counted: Int) -> Void = { _, _, _ in }

  /// `wanted`: schedules that must count.
  public init(_ subject: RevisionSubject, _ system: PaperSystem, wanted: Int, seed: UInt64, by executor: Executor) {
    self.system = system
    self.seed = seed
    self.executor = executor
    count = RevisionCount(subject, system.faults, wanted: wanted)
  }

  /// Runs until it ends; a failure is run again before it counts.
  public func run() -> End {
    let search = Search(Seeds(seed), arm: 1)
    var sweep = Sweep<PaperSystem>(by: executor, epoch: system.epoch)
    sweep.isOverBudget = isOverBudget
    let willRun = willRun
    sweep.willRun = { index, request in
      request.wantsStacks = true
      willRun(index, request)
    }
    var count = count
    var last: (report: RunReport, index: Int)?
    let campaign = sweep.run(
      system, search, until: count.goal,
      judge: { report, index in
        let finding = count.judge(report)
        hasRun(report, index, count.counted)
        last = (report, index)
        return finding
      })
    if let divergence = sweep.divergence, let last {
      return .diverged(last.report, divergence, schedule: last.index + 1)
    }
    if let (index, report, verdict) = campaign.failure { return .failed(report, verdict, schedule: index + 1) }
    return .survived(last?.report, count, search.cuts)
  }
}
