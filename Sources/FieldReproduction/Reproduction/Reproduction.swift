public import Basics
import Checks
import ChaosRuntime
public import Exploration
import HistoricalBugs
public import PaperSession

/// A session from the field, played by our engine: with the pre-fix parts until it shows the same signs, and with the good ones.
public struct Reproduction {
  /// Schedules that are tried with the pre-fix parts at most; the first is the nominal one.
  static let triesMax = 12
  /// Runs that shrinking may take, unless told otherwise.
  public static let shrinkMax = 150

  /// What was played.
  public let scenario: FieldScenario
  /// Field and simulation beside each other, of the best schedule.
  public let comparison: SignComparison
  /// The run of the best schedule, or what shrinking left of it.
  public let report: RunReport
  /// The system of that run.
  public let system: PaperSystem
  /// Choices of the smallest case that still fails by the bug's check; nil: it does not fail by it, so nothing was shrunk.
  public let choices: Int?
  /// What the smallest case could do without.
  public let leftOut: [String]
  /// Schedules of the good engine that were run and how many of them passed.
  public let survived: (passed: Int, of: Int)
  /// Why the first of the others did not pass; nil: all did.
  public let failure: String?
  /// The good engine's run that did not pass.
  public let failing: RunReport?

  /// Plays the session.
  ///
  /// - Parameters:
  ///   - market: folder of the quotes; nil: the bug's own market.
  ///   - schedules: of the good engine.
  ///   - shrinkMax: runs that shrinking may take, at least 3.
  /// - Throws: `UsageError` where no session can be made of the inputs.
  public init(
    _ field: Reconciliation, _ scenario: FieldScenario, market: String?, library: FaultSelection, seed: UInt64,
    schedules: Int,
    shrinkMax: Int = Reproduction.shrinkMax, isInterrupted: @escaping () -> Bool = { false }
  ) throws(UsageError) {
    self.scenario = scenario
    let original = try Self.system(scenario.inputs(isOriginal: true, market: market, library))
    let executor = Executor()
    guard let best = Self.best(field, scenario, original, executor, seed, isInterrupted) else {
      throw UsageError(text: "reproduce: the simulated session left no log")
    }
    comparison = best.comparison
    let shrunk = Self.shrunk(best.report, original, scenario.bug.signature, executor, shrinkMax, isInterrupted)
    report = shrunk?.report ?? best.report
    system = shrunk?.system ?? original
    choices = shrunk?.recording.lines.count
    leftOut = shrunk?.leftOut ?? []
    let good = try Self.system(scenario.inputs(isOriginal: false, market: market, library))
    var sweep = Sweep<PaperSystem>(by: executor, epoch: good.epoch)
    sweep.isOverBudget = isInterrupted
    let campaign = Self.survival(good, scenario.bug, &sweep, seed, schedules)
    survived = (campaign.ran - (campaign.failure == nil ? 0 : 1), campaign.ran)
    failure = campaign.failure?.verdict.reason
    failing = campaign.failure?.report
  }

  private static func system(_ inputs: PaperInputs) throws(UsageError) -> PaperSystem {
    do throws(PaperError) { return try PaperSystem(inputs) } catch { throw UsageError(text: "reproduce: \(error)") }
  }

  /// The schedule whose signs are nearest to the field's: the nominal one where it does.
  private static func best(
    _ field: Reconciliation, _ scenario: FieldScenario, _ system: PaperSystem, _ executor: Executor, _ seed: UInt64,
    _ isInterrupted: () -> Bool
  ) -> (report: RunReport, comparison: SignComparison)? {
    var best: (report: RunReport, comparison: SignComparison, met: Int)?
    for index in 0..<triesMax where index == 0 || !isInterrupted() {
      let report = executor.run(system, request(seed, index), epoch: system.epoch)
      guard let simulated = reconciliation(of: report) else { continue }
      let comparison = SignComparison(
        field: field, simulated: simulated, bug: scenario.bug, scalesMoney: scenario.scalesMoney)
      let met = comparison.rows.count { $0.isMet }
      if met > best?.met ?? -1 { best = (report, comparison, met) }
      if comparison.outcome == .reproduced { break }
    }
    return best.map { ($0.report, $0.comparison) }
  }

  /// What a simulated session's own files say.
  static func reconciliation(of report: RunReport) -> Reconciliation? {
    let files = report.judgement.files.filter { $0.path.hasPrefix("logs/") }
    do throws(InputError) { return Reconciliation(try SessionReader.read(files: files, map: .chaos)) } catch {
      return nil
    }
  }

