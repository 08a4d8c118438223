public import Basics
import Checks
import ChaosRuntime
public import Exploration
public import FieldReconciliation
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
  /// Schedules that were tried with the pre-fix parts.
  public let tried: Int
  /// Bugs that are named besides and were not played, each with the reason.
  public let unplayed: [(bug: HistoricalBug, why: String)]
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
  /// Schedules of the good engine that were asked for.
  public let schedules: Int
  /// Why the first of the others did not pass; nil: all did.
  public let failure: String?
  /// Whether the good engine sent no order in a schedule, though the bot did: that tells nothing.
  public let isUntested: Bool
  /// The good engine's run that did not pass.
  public let failing: RunReport?
  /// Whether the caller ended it before all of it was done.
  public let isCutShort: Bool

  /// Plays the session.
  ///
  /// - Parameters:
  ///   - besides: further bugs that the signs name; each is played together with the first one where its signs show then.
  ///   - market: folder of the quotes; nil: the bug's own market.
  ///   - schedules: of the good engine.
  ///   - shrinkMax: runs that shrinking may take, at least 3.
  /// - Throws: `UsageError` where no session can be made of the inputs.
  public init(
    _ field: Reconciliation, _ scenario: FieldScenario, besides: [HistoricalBug] = [], market: String?,
    library: FaultSelection, seed: UInt64, schedules: Int, shrinkMax: Int = Reproduction.shrinkMax,
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(UsageError) {
    let trials = Trials(field: field, market: market, library: library, seed: seed, isInterrupted: isInterrupted)
    guard var best = try trials.best(scenario, tries: Self.triesMax) else {
      throw UsageError(text: "reproduce: the simulated session left no log")
    }
    var unplayed: [(bug: HistoricalBug, why: String)] = []
    for other in besides {
      switch trials.adding(other, to: best) {
      case .success(let better): best = better
      case .failure(let reason): unplayed.append((other, reason.text))
      }
    }
    self.scenario = best.scenario
    self.unplayed = unplayed
    comparison = best.comparison
    tried = best.tried
    let executor = Executor()
    let signature = scenario.bug.signature
    let shrunk = Self.shrunk(best.report, best.system, signature, executor, shrinkMax, isInterrupted)
    report = shrunk?.report ?? best.report
    system = shrunk?.system ?? best.system
    choices = shrunk?.recording.lines.count
    leftOut = shrunk?.leftOut ?? []
    let good = try Self.system(best.scenario.inputs(isOriginal: false, market: market, library))
    var sweep = Sweep<PaperSystem>(by: executor, epoch: good.epoch)
    sweep.isOverBudget = isInterrupted
    let campaign = Self.survival(good, best.scenario.bugs, mayBeIdle: scenario.isIdle, &sweep, seed, schedules)
    survived = (campaign.ran - (campaign.failure == nil ? 0 : 1), campaign.ran)
    self.schedules = schedules
    // Without an order nothing was tested, and nothing failed.
    isUntested = campaign.failure?.verdict.check == Self.idle
    failure = isUntested ? nil : campaign.failure?.verdict.reason
    failing = isUntested ? nil : campaign.failure?.report
    isCutShort = isInterrupted()
  }

  static func system(_ inputs: PaperInputs) throws(UsageError) -> PaperSystem {
    do throws(PaperError) { return try PaperSystem(inputs) } catch { throw UsageError(text: "reproduce: \(error)") }
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

  /// The good engine through the same session, judged by what every engine is judged by and by the bugs' own checks.
  static func survival(
    _ system: PaperSystem, _ bugs: [HistoricalBug], mayBeIdle: Bool, _ sweep: inout Sweep<PaperSystem>, _ seed: UInt64,
    _ schedules: Int
  ) -> Campaign {
    let checks = PaperSystem.baseChecks + bugs.flatMap { [$0.signature] + $0.consequences }
    return sweep.run(
      system, Search(Seeds(seed), arm: 3), until: CampaignGoal(ran: schedules, failed: 1),
      choose: { index, request in
        var request = request
        if index == 0 { request.schedule = .nominal }
        return request
      },
      judge: { report, _ in failure(report, checks, mayBeIdle: mayBeIdle).map { .fails($0, counts: true) } ?? .counts })
  }

  /// Schedule after schedule with the pre-fix parts: the nominal one, then explored ones.
  static func request(_ seed: UInt64, _ index: Int) -> RunRequest {
    RunRequest(
      scenarioSeed: seed, scheduleSeed: Mixing.mix(seed, UInt64(index)),
      schedule: index == 0 ? .nominal : .explore(stalls: false))
  }

  /// Stands for a run in which no order was sent.
  private static let idle = "idle"

  static func failure(_ report: RunReport, _ checks: [String], mayBeIdle: Bool) -> Verdict? {
    if let incident = report.incidents.first {
      return Verdict(check: "incident", outcome: .fail, reason: "\(incident.kind.rawValue): \(incident.summary)")
    }
    if let failed = report.judgement.verdicts.first(where: { $0.outcome == .fail && checks.contains($0.check) }) {
      return Verdict(check: failed.check, outcome: .fail, reason: "\(failed.check): \(failed.reason)")
    }
    guard mayBeIdle || report.judgement.tally("SENT") > 0 else {
      return Verdict(check: idle, outcome: .fail, reason: "no order was sent, so nothing was tested")
    }
    return nil
  }
}
