public import Basics
import Exploration
import FaultInjection
import HistoricalBugs
public import Proof

/// The cases of our gauntlet, from the lists of bugs and faults: strongest evidence first.
public struct GauntletCases {
  let selection: FaultSelection
  let options: ProofOptions
  /// Whether faults and pairs get more schedules than a gauntlet before a release has time for.
  let isThorough: Bool
  /// Where the runs go that made a case red, and what writes them.
  let base: String
  let store: RunStore
  /// Runs this program in a process of its own.
  let chaos: (_ words: [String], _ limit: Double) -> LiveChild?

  /// `chaos` runs this program once more with these words, for at most so many seconds; nil: it cannot be started.
  public init(
    selection: FaultSelection, options: ProofOptions, isThorough: Bool = false, base: String, store: RunStore,
    chaos: @escaping (_ words: [String], _ limit: Double) -> LiveChild?
  ) {
    self.selection = selection
    self.options = options
    self.isThorough = isThorough
    self.base = base
    self.store = store
    self.chaos = chaos
  }

  /// Proofs, false alarms, faults alone, mutation, live smokes, pairs of faults.
  ///
  /// - Throws: a fault of the library of which no session can be made.
  public func all() throws(UsageError) -> [GauntletCase] {
    let plans = try proofPlans()
    return plans.map(proof) + healthy() + venue() + (try faultsAlone()) + mutations(plans) + live() + (try pairs())
  }

  /// Every bug under everything that provokes it.
  private func proofPlans() throws(UsageError) -> [ProofPlan] {
    var plans: [ProofPlan] = []
    for bug in AllBugs.all {
      let words: [String?] = bug.provokedBy.condition == nil ? bug.provokedBy.faults.map { $0 } : [nil]
      for word in words {
        plans += try ProofPlans.plans(
          faults: word.map { [$0] } ?? [], bugWord: bug.id, selection: selection, options: options)
      }
    }
    return plans
  }

  var seedWords: String { options.seed == 1 ? "" : " --seed \(options.seed)" }

  /// The command that runs one case again in its own process.
  func again(_ id: String) -> String {
    "chaos gauntlet --filter \(id) --jobs 0\(isThorough ? " --thorough" : "")\(seedWords)"
  }

  // MARK: Proofs

  private func proof(_ plan: ProofPlan) -> GauntletCase {
    let spec = plan.spec
    let id = "proof/\(plan.name)"
    let weight = Seeds.scenarioCount + 2 * spec.campaigns + 2 * spec.schedules * (spec.isTimeSignature ? 2 : 1)
    return GauntletCase(
      id: id, title: "\(spec.bugTitle): proven under \(plan.provocation)", replay: spec.command, weight: weight
    ) { run in
      let executor = Executor()
      let prover = Prover<PaperSystem>(
        spec, executor: executor, isOverBudget: run.isOverBudget, willRun: { run.begin($0.rawValue, $1) },
        system: plan.system)
      let result = prover.run(epoch: plan.system(.fixedOn).epoch)
      var done = CaseResult(
        id: id, arms: ArmOutcomes.of(result), details: ProofJSON.value(result, directory: nil, replay: spec.command))
      done.schedules = result.arms.reduce(0) { $0 + $1.ran + $1.repeated }
      for arm in result.arms { done.cuts += arm.cuts }
      done.figures = [("mean", result[.originalOn].meanToFailure?.value)]
      for arm in [result[.fixedOff], result[.fixedOn]] where arm.counted > 0 {
        let sent = arm.tallies.first { $0.name == "SENT" }?.value ?? 0
        if let idle = Self.idle(arm.arm.rawValue, orders: sent, schedules: arm.counted) { done.arms.append(idle) }
      }
      guard result.exitCode == 0 else {
        if let failure = result[.fixedOn].failures.isEmpty ? nil : result[.fixedOn].exhibit {
          done.directory = keep(failure, of: plan.system(.fixedOn), id: id, judgedBy: spec.checks)
        }
        return done
      }
      var cut = false
      for without in Provocations<PaperSystem>.Without.allCases {
        let found = Provocations(
          spec, without: without, count: 6, max: 25, of: plan.system(without == .fault ? .originalOff : .originalOn),
          executor: executor, isOverBudget: run.isOverBudget, willRun: { run.begin("without \(without.rawValue)", $0) })
        done.schedules += found.ran
        done.cuts += found.cuts
        cut = cut || found.isCut
        if let reason = found.reason {
          done.arms.append(CaseResult.Arm("without \(without.rawValue)", .failed, reason))
        }
        let all = found.searches.allSatisfy { $0 != nil }
        done.figures.append(("no \(without.rawValue)", all ? found.mean : nil))
      }
      if cut {
        done.arms.append(CaseResult.Arm("means", .inconclusive, "the budget cut the searches without stalls or fault"))
      }
      return done
    }
  }

  // MARK: False alarms

  /// No part of the engine asks for a lock while it holds another: none waits with it for what it does not know. Faults have a
  /// lock of their own.
  static func mayNest(_ held: String, _ wanted: String) -> Bool {
    let faults = "fault-injector"
    return held == faults || wanted == faults
  }

  /// A case exists to trade: one in which no order was sent is red; nil: orders were sent.
  static func idle(_ what: String, orders: Int, schedules: Int) -> CaseResult.Arm? {
    orders > 0 || schedules == 0
      ? nil : CaseResult.Arm("orders, \(what)", .failed, "\(idleText) (\(schedules) schedules)")
  }

  private static let idleText = "no order was sent, so nothing was tested"

  /// Sessions that never did one of the things that trading is made of.
  static func missing(_ deed: String, in sessions: Int) -> CaseResult.Arm {
    CaseResult.Arm(deed, .failed, "none in \(sessions) healthy sessions")
  }

  /// What is wrong with a healthy session; nil: nothing.
  static func alarm(_ report: RunReport) -> Verdict? {
    func alarm(_ text: String) -> Verdict { Verdict(check: "healthy", outcome: .fail, reason: text) }
    if let incident = report.incidents.first { return alarm("\(incident.kind.rawValue): \(incident.summary)") }
    if report.dump != nil { return alarm("a dump was written") }
    let checks = PaperSystem.checks(of: .healthy)
    if let failed = report.judgement.verdicts.first(where: { $0.outcome == .fail && checks.contains($0.check) }) {
      return alarm("\(failed.check): \(failed.reason)")
    }
    return report.judgement.deed(PaperSystem.orders) == 0 ? alarm(idleText) : nil
  }

  /// Writes a run that made a case red, run again for its stacks; nil: it cannot be written.
  func keep(_ report: RunReport, of system: PaperSystem, id: String, judgedBy: [String]) -> String? {
    var request = report.request
    request.wantsStacks = true
    let again = Executor().run(system, request, epoch: system.epoch)
    let path = "\(base)/\(String(id.map { $0 == "/" ? "_" : $0 }))"
    let about = RunStore.About(seed: options.seed, judgedBy: judgedBy, replay: "chaos replay \(path)")
    return store.write(again, about, to: path) == nil ? path : nil
  }

  func system(_ inputs: PaperInputs) -> PaperSystem {
    do throws(PaperError) { return try PaperSystem(inputs) } catch {
      fatalError("inputs were checked before and are wrong now: \(error)")
    }
  }
}
