public import Basics
import ChaosRuntime

/// Runs schedules of a system one after another until there are enough: the one loop under proofs, campaigns, gauntlets,
/// tables and benchmarks.
///
/// Who asks for the schedules says which ones, from a search or a list of its own, what each of them showed, and when it has
/// enough. The sweep tells of each schedule before it runs, asks whether there is time for it, runs one in fifty of them and
/// every failure a second time, as what cannot be run again proves nothing, and ends at the first that was not the same.
///
///     var sweep = Sweep<Engine>(by: Executor())
///     let campaign = sweep.run(engine, Search(Seeds(1), arm: 1), until: CampaignGoal(ran: 1000, failed: 1))
///     print(campaign.failure?.verdict.reason ?? "\(campaign.ran) schedules passed")
public struct Sweep<System: SystemUnderTest> {
  private let executor: Executor
  private let epoch: Instant
  /// Hears of each schedule before it runs; it may ask for more to be kept of it.
  public var willRun: (_ index: Int, _ request: inout RunRequest) -> Void = { _, _ in }
  /// Asked before each schedule: whether nothing more may be begun.
  public var isOverBudget: () -> Bool = { false }
  /// Of so many schedules the first is run twice; nil: none is.
  public var repeatsEvery: Int? = DeterminismCheck<System>.sampleEvery
  /// Whether every schedule that fails is run again.
  public var confirmsFailures = true
  /// Whether the first failure is run again on the other carrier as well.
  public var crossesCarriers = false
  /// Schedules run, repetitions not counted.
  public private(set) var ran = 0
  /// Schedules run again.
  public private(set) var repeated = 0
  /// The first schedule that was another one when it was run again; the sweep is worth nothing then.
  public private(set) var divergence: Divergence?
  private var confirmed = 0

  /// A sweep that has run nothing yet.
  public init(by executor: Executor, epoch: Instant = .simulationEpoch) {
    self.executor = executor
    self.epoch = epoch
  }

  // MARK: Many schedules

  /// Runs the schedules of a search, from `first` on, until the goal is met: every second one with stalls, unless `hasStalls`
  /// says otherwise; `choose` may change each, or leave it out by answering nil. Unless told otherwise, a failed check or an
  /// incident is a failure, and everything else counts.
  public mutating func run(
    _ system: System, _ search: Search, from first: Int = 0, until goal: CampaignGoal,
    hasStalls: (_ index: Int) -> Bool = { $0 % 2 == 1 },
    choose: (_ index: Int, _ request: RunRequest) -> RunRequest? = { $1 },
    judge: (_ report: RunReport, _ index: Int) -> Finding = { report, _ in report.finding }
  ) -> Campaign {
    run(
      from: first, until: goal, of: { _ in system },
      request: { choose($0, search.request($0, hasStalls: hasStalls($0))) },
      judge: { report, index in
        search.note(report)
        return judge(report, index)
      })
  }

  /// Runs requests of any source, each of a system of its own, from index `first` on, until the goal is met; a request that
  /// is nil leaves its index out. `judge` sees each report once, before anything is run again.
  public mutating func run(
    from first: Int = 0, until goal: CampaignGoal, of system: (_ index: Int) -> System,
    request: (_ index: Int) -> RunRequest?, judge: (_ report: RunReport, _ index: Int) -> Finding
  ) -> Campaign {
    var campaign = Campaign()
    var index = first
    while !goal.isMet(by: campaign.counts), divergence == nil {
      if isOverBudget() {
        campaign.isCut = true
        break
      }
      if var request = request(index) {
        let system = system(index)
        willRun(index, &request)
        let report = run(request, of: system)
        let finding = judge(report, index)
        campaign.add(finding, of: report, index)
        if confirmsFailures, finding.failure != nil { confirm(report, of: system) }
      }
      index += 1
    }
    return campaign
  }

  // MARK: One schedule

  /// Runs one schedule.
  public mutating func run(_ request: RunRequest, of system: System) -> RunReport {
    var request = request
    let isSampled = repeatsEvery.map { ran % $0 == 0 } ?? false
    if isSampled { request.tracing = .hash }
    let report = executor.run(system, request, epoch: epoch)
    ran += 1
    if isSampled { repeatRun(report, of: system, by: Executor(carrier: executor.carrier)) }
    return report
  }

  /// Runs a failing schedule again before it is reported; whether it was the same.
  @discardableResult
  public mutating func confirm(_ report: RunReport, of system: System) -> Bool {
    repeatRun(report, of: system, by: Executor(carrier: executor.carrier))
    if crossesCarriers, confirmed == 0 {
      let other: CarrierKind = executor.carrier == .fibers ? .threads : .fibers
      repeatRun(report, of: system, by: Executor(carrier: other, shownAs: executor.carrier))
    }
    confirmed += 1
    return divergence == nil
  }

  private mutating func repeatRun(_ report: RunReport, of system: System, by second: Executor) {
    guard divergence == nil else { return }
    repeated += 1
    divergence = DeterminismCheck(system, first: executor, second: second, epoch: epoch).repetition(of: report)
  }

  /// Why the sweep is worth nothing; nil: every repetition was the same.
  public var reason: String? {
    divergence.map { "a schedule was not the same when it was run again: \($0)" }
  }
}

extension RunReport {
  /// A failure where a check failed or an incident ended the run; otherwise it counts.
  public var finding: Finding { failure().map { .fails($0, counts: true) } ?? .counts }
}
