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
  /// Every bug that the fault provokes, or the one bug under the first fault that provokes it.
  static func plans(
    faultWord: String?, bugWord: String?, selection: FaultSelection, options: ProofOptions
  ) throws(UsageError) -> [ProofPlan] {
    var bugs = AllBugs.all
    if let bugWord {
      guard let bug = AllBugs.named(bugWord) else {
        let near = Suggestion.closest(to: bugWord, in: AllBugs.all.map(\.id)).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "no bug is called '\(bugWord)'\(near); 'chaos list' names them")
      }
      bugs = [bug]
    }
    guard let faultWord else {
      var plans: [ProofPlan] = []
      for bug in bugs {
        guard let id = bug.provokedBy.first else { continue }
        plans.append(try plan(bug, try selection.source(id), options))
      }
      return plans
    }
    let chosen = try selection.source(faultWord)
    if bugWord == nil { bugs = bugs.filter { $0.provokedBy.contains(chosen.fault.id) } }
    var plans: [ProofPlan] = []
    for bug in bugs { plans.append(try plan(bug, chosen, options)) }
    return plans
  }

  private static func plan(
    _ bug: HistoricalBug, _ chosen: (source: PaperInputs.FaultSource, fault: Fault), _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    let inputs = PaperInputs(
      kind: .proof, bug: bug.id, faults: [chosen.source], settings: options.settings, market: options.market,
      durationSeconds: options.durationSeconds)
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    var command = "chaos run --fault \(quoted(chosen))"
    if bug.provokedBy.count != 1 || AllBugs.all.filter({ $0.provokedBy.contains(chosen.fault.id) }).count > 1 {
      command += " --bug \(bug.id)"
    }
    if options.seed != 1 { command += " --seed \(options.seed)" }
    let spec = ProofSpec(
      fault: (chosen.fault.id, chosen.fault.title), bug: bug.id, bugTitle: bug.title, standing: bug.standingText,
      seed: options.seed, virtualSeconds: system.virtualSeconds, signature: bug.signature,
      isTimeSignature: bug.isTimeSignature, judgedBy: checks(of: chosen.fault),
      firedMin: chosen.fault.expect.firedMin,
      landmarks: bug.landmarks, schedules: options.schedules, campaigns: options.campaigns, command: command)
    return ProofPlan(bug: bug, fault: chosen.fault, inputs: inputs, spec: spec)
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
