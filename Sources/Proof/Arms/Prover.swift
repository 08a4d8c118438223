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
    for arm in [Arm.fixedOff, .fixedOn] {
      let result = runFixed(arm, epoch, step)
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

  /// Runs one schedule, and one in 50 twice.
  private func execute(
    _ request: RunRequest, of system: System, _ epoch: Instant, in result: inout ArmResult
  ) -> RunReport {
    var request = request
    let isSampled = result.ran % DeterminismCheck<System>.sampleEvery == 0
    if isSampled { request.tracing = .hash }
    if result.coverage != nil { Coverage.prepare(&request) }
    willRun(result.arm, request)
    let report = executor.run(system, request, epoch: epoch)
    result.ran += 1
    result.note(report)
    for name in report.unresponsiveThreads
    where !result.unresponsiveThreads.contains(name) && result.unresponsiveThreads.count < 20 {
      result.unresponsiveThreads.append(name)
    }
    if isSampled { repeatRun(report, of: system, epoch, by: Executor(carrier: executor.carrier), in: &result) }
    return report
  }

  /// Before a failure is reported it is run again; the first of an arm on the other carrier as well.
  private func confirm(_ report: RunReport, of system: System, _ epoch: Instant, in result: inout ArmResult) {
    repeatRun(report, of: system, epoch, by: Executor(carrier: executor.carrier), in: &result)
    guard result.failures.isEmpty else { return }
    let other: CarrierKind = executor.carrier == .fibers ? .threads : .fibers
    repeatRun(report, of: system, epoch, by: Executor(carrier: other, shownAs: executor.carrier), in: &result)
  }

  private func repeatRun(
    _ report: RunReport, of system: System, _ epoch: Instant, by second: Executor, in result: inout ArmResult
  ) {
    guard result.divergence == nil else { return }
    result.repeated += 1
    result.divergence = DeterminismCheck(system, first: executor, second: second, epoch: epoch).repetition(of: report)
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
    for index in 0..<Seeds.scenarioCount where !isOverBudget() && result.divergence == nil {
      let request = RunRequest(
        scenarioSeed: seeds.scenario(index), scheduleSeed: seeds.schedule(arm: 0, index), schedule: .nominal)
      let report = execute(request, of: system, epoch, in: &result)
      step()
      let verdict = spec.failing(report, isOriginal: true)
      if verdict != nil { confirm(report, of: system, epoch, in: &result) }
      if verdict == nil, let open = spec.unjudged(report, isOriginal: true) {
        result.note(unjudged: open)
      } else {
        result.counted += 1
      }
      note(verdict, of: report, index, in: &result)
      result.add(report.judgement.tallies)
    }
    return result
  }

  private func runCampaigns(_ epoch: Instant, _ step: () -> Void) -> ArmResult {
    var result = newResult(.originalOn)
    let system = self.system(.originalOn)
    for campaign in 0..<spec.campaigns where !isOverBudget() && result.divergence == nil {
      var tried = 0
      var index = Self.campaignBase + campaign * 2 * spec.campaignMax
      let search = Search(seeds, arm: 1)
      var found: Int?
      while found == nil, tried < spec.campaignMax, !isOverBudget(), result.divergence == nil {
        let request = search.request(index)
        index += 1
        if spec.isTimeSignature, !request.isStallFree { continue }
        let report = execute(request, of: system, epoch, in: &result)
        search.note(report)
        step()
        tried += 1
        result.firings += report.judgement.faultCounts.reduce(0) { $0 + $1.fired }
        result.add(report.judgement.tallies)
        guard spec.isReached(report) else {
          result.notReached += 1
          continue
        }
        result.counted += 1
        guard let verdict = report.judgement.verdict(spec.signature), verdict.outcome == .fail else { continue }
        found = tried
        confirm(report, of: system, epoch, in: &result)
        note(verdict, of: report, index - 1, in: &result)
        count(report, in: &result)
        if result.exhibit == nil { result.exhibit = report }
      }
      result.cuts += search.cuts
      // A campaign that the budget ended says nothing about the original.
      if found != nil || tried == spec.campaignMax { result.campaigns.append(found) }
    }
    return result
  }

  private func runFixed(_ arm: Arm, _ epoch: Instant, _ step: () -> Void) -> ArmResult {
    var result = newResult(arm)
    let system = self.system(arm)
    let drawsMax = 2 * spec.schedules * (spec.isTimeSignature ? 2 : 1)
    let search = Search(seeds, arm: arm.isFaultOn ? 1 : 0)
    var index = 0
    while result.counted < spec.schedules, index < drawsMax, result.failures.isEmpty, !isOverBudget(),
      result.divergence == nil
    {
      let request = search.request(index)
      let report = execute(request, of: system, epoch, in: &result)
      search.note(report)
      result.cuts = search.cuts
      step()
      let fired = report.judgement.faultCounts.reduce(0) { $0 + $1.fired }
      result.firings += fired
      if let verdict = spec.failing(report) {
        confirm(report, of: system, epoch, in: &result)
        note(verdict, of: report, index, in: &result)
        result.exhibit = report
        return result
      }
      if spec.isTimeSignature, !request.isStallFree {
        result.stalled += 1
      } else if arm.isFaultOn, !spec.isReached(report) {
        result.notReached += 1
      } else if let open = spec.unjudged(report) {
        result.note(unjudged: open)
      } else {
        result.counted += 1
        result.scenarioSeeds.insert(request.scenarioSeed)
        result.add(report.judgement.tallies)
        result.exhibit = report
      }
      index += 1
    }
    return result
  }

  // MARK: Notes

  private func note(_ verdict: Verdict?, of report: RunReport, _ index: Int, in result: inout ArmResult) {
    guard let verdict, result.failures.count < Self.failuresMax else { return }
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
