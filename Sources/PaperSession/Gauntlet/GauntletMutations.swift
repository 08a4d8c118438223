import Basics
import Trading
import Exploration
import HistoricalBugs
import Proof

/// Mutation: the fixed engine with one original part put back must turn red what history says, and nothing else.
///
/// A part turns its own bug's proofs red; or it is needed: the original without it is green. Another proof may turn red by
/// the checks that the original fails in its own proof, where the bug shows itself under that proof's fault too. Any other
/// colour is a surprise unless a `PartEffect` announces it.
extension GauntletCases {
  /// Schedules of a proof that must stay green, and those after which a proof that must turn red has not.
  private static let greenSchedules = 12
  private static let redMax = 200
  /// Schedules after which the original without one of its parts counts as green.
  private static let restMax = 60
  /// Schedules that show by which checks an original fails.
  private static let signSchedules = 8

  func mutations(_ plans: [ProofPlan]) -> [GauntletCase] {
    AllBugs.all.flatMap { bug -> [GauntletCase] in
      let parts = bug.originalParts
      let rows: [String?] = parts.count > 1 ? parts.map { $0 } + [nil] : parts.map { $0 }
      return rows.map { mutation(bug, part: $0, plans) }
    }
  }

  private func mutation(_ bug: HistoricalBug, part: String?, _ plans: [ProofPlan]) -> GauntletCase {
    let name = "\(bug.id)/\(part ?? "all")"
    let id = "mutation/\(name)"
    return GauntletCase(
      id: id, title: "the fixed engine with \(part.map { "the \($0)" } ?? "all parts") of \(bug.id) as before its fix",
      replay: again(id), weight: plans.count * Self.greenSchedules
    ) { run in
      var done = CaseResult(id: id, arms: [])
      var red: [String] = []
      let signs = signs(bug, plans, run, &done)
      for plan in plans {
        let expected = PartEffect.expected(of: bug, part: part, on: plan.bug, under: plan.fault?.id)
        var cell = Cell(signs: signs)
        sweep(plan, revisions(bug, part), max: expected.colour == .red ? Self.redMax : Self.greenSchedules, run, &cell)
        done.schedules += cell.ran
        done.cuts += cell.cuts
        if let by = cell.redBy { red.append("\(plan.name) (\(by))") }
        var arm = CaseResult.Arm("proof \(plan.name)", cell.outcome(expected), cell.text(expected))
        if cell.redBy == nil, !cell.isCut, plan.bug.id == bug.id, let part, bug.originalParts.count > 1 {
          var rest = Cell(signs: signs)
          let others = bug.originalParts.filter { $0 != part }.flatMap { revisions(bug, $0) }
          sweep(plan, others, max: Self.restMax, by: bug.signature, run, &rest)
          done.schedules += rest.ran
          done.cuts += rest.cuts
          if rest.redBy == nil, !rest.isCut {
            arm.outcome = .passed
            arm.text =
              "passes alone in \(cell.ran) schedules, and the original without it does not fail \(bug.signature): the bug needs it"
            red.append("\(plan.name) (with its other parts)")
          }
        }
        if arm.outcome == .failed, done.directory == nil, let report = cell.report {
          var inputs = plan.inputs
          inputs.revisions = revisions(bug, part)
          done.directory = keep(report, of: system(inputs), id: id, judgedBy: plan.ownSpec.checks)
        }
        done.arms.append(arm)
      }
      done.arms.append(
        CaseResult.Arm(
          "a red proof", red.isEmpty ? (run.isOverBudget() ? .inconclusive : .failed) : .passed,
          red.isEmpty ? "no proof notices that the part is the old one" : red.joined(separator: ", ")))
      done.note = red.isEmpty ? "none" : red.joined(separator: ", ")
      done.details = .object([("part", .string(name)), ("turned_red", .array(red.map { .string($0) }))])
      return done
    }
  }

  private func revisions(_ bug: HistoricalBug, _ part: String?) -> [PaperInputs.Revision] {
    [PaperInputs.Revision(bug: bug.id, revision: "original" + (part.map { "/\($0)" } ?? ""))]
  }

