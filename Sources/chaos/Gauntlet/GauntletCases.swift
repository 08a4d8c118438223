import Basics
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Proof

/// The cases of our gauntlet, from the lists of bugs and faults: strongest evidence first.
struct GauntletCases {
  let selection: FaultSelection
  let options: ProofOptions
  /// Where the runs go that made a case red.
  let base: String

  /// Proofs, false alarms, faults alone, mutation, live smokes, pairs of faults.
  func all() throws(UsageError) -> [GauntletCase] {
    let plans = try proofPlans()
    return plans.map(proof) + healthy() + (try faultsAlone()) + mutations(plans) + live() + (try pairs())
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
  func again(_ id: String) -> String { "chaos gauntlet --filter \(id) --jobs 0\(seedWords)" }

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
        if let idle = Self.idle(arm.arm.rawValue, sent: sent, schedules: arm.counted) { done.arms.append(idle) }
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

  /// Sessions of the default market without any fault: no check fails, no dump.
  private func healthy() -> [GauntletCase] {
    let batch = 20
    return (0..<5).map { number in
      let id = "healthy/\(number + 1)"
      return GauntletCase(
        id: id, title: "\(batch) healthy sessions of the default market: no check fails, no dump", replay: again(id),
        weight: batch * 4
      ) { run in
        let system = system(PaperInputs(kind: .paper))
        let search = Search(Seeds(options.seed), arm: 2)
        var sweep = Sweep<PaperSystem>(by: Executor(), epoch: system.epoch)
        var done = CaseResult(id: id, arms: [])
        for index in number * batch..<(number + 1) * batch where !run.isOverBudget() {
          // Every session has a market of its own.
          var request = search.request(index)
          request.scenarioSeed = Mixing.mix(options.seed, 0x4EA1, UInt64(index)) >> 32
          run.begin("a healthy session", request)
          let report = sweep.run(request, of: system)
          search.note(report)
          done.cuts = search.cuts
          done.schedules += 1
          var alarm = Self.alarm(report)
          if alarm == nil, report.judgement.tally("SENT") == 0 { alarm = Self.idleText }
          if alarm != nil { sweep.confirm(report, of: system) }
          if let reason = sweep.reason {
            done.arms.append(CaseResult.Arm("session \(index + 1)", .failed, reason))
            return done
          }
          if let alarm {
            done.arms.append(
              CaseResult.Arm("session \(index + 1)", .failed, "\(alarm), scenario seed \(request.scenarioSeed)"))
            done.directory = keep(
              report, of: system, id: id, judgedBy: report.judgement.verdicts.map(\.check))
            return done
          }
        }
        let isWhole = done.schedules == batch
        done.arms = [
          CaseResult.Arm(
            "sessions", isWhole ? .passed : .inconclusive,
            "\(done.schedules) of \(batch) healthy sessions raised no alarm")
        ]
        return done
      }
    }
  }

  /// A case exists to trade: one in which no order was sent is red; nil: orders were sent.
  static func idle(_ what: String, sent: Int, schedules: Int) -> CaseResult.Arm? {
    sent > 0 || schedules == 0
      ? nil : CaseResult.Arm("orders, \(what)", .failed, "\(idleText) (\(schedules) schedules)")
  }

  private static let idleText = "no order was sent, so nothing was tested"

  private static func alarm(_ report: RunReport) -> String? {
    if let incident = report.incidents.first { return "\(incident.kind.rawValue): \(incident.summary)" }
    if report.dump != nil { return "a dump was written" }
    return report.judgement.verdicts.first { $0.outcome == .fail }.map { "\($0.check): \($0.reason)" }
  }

  /// Writes a run that made a case red, run again for its stacks; nil: it cannot be written.
  func keep(_ report: RunReport, of system: PaperSystem, id: String, judgedBy: [String]) -> String? {
    var request = report.request
    request.wantsStacks = true
    let again = Executor().run(system, request, epoch: system.epoch)
    let path = "\(base)/\(String(id.map { $0 == "/" ? "_" : $0 }))"
    let extras = RunDirectory.Extras(seed: options.seed, judgedBy: judgedBy, replay: "chaos replay \(path)")
    return Files.write(RunDirectory.files(again, extras: extras), to: path) == nil ? path : nil
  }

  func system(_ inputs: PaperInputs) -> PaperSystem {
    do throws(PaperError) { return try PaperSystem(inputs) } catch {
      fatalError("inputs were checked before and are wrong now: \(error)")
    }
  }
}

extension ProofPlan {
  /// Bug, and its fault where it has one.
  var name: String { fault.map { "\(bug.id)/\($0.id)" } ?? bug.id }
  var provocation: String { fault?.id ?? spec.condition ?? "nothing" }
}