  private static func shrunk(
    _ report: RunReport, _ system: PaperSystem, _ signature: String, _ executor: Executor, _ shrinkMax: Int,
    _ isInterrupted: @escaping () -> Bool
  ) -> Shrinker<PaperSystem>.Result? {
    do throws(Shrinker<PaperSystem>.Problem) {
      return try Shrinker(
        system, report.recording, request: report.request, checks: [signature], executor: executor, epoch: system.epoch,
        executionsMax: shrinkMax, reductions: { $0.reductions(of: $1) }, isInterrupted: isInterrupted
      ).shrink()
    } catch {
      return nil
    }
  }

  /// The good engine through the same session, judged by what every engine is judged by and by the bug's own check.
  static func survival(
    _ system: PaperSystem, _ bug: HistoricalBug, _ sweep: inout Sweep<PaperSystem>, _ seed: UInt64, _ schedules: Int
  ) -> Campaign {
    let checks = PaperSystem.baseChecks + [bug.signature] + bug.consequences
    return sweep.run(
      system, Search(Seeds(seed), arm: 3), until: CampaignGoal(ran: schedules, failed: 1),
      choose: { index, request in
        var request = request
        if index == 0 { request.schedule = .nominal }
        return request
      },
      judge: { report, _ in failure(report, checks).map { .fails($0, counts: true) } ?? .counts })
  }

  /// Schedule after schedule with the pre-fix parts: the nominal one, then explored ones.
  static func request(_ seed: UInt64, _ index: Int) -> RunRequest {
    RunRequest(
      scenarioSeed: seed, scheduleSeed: Mixing.mix(seed, UInt64(index)),
      schedule: index == 0 ? .nominal : .explore(stalls: false))
  }

  static func failure(_ report: RunReport, _ checks: [String]) -> Verdict? {
    if let incident = report.incidents.first {
      return Verdict(check: "incident", outcome: .fail, reason: "\(incident.kind.rawValue): \(incident.summary)")
    }
    if let failed = report.judgement.verdicts.first(where: { $0.outcome == .fail && checks.contains($0.check) }) {
      return Verdict(check: failed.check, outcome: .fail, reason: "\(failed.check): \(failed.reason)")
    }
    guard report.judgement.tally("SENT") > 0 else {
      return Verdict(check: "idle", outcome: .fail, reason: "no order was sent, so nothing was tested")
    }
    return nil
  }

  /// Whether the good engine went through all of it.
  public var survives: Bool { failure == nil && survived.of > 0 && survived.passed == survived.of }

  /// 0: reproduced, and the good engine survives; 1: it does not; 3: not reproduced, or in part.
  public var exitCode: Int32 {
    if !survives { return ExitCode.failed }
    return comparison.outcome == .reproduced ? ExitCode.pass : ExitCode.inconclusive
  }

  /// For people, in 80 columns.
  public func text(named: String, out: String) -> String {
    var text = "Bug       \(scenario.bug.id)  \(scenario.bug.title)\n"
    text += "Why       \(Reconciliation.wrapped(named, indent: 10))\n"
    text += "Built of  \(Reconciliation.wrapped(scenario.kept.joined(separator: "; "), indent: 10))\n"
    for item in scenario.missing { text += "Missing   \(Reconciliation.wrapped(item, indent: 10))\n" }
    text += "\n" + comparison.text + "\n"
    let missing = comparison.rows.filter { !$0.isMet }.map(\.name).joined(separator: ", ")
    text +=
      "\(comparison.outcome.rawValue)\(missing.isEmpty ? "  every sign and figure of the field" : "  not within: \(missing)")\n"
    if let choices {
      let without = leftOut.isEmpty ? "" : ", without \(leftOut.count) things that it does not need"
      text += "Smallest  \(choices) choices of the schedule\(without)\n"
    } else {
      text += "Smallest  not shrunk: the run does not fail by \(scenario.bug.signature)\n"
    }
    text +=
      "\(survives ? "SURVIVES" : "FAILS")  the good engine passed \(survived.passed) of \(survived.of) schedules of this session\n"
    if let failure { text += "          \(Reconciliation.wrapped(failure, indent: 10))\n" }
    return text + "Written   \(out)/README.md\n"
  }

  /// For programs.
  public var json: JSON {
    .object([
      ("bug", .string(scenario.bug.id)), ("outcome", .string(comparison.outcome.rawValue)),
      ("comparison", comparison.json),
      ("choices", choices.map { .int($0) } ?? .null), ("left_out", .array(leftOut.map { .string($0) })),
      ("survived", .int(survived.passed)), ("schedules", .int(survived.of)),
      ("failure", failure.map { .string($0) } ?? .null),
      ("kept", .array(scenario.kept.map { .string($0) })), ("missing", .array(scenario.missing.map { .string($0) })),
      ("exit_code", .int(Int(exitCode))),
    ])
  }
}
