public import Basics
import ChaosRuntime
public import Exploration

/// Runs the four arms of a proof and says what they show.
public struct Prover<System: SystemUnderTest> {
  let spec: ProofSpec
  let system: (Arm) -> System
  let executor: Executor
  let seeds: Seeds
  private let progress: (_ done: Int, _ expected: Int) -> Void
  let isOverBudget: () -> Bool
  /// Whether each arm keeps what its schedules showed; it slows them down.
  public var keepsCoverage = false
  let willRun: (Arm, RunRequest) -> Void

  /// Failures kept per arm; a fixed arm stops at its first.
  private static var failuresMax: Int { 20 }
  /// Where the schedules of the campaigns begin, so that campaigns and the clean schedules are disjoint.
  private static var campaignBase: Int { 1_000_000 }

  /// `system` gives the program of an arm; `progress` is told schedules done and expected; `isOverBudget` may cut the proof,
  /// which makes it inconclusive; `willRun` hears of each schedule before it runs.
  public init(
    _ spec: ProofSpec, executor: Executor, progress: @escaping (_ done: Int, _ expected: Int) -> Void = { _, _ in },
    isOverBudget: @escaping () -> Bool = { false }, willRun: @escaping (Arm, RunRequest) -> Void = { _, _ in },
    system: @escaping (Arm) -> System
  ) {
    self.spec = spec
    self.system = system
    self.executor = executor
    self.progress = progress
    self.isOverBudget = isOverBudget
    self.willRun = willRun
    seeds = Seeds(spec.seed)
  }

  /// `epoch` is where simulated time begins.
  public func run(epoch: Instant = .simulationEpoch) -> ProofResult {
    var done = 0
    let perSchedule = spec.isTimeSignature ? 2 : 1
    let expected =
      Seeds.scenarioCount + 2 * spec.campaigns + 2 * spec.schedules * perSchedule + spec.liftSchedules
      + spec.certificateSchedules
    func step() {
      done += 1
      progress(min(done, expected), expected)
    }
    var missing: [String] = []
    var open: [String] = []
    let nominal = runNominal(epoch, step)
    if let failure = nominal.failures.first {
      open.append(
        "the original fails without the \(spec.provocation) by \(failure.check): \(failure.reason)"
      )
    } else if let verdict = nominal.unjudgedBy {
      open.append(
        "the baseline was not judged in \(nominal.unjudged) of \(nominal.ran) seeds, the first by \(verdict.check): "
          + verdict.reason)
    }
    let provoked = runCampaigns(epoch, step)
    if provoked.campaigns.contains(where: { $0 == nil }) || spec.campaigns == 0 {
      let found = provoked.campaigns.compactMap { $0 }.count
      if provoked.counted == 0, provoked.ran > 0 {
        open.append(
          "the original was never tested: in \(provoked.notReached) of \(provoked.ran) schedules \(missed)")
      } else {
        missing.append(
          "the original failed by \(spec.signature) in \(found) of \(spec.campaigns) campaigns of at most "
            + "\(spec.campaignMax) schedules")
      }
    }
    var fixed: [ArmResult] = []
    let locks = spec.lockOrderCheck.map { LockOrderWatch(check: $0) }
    for arm in [Arm.fixedOff, .fixedOn] {
      let result = runFixed(arm, locks, epoch, step)
      if let failure = result.failures.first {
        missing.append("the \(arm.label(spec)) failed schedule \(failure.index) by \(failure.check): \(failure.reason)")
      } else if result.counted < spec.schedules, !isOverBudget() {
        open.append(shortage(result))
      }
      fixed.append(result)
    }
    open += lacking(provoked, fixed)
    let parts = runParts(after: fixed.last, epoch, step)
    missing += parts.missing
    open += parts.open
    let isCut =
      nominal.ran < Seeds.scenarioCount || provoked.campaigns.count < spec.campaigns
      || fixed.contains { $0.counted < spec.schedules && $0.failures.isEmpty }
    if isCut, isOverBudget() {
      open.append(
        "the proof was cut short: "
          + fixed.map { "\($0.arm.label(spec)) counted \($0.counted)" }.joined(separator: ", ")
          + " of \(spec.schedules) schedules")
    }
    progress(expected, expected)
    let arms = [nominal, provoked] + fixed
    if let arm = arms.first(where: { $0.divergence != nil }), let divergence = arm.divergence {
      let reason = "a schedule of the \(arm.arm.rawValue) was not the same when it was run again: \(divergence)"
      return ProofResult(spec: spec, arms: arms, statement: .inconclusive([reason]))
    }
    let statement: ProofResult.Statement =
      !missing.isEmpty ? .notProven(missing + open) : !open.isEmpty ? .inconclusive(open) : .proven
    return ProofResult(
      spec: spec, arms: arms, statement: statement, lift: parts.lift, certificate: parts.certificate)
  }

  // MARK: Schedules

