import ChaosRuntime
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Proof

/// From what the user asked for to the proofs that answer it.
struct ProofPlan {
  let bug: HistoricalBug
  let fault: Fault?
  let inputs: PaperInputs
  let spec: ProofSpec

  func system(_ arm: Arm) -> PaperSystem {
    var inputs = inputs
    if arm.isOriginal {
      inputs.revisions = [PaperInputs.Revision(bug: bug.id, revision: "original")] + inputs.revisions
    }
    inputs.isCalm = fault == nil && !arm.isFaultOn
    do throws(PaperError) {
      var system = try PaperSystem(inputs)
      system.isFaultArmed = arm.isFaultOn
      return system
    } catch {
      fatalError("inputs were checked before and are wrong now: \(error)")
    }
  }
}

/// Options of a proof.
struct ProofOptions {
  var seed: UInt64
  var settings: [PaperInputs.Setting] = []
  var market: String?
  var durationSeconds: Double?
  var schedules = 200
  var campaigns = 20
}

enum ProofPlans {
  /// Every bug that the fault provokes, or the one bug under what provokes it: its first fault, or its condition.
  static func plans(
    faultWord: String?, bugWord: String?, selection: FaultSelection, options: ProofOptions
  ) throws(UsageError) -> [ProofPlan] {
    var bugs = AllBugs.all
    if let bugWord {
      guard let bug = AllBugs.named(bugWord) else {
        let names = AllBugs.all.flatMap { [$0.id] + $0.aliases }
        let near = Suggestion.closest(to: bugWord, in: names).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "no bug is called '\(bugWord)'\(near); 'chaos list' names them")
      }
      bugs = [bug]
    }
    guard let faultWord else {
      var plans: [ProofPlan] = []
      for bug in bugs {
        if let condition = bug.provokedBy.condition {
          plans.append(try plan(bug, under: condition, options))
        } else if let id = bug.provokedBy.faults.first {
          plans.append(try plan(bug, try selection.source(id), options))
        }
      }
      return plans
    }
    let chosen = try selection.source(faultWord)
    if bugWord == nil { bugs = bugs.filter { $0.provokedBy.faults.contains(chosen.fault.id) } }
    var plans: [ProofPlan] = []
    for bug in bugs {
      if let condition = bug.provokedBy.condition {
        throw UsageError(
          text: "bug \(bug.id) is provoked by a condition (\(condition.name)) and not by a fault; leave --fault out")
      }
      plans.append(try plan(bug, chosen, options))
    }
    return plans
  }

  private static func plan(
    _ bug: HistoricalBug, _ chosen: (source: PaperInputs.FaultSource, fault: Fault), _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    var command = "chaos run --fault \(quoted(chosen))"
    let provoked = AllBugs.all.filter { $0.provokedBy.faults.contains(chosen.fault.id) }
    if bug.provokedBy.faults.count != 1 || provoked.count > 1 { command += " --bug \(bug.id)" }
    return try plan(bug, options, faults: [chosen.source], fault: chosen.fault, command: command)
  }

  private static func plan(
    _ bug: HistoricalBug, under condition: ProvokingCondition, _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    if options.market != nil {
      throw UsageError(
        text: "bug \(bug.id) is provoked by a condition of its own market (\(condition.name)); leave --market out")
    }
    return try plan(
      bug, options, faults: [], condition: condition, command: "chaos run --bug \(bug.id)")
  }

  private static func plan(
    _ bug: HistoricalBug, _ options: ProofOptions, faults: [PaperInputs.FaultSource], fault: Fault? = nil,
    condition: ProvokingCondition? = nil, command: String
  ) throws(UsageError) -> ProofPlan {
    let inputs = PaperInputs(
      kind: .proof, bug: bug.id, faults: faults, settings: options.settings, market: options.market,
      durationSeconds: options.durationSeconds)
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    var spec = ProofSpec(
      fault: fault.map { ($0.id, $0.title) }, condition: condition?.name, bug: bug.id, bugTitle: bug.title,
      standing: bug.standingText, seed: options.seed, virtualSeconds: system.virtualSeconds,
      signature: bug.signature, isTimeSignature: bug.isTimeSignature,
      judgedBy: fault.map(checks) ?? condition?.checks ?? [], firedMin: fault?.expect.firedMin ?? 0,
      landmarks: bug.landmarks, schedules: options.schedules, campaigns: options.campaigns,
      command: command + (options.seed == 1 ? "" : " --seed \(options.seed)"))
    spec.promises = bug.promises
    return ProofPlan(bug: bug, fault: fault, inputs: inputs, spec: spec)
  }

  /// The fault's checks, and its limits in time where it names them.
  static func checks(of fault: Fault) -> [String] {
    fault.expect.checks + (fault.expect.detect == nil ? [] : ["detected-in-time"])
      + (fault.expect.recover == nil ? [] : ["recovered-in-time"])
  }

  private static func quoted(_ chosen: (source: PaperInputs.FaultSource, fault: Fault)) -> String {
    if case .oneLine(let text) = chosen.source { return "'\(text)'" }
    return chosen.fault.id
  }
}

extension HistoricalBug {
  /// Said on first screens of a bug that history only claimed.
  var standingText: String? { standing == .observed ? nil : standing.rawValue }
}
