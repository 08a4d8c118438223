import Basics
import Trading
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
  /// Judge by these instead of the fault's own checks; nil: by the fault's.
  var checks: [String]?
}

enum ProofPlans {
  /// What the words of the command line select to be proven: every bug that a fault provokes, the one bug under each
  /// fault, or without a fault one bug or all under what provokes them. Empty: none of the faults provokes a bug.
  static func plans(
    faults words: [String], bugWord: String?, selection: FaultSelection, options: ProofOptions
  ) throws(UsageError) -> [ProofPlan] {
    let named = try bugWord.map { word throws(UsageError) in try bug(word) }
    let chosen = try selection.sources(words)
    var plans: [ProofPlan] = []
    if chosen.isEmpty {
      for bug in named.map({ [$0] }) ?? AllBugs.all { plans.append(try plan(of: bug, selection, options)) }
      return plans
    }
    var idle: [ChosenFault] = []
    for fault in chosen {
      if let named {
        try refuseOther(fault, named)
        plans.append(try plan(named, fault, options))
        continue
      }
      let bugs = provoked(by: fault)
      if bugs.isEmpty { idle.append(fault) }
      for bug in bugs { plans.append(try plan(bug, fault, options)) }
    }
    if let first = idle.first, let plan = plans.first {
      throw UsageError(
        text:
          "run: the fault '\(first.fault.id)' provokes no listed bug, so nothing can be proven under it; run it alone "
          + "(chaos run --fault \(first.quoted)), or on top of another fault: chaos run --bug \(plan.bug.id) --fault "
          + "\(plan.fault?.id ?? "") --fault \(first.quoted) --revision fixed")
    }
    return plans
  }

  /// The one bug of a name.
  static func bug(_ word: String) throws(UsageError) -> HistoricalBug {
    if let bug = AllBugs.named(word) { return bug }
    let names = AllBugs.all.flatMap { [$0.id] + $0.aliases }
    let near = Suggestion.closest(to: word, in: names).map { "; did you mean '\($0)'?" } ?? ""
    throw UsageError(text: "no bug is called '\(word)'\(near); 'chaos list' names them")
  }

  static func provoked(by fault: ChosenFault) -> [HistoricalBug] {
    AllBugs.all.filter { $0.provokedBy.faults.contains(fault.fault.id) }
  }

  /// A bug under its condition, or its first fault.
  static func plan(
    of bug: HistoricalBug, _ selection: FaultSelection, _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    if let condition = bug.provokedBy.condition { return try plan(bug, under: condition, options) }
    guard let id = bug.provokedBy.faults.first else { throw UsageError(text: "nothing provokes the bug \(bug.id)") }
    return try plan(bug, try selection.source(id), options)
  }

  /// A listed fault that does not provoke the bug proves nothing about it; one of the user's own may.
  private static func refuseOther(_ chosen: ChosenFault, _ bug: HistoricalBug) throws(UsageError) {
    if let condition = bug.provokedBy.condition {
      throw UsageError(
        text: "bug \(bug.id) is provoked by a condition (\(condition.name)) and not by a fault; leave --fault out")
    }
    guard !chosen.isOwn, let remark = remark(chosen, bug) else { return }
    throw UsageError(
      text:
        "run: \(remark); chaos run --bug \(bug.id) --fault \(bug.provokedBy.faults[0]), or add --revision original to "
        + "see the bug's original under '\(chosen.fault.id)'")
  }

  /// What a screen says where nobody knows that the fault provokes the bug; nil: it is listed.
  static func remark(_ chosen: ChosenFault, _ bug: HistoricalBug) -> String? {
    let known = bug.provokedBy.faults
    if known.contains(chosen.fault.id) || known.isEmpty { return nil }
    return "the fault '\(chosen.fault.id)' is not known to provoke bug \(bug.id); "
      + "\(known.joined(separator: ", ")) \(known.count == 1 ? "does" : "do")"
  }

  static func plan(
    _ bug: HistoricalBug, _ chosen: ChosenFault, _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    var command = "chaos run --fault \(chosen.quoted)"
    let provoked = provoked(by: chosen)
    if bug.provokedBy.faults.count != 1 || provoked.count != 1 { command += " --bug \(bug.id)" }
    return try plan(
      bug, options, faults: [chosen.source], fault: chosen.fault, remark: remark(chosen, bug), command: command)
  }

  private static func plan(
    _ bug: HistoricalBug, under condition: ProvokingCondition, _ options: ProofOptions
  ) throws(UsageError) -> ProofPlan {
    if options.market != nil {
      throw UsageError(
        text: "bug \(bug.id) is provoked by a condition of its own market (\(condition.name)); leave --market out")
    }
    return try plan(bug, options, faults: [], condition: condition, command: "chaos run --bug \(bug.id)")
  }

  private static func plan(
    _ bug: HistoricalBug, _ options: ProofOptions, faults: [PaperInputs.FaultSource], fault: Fault? = nil,
    condition: ProvokingCondition? = nil, remark: String? = nil, command: String
  ) throws(UsageError) -> ProofPlan {
    let inputs = PaperInputs(
      kind: .proof, bug: bug.id, faults: faults, settings: options.settings, market: options.market,
      durationSeconds: options.durationSeconds)
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    var command = command
    if let checks = options.checks { command += " --checks \(checks.joined(separator: ","))" }
    var spec = ProofSpec(
      fault: fault.map { ($0.id, $0.title) }, condition: condition?.name, bug: bug.id, bugTitle: bug.title,
      standing: bug.standingText, seed: options.seed, virtualSeconds: system.virtualSeconds,
      signature: bug.signature, isTimeSignature: bug.isTimeSignature,
      judgedBy: options.checks ?? fault.map(checks) ?? condition?.checks ?? [], baseChecks: PaperSystem.baseChecks,
      firedMin: fault?.expect.firedMin ?? 0,
      landmarks: bug.landmarks, schedules: options.schedules, campaigns: options.campaigns,
      command: command + (options.seed == 1 ? "" : " --seed \(options.seed)"))
    spec.promises = bug.promises
    spec.worked = PaperSystem.worked
    if let remark { spec.remarks.append(remark) }
    return ProofPlan(bug: bug, fault: fault, inputs: inputs, spec: spec)
  }

  /// The fault's checks, and its limits in time where it names them.
  static func checks(of fault: Fault) -> [String] {
    fault.expect.checks + (fault.expect.detect == nil ? [] : [CheckName.detectedInTime.rawValue])
      + (fault.expect.recover == nil ? [] : [CheckName.recoveredInTime.rawValue])
  }
}

extension HistoricalBug {
  /// Said on first screens of a bug that history only claimed.
  var standingText: String? { standing == .observed ? nil : standing.rawValue }
}