  /// Runs the schedules of an arm; its first failure is run again on the other carrier as well.
  private func sweep(_ arm: Arm, _ epoch: Instant) -> Sweep<System> {
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    let (willRun, keepsCoverage) = (willRun, keepsCoverage)
    sweep.willRun = { _, request in
      if keepsCoverage { Coverage.prepare(&request) }
      willRun(arm, request)
    }
    sweep.isOverBudget = isOverBudget
    sweep.crossesCarriers = true
    return sweep
  }

  /// What keeps a schedule from counting.
  var missed: String {
    spec.fault == nil
      ? "a landmark was missed" : "the fault fired fewer than \(spec.firedMin) times or a landmark was missed"
  }

  // MARK: Arms

  private func newResult(_ arm: Arm) -> ArmResult {
    var result = ArmResult(arm: arm)
    result.campaignMax = spec.campaignMax
    if keepsCoverage { result.coverage = Coverage() }
    return result
  }

  private func runNominal(_ epoch: Instant, _ step: () -> Void) -> ArmResult {
    var result = newResult(.originalOff)
    let system = self.system(.originalOff)
    var sweep = sweep(.originalOff, epoch)
    let campaign = sweep.run(
      until: CampaignGoal(ran: Seeds.scenarioCount), of: { _ in system }, request: { seeds.nominal(arm: 0, $0) },
      judge: { report, index in
        step()
        result.note(report)
        result.add(report.judgement.tallies)
        if let verdict = spec.failing(report, isOriginal: true) {
          note(verdict, of: report, index, in: &result)
          return .fails(verdict, counts: true)
        }
        return spec.unjudged(report, isOriginal: true).map { .unjudged($0) } ?? .counts
      })
    result.take(campaign.counts, of: sweep)
    return result
  }

  private func runCampaigns(_ epoch: Instant, _ step: () -> Void) -> ArmResult {
    var result = newResult(.originalOn)
    let system = self.system(.originalOn)
    var sweep = sweep(.originalOn, epoch)
    var counts = ScheduleCounts()
    for number in 0..<spec.campaigns where !isOverBudget() && sweep.divergence == nil {
      let search = Search(seeds, arm: 1)
      let campaign = sweep.run(
        system, search, from: Self.campaignBase + number * 2 * spec.campaignMax,
        until: CampaignGoal(ran: spec.campaignMax, failed: 1),
        choose: { spec.isTimeSignature && !$1.isStallFree ? nil : $1 },
        judge: { report, index in
          step()
          result.note(report)
          result.noteFirings(report)
          result.add(report.judgement.tallies)
          guard spec.isReached(report) else { return .notReached }
          guard let verdict = report.judgement.verdict(spec.signature), verdict.outcome == .fail else { return .counts }
          note(verdict, of: report, index, in: &result)
          count(report, in: &result)
          if result.exhibit == nil { result.exhibit = report }
          return .fails(verdict, counts: true)
        })
      counts += campaign.counts
      result.cuts += search.cuts
      // A campaign that the budget ended says nothing about the original.
      if campaign.failure != nil || campaign.ran == spec.campaignMax {
        result.campaigns.append(campaign.failure == nil ? nil : campaign.ran)
      }
    }
    result.take(counts, of: sweep)
    return result
  }

  private func runFixed(_ arm: Arm, _ locks: LockOrderWatch?, _ epoch: Instant, _ step: () -> Void) -> ArmResult {
    var result = newResult(arm)
    let drawsMax = 2 * spec.schedules * (spec.isTimeSignature ? 2 : 1)
    let search = Search(seeds, arm: arm.isFaultOn ? 1 : 0)
    var sweep = sweep(arm, epoch)
    let campaign = sweep.run(
      system(arm), search, until: CampaignGoal(ran: drawsMax, counted: spec.schedules, failed: 1),
      choose: { _, request in
        var request = request
        locks?.prepare(&request)
        return request
      },
      judge: { report, index in
        step()
        result.note(report)
        result.noteFirings(report)
        if let verdict = locks?.note(report) ?? spec.failing(report) {
          note(verdict, of: report, index, in: &result)
          result.exhibit = report
          return .fails(verdict, counts: false)
        }
        if spec.isTimeSignature, !report.request.isStallFree { return .stalled }
        if arm.isFaultOn, !spec.isReached(report) { return .notReached }
        if let open = spec.unjudged(report) { return .unjudged(open) }
        result.scenarioSeeds.insert(report.request.scenarioSeed)
        result.add(report.judgement.tallies)
        result.exhibit = report
        return .counts
      })
    result.cuts = search.cuts
    result.take(campaign.counts, of: sweep)
    return result
  }

  // MARK: Notes

  private func note(_ verdict: Verdict, of report: RunReport, _ index: Int, in result: inout ArmResult) {
    guard result.failures.count < Self.failuresMax else { return }
    result.failures.append(
      ArmFailure(index: index, request: report.request, check: verdict.check, reason: verdict.reason))
  }

  private func count(_ report: RunReport, in result: inout ArmResult) {
    let name = report.incidents.first.map { $0.kind.rawValue.uppercased() } ?? spec.signature
    if let index = result.failedBy.firstIndex(where: { $0.check == name }) {
      result.failedBy[index].count += 1
    } else {
      result.failedBy.append((name, 1))
    }
  }
}
