import ChaosRuntime
import Exploration
import HistoricalBugs
import PaperSession
import Proof

/// Mutation: the fixed engine with one original part put back must turn red what history says, and nothing else.
///
/// A part turns its own bug's proofs red. Another proof may turn red by the bug's own signature or consequences, where the
/// bug shows itself under that proof's fault too; any other red is a surprise unless a `PartEffect` announces it.
extension GauntletCases {
  /// Schedules of a proof that must stay green, and those after which a proof that must turn red has not.
  private static let greenSchedules = 16
  private static let redMax = 100

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
      for plan in plans {
        let expected = PartEffect.expected(of: bug, part: part, on: plan.bug)
        let cell = cell(plan, bug, part, expected, run)
        done.schedules += cell.ran
        if let by = cell.redBy { red.append("\(plan.name) (\(by))") }
        done.arms.append(CaseResult.Arm("proof \(plan.name)", cell.outcome(expected), cell.text(expected)))
      }
      done.arms.append(
        CaseResult.Arm(
          "a red proof", red.isEmpty ? .failed : .passed,
          red.isEmpty ? "no proof notices that the part is the old one" : red.joined(separator: ", ")))
      done.note = red.isEmpty ? "no proof turned red" : red.joined(separator: ", ")
      done.details = .object([("part", .string(name)), ("turned_red", .array(red.map { .string($0) }))])
      return done
    }
  }

  /// One proof's schedules under one mutation.
  private struct Cell {
    var ran = 0
    var redBy: String?
    var reason = ""
    var isCut = false
    /// Whether it is red by nothing but what the bug is known by.
    var isKnown = false

    func outcome(_ expected: PartEffect) -> CaseOutcome {
      switch expected.colour {
      case .either: redBy == nil && isCut ? .inconclusive : .passed
      case .red: redBy != nil ? .passed : isCut ? .inconclusive : .failed
      case .green: redBy != nil ? (isKnown ? .passed : .failed) : isCut ? .inconclusive : .passed
      }
    }

    func text(_ expected: PartEffect) -> String {
      let what = redBy.map { "red by \($0) at schedule \(ran): \(reason)" } ?? "green in \(ran) schedules"
      if expected.colour == .green, redBy != nil, isKnown { return "\(what); the bug's own sign, seen here as well" }
      return "\(what); expected \(expected.colour.rawValue), \(expected.why)"
    }
  }

  private func cell(
    _ plan: ProofPlan, _ bug: HistoricalBug, _ part: String?, _ expected: PartEffect, _ run: CaseRun
  ) -> Cell {
    var inputs = plan.inputs
    inputs.revisions = [PaperInputs.Revision(bug: bug.id, revision: "original" + (part.map { "/\($0)" } ?? ""))]
    let system = system(inputs)
    let executor = Executor()
    let search = Search(Seeds(options.seed), arm: 1)
    var cell = Cell()
    let max = expected.colour == .red ? Self.redMax : Self.greenSchedules
    while cell.ran < max {
      if run.isOverBudget() {
        cell.isCut = true
        break
      }
      // Limits in time are judged in stall-free schedules only.
      let request = search.request(cell.ran, hasStalls: !plan.spec.isTimeSignature && cell.ran % 2 == 1)
      run.begin("proof \(plan.name)", request)
      let report = executor.run(system, request, epoch: system.epoch)
      search.note(report)
      cell.ran += 1
      guard let verdict = plan.spec.failing(report) else { continue }
      cell.redBy = verdict.check
      cell.reason = verdict.reason
      let failed = plan.spec.checks.filter { report.judgement.verdict($0)?.outcome == .fail }
      cell.isKnown = failed.allSatisfy { $0 == bug.signature || bug.consequences.contains($0) }
      break
    }
    return cell
  }
}