  /// The checks that the whole original fails in its own proofs.
  private func signs(
    _ bug: HistoricalBug, _ plans: [ProofPlan], _ run: CaseRun, _ done: inout CaseResult
  ) -> Set<String> {
    var signs: Set<String> = [bug.signature, CheckName.detectedInTime.rawValue, CheckName.recoveredInTime.rawValue]
    signs.formUnion(bug.consequences)
    for plan in plans where plan.bug.id == bug.id {
      var inputs = plan.inputs
      inputs.revisions = revisions(bug, nil)
      let system = system(inputs)
      let search = Search(Seeds(options.seed), arm: 1)
      var sweep = run.sweep(of: PaperSystem.self, epoch: system.epoch) { _ in "the original of \(bug.id)" }
      // Of the failures only the names of the checks are of use, and in later sweeps they are run again.
      sweep.confirmsFailures = false
      let campaign = sweep.run(
        system, search, until: CampaignGoal(ran: Self.signSchedules),
        judge: { report, _ in
          for verdict in report.judgement.verdicts where verdict.outcome == .fail { signs.insert(verdict.check) }
          return .counts
        })
      done.schedules += campaign.ran
      done.cuts += search.cuts
      if let reason = sweep.reason { done.arms.append(CaseResult.Arm("signs of \(plan.name)", .failed, reason)) }
    }
    return signs
  }

  /// One proof's schedules under one mutation.
  private struct Cell {
    let signs: Set<String>
    var ran = 0
    var redBy: String?
    var reason = ""
    /// The run that is red.
    var report: RunReport?
    var isCut = false
    var cuts = SearchCuts()
    /// A schedule was another one when it was run again.
    var divergence: String?
    /// Whether it fails by nothing but the bug's own signs.
    var isKnown = false

    init(signs: Set<String>) { self.signs = signs }

    func outcome(_ expected: PartEffect) -> CaseOutcome {
      if divergence != nil { return .failed }
      return switch expected.colour {
      case .either: redBy == nil && isCut ? .inconclusive : .passed
      case .red: redBy != nil ? .passed : isCut ? .inconclusive : .failed
      case .green: redBy != nil ? (isKnown ? .passed : .failed) : isCut ? .inconclusive : .passed
      }
    }

    func text(_ expected: PartEffect) -> String {
      if let divergence { return divergence }
      let what = redBy.map { "failed by \($0) at schedule \(ran): \(reason)" } ?? "passed in \(ran) schedules"
      if expected.colour == .green, redBy != nil, isKnown { return "\(what); a sign of the bug, seen here as well" }
      return "\(what); expected \(expected.colour.rawValue), \(expected.why)"
    }
  }

  /// Runs a proof's schedules on the fixed engine with some old parts until one is red, by that check if one is named.
  private func sweep(
    _ plan: ProofPlan, _ revisions: [PaperInputs.Revision], max: Int, by check: String? = nil, _ run: CaseRun,
    _ cell: inout Cell
  ) {
    var inputs = plan.inputs
    inputs.revisions = revisions
    let system = system(inputs)
    let search = Search(Seeds(options.seed), arm: 1)
    var sweep = run.sweep(of: PaperSystem.self, epoch: system.epoch) { _ in "proof \(plan.name)" }
    let campaign = sweep.run(
      system, search, until: CampaignGoal(ran: max, failed: 1),
      // Limits in time are judged in stall-free schedules only.
      hasStalls: { !plan.spec.isTimeSignature && $0 % 2 == 1 },
      judge: { report, _ in
        guard let verdict = plan.ownSpec.failing(report), check == nil || verdict.check == check else { return .counts }
        return .fails(verdict, counts: true)
      })
    cell.ran = campaign.ran
    cell.isCut = campaign.isCut
    cell.cuts = search.cuts
    cell.divergence = sweep.reason
    guard let (_, report, verdict) = campaign.failure else { return }
    cell.redBy = verdict.check
    cell.reason = verdict.reason
    cell.report = report
    let failed = plan.ownSpec.checks.filter { report.judgement.verdict($0)?.outcome == .fail }
    cell.isKnown = failed.allSatisfy { cell.signs.contains($0) }
  }
}
