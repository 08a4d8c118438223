public import Basics
public import ChaosRuntime

/// Predicts lock cycles from one run and tries to bring each about. A cycle that was not brought about fails nothing.
public struct LockOrderCheck<System: SystemUnderTest> {
  /// What came of trying to bring one cycle about.
  public enum Outcome: Sendable {
    /// It happened; the report has the recording that makes it happen again.
    case confirmed(RunReport, attempt: Int)
    /// It cannot happen while these locks are held by two of its threads.
    case guarded(by: [String])
    /// None of the directed schedules closed it; it may still be possible.
    case unconfirmed(after: Int)
  }

  /// What one check found.
  public struct Result: Sendable {
    /// The run that was looked at.
    public var observed: RunReport
    /// The lock order of the observed run.
    public var order: LockOrder
    /// The cycles that spawn and join do not rule out, each with what came of it.
    public var cycles: [(cycle: LockCycle, outcome: Outcome)]
    /// Cycles that spawn and join rule out.
    public var orderedCount: Int
    /// Cycles of locks that were brought about already by other threads.
    public var repeatedCount = 0
    /// What was not looked at, a sentence each.
    public var cuts: [String] = []
    /// Pairs of names taken in both orders, by different locks of these names.
    public var classCycles: [[String]]

    /// The cycles that were brought about, with the run that shows it and how many attempts that took.
    public var confirmed: [(cycle: LockCycle, report: RunReport, attempt: Int)] {
      cycles.compactMap { cycle, outcome in
        if case .confirmed(let report, let attempt) = outcome { return (cycle, report, attempt) }
        return nil
      }
    }
  }

  private let system: System
  private let executor: Executor
  private let epoch: Instant

  /// A check of `system`; nothing runs before `run`.
  public init(_ system: System, executor: Executor, epoch: Instant = .simulationEpoch) {
    self.system = system
    self.executor = executor
    self.epoch = epoch
  }

  /// Looks at the run of `request` and spends at most `attempts` directed schedules on each cycle.
  public func run(_ request: RunRequest, attempts: Int = 40) -> Result {
    var observing = request
    observing.wantsLockOrder = true
    let observed = executor.run(system, observing, epoch: epoch)
    let order = observed.lockOrder ?? LockOrder()
    var result = Result(
      observed: observed, order: order, cycles: [], orderedCount: 0, classCycles: LockCycle.classCycles(in: order))
    let predicted = LockCycles(order)
    result.cuts = predicted.cuts
    if order.droppedCount > 0 {
      result.cuts.append("\(order.droppedCount) orders of two beyond \(LockOrder.edgesMax) were not kept")
    }
    var confirmed: Set<String> = []
    for cycle in predicted.cycles {
      switch cycle.standing {
      case .ordered: result.orderedCount += 1
      case .guarded(let locks): result.cycles.append((cycle, .guarded(by: locks)))
      case .possible where confirmed.contains(cycle.fingerprint): result.repeatedCount += 1
      case .possible:
        let outcome = confirm(cycle, request, attempts: attempts)
        if case .confirmed = outcome { confirmed.insert(cycle.fingerprint) }
        result.cycles.append((cycle, outcome))
      }
    }
    return result
  }

  private func confirm(_ cycle: LockCycle, _ request: RunRequest, attempts: Int) -> Outcome {
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    // The recording of a confirmed cycle is there to be run again; the others show nothing.
    sweep.repeatsEvery = nil
    sweep.confirmsFailures = false
    let campaign = sweep.run(
      until: CampaignGoal(ran: attempts, failed: 1), of: { _ in system },
      request: { attempt in
        var directed = request
        directed.schedule = .explore(StrategyPlan(.closing(cycle, attempt: attempt), noise: .stalls))
        directed.wantsStacks = true
        return directed
      },
      judge: { report, _ in
        let isIt = report.incidents.first { $0.kind == .deadlock && $0.locks.sorted() == cycle.locks.sorted() }
        return isIt.map { .fails($0.verdict, counts: true) } ?? .counts
      })
    if let failure = campaign.failure { return .confirmed(failure.report, attempt: failure.index + 1) }
    return .unconfirmed(after: attempts)
  }
}
