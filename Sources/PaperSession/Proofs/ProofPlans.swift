public import Basics
public import FaultInjection
public import HistoricalBugs
import Proof
import Trading

/// From what a user asked for to the proofs that answer it.
public enum ProofPlans {
  /// What the words of the command line select to be proven: every bug that a fault provokes, the one bug under each
  /// fault, or without a fault one bug or all under what provokes them. Empty: none of the faults provokes a bug.
  ///
  /// - Throws: an unknown bug or fault, one named twice, or a fault that cannot provoke the bug.
  public static func plans(
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
  ///
  /// - Throws: no bug of that name, with the nearest one.
  public static func bug(_ word: String) throws(UsageError) -> HistoricalBug {
    if let bug = AllBugs.named(word) { return bug }
    let names = AllBugs.all.flatMap { [$0.id] + $0.aliases }
    let near = Suggestion.closest(to: word, in: names).map { "; did you mean '\($0)'?" } ?? ""
    throw UsageError(text: "no bug is called '\(word)'\(near); 'chaos list' names them")
  }

  /// The bugs that a fault is known to provoke.
  public static func provoked(by fault: ChosenFault) -> [HistoricalBug] {
    AllBugs.all.filter { $0.provokedBy.faults.contains(fault.fault.id) }
  }

  /// A bug under its condition, or its first fault.
  ///
  /// - Throws: nothing provokes the bug, or recorded ticks are asked for where its own market must.
  public static func plan(
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
  public static func remark(_ chosen: ChosenFault, _ bug: HistoricalBug) -> String? {
    let known = bug.provokedBy.faults
    if known.contains(chosen.fault.id) || known.isEmpty { return nil }
    return "the fault '\(chosen.fault.id)' is not known to provoke bug \(bug.id); "
      + "\(known.joined(separator: ", ")) \(known.count == 1 ? "does" : "do")"
  }

  /// A bug under a fault that the user chose, whether or not it is known to provoke it.
  ///
  /// - Throws: inputs of which no session can be made.
  public static func plan(
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
    if options.checks == nil { spec.general = PaperSystem.checks(of: .proof) }
    spec.worked = PaperSystem.worked
    if let remark { spec.remarks.append(remark) }
    spec.remarks += bug.inventions.map { "not on record, invented: \($0)" }
    return ProofPlan(bug: bug, fault: fault, inputs: inputs, spec: spec)
  }

  /// The fault's checks, and its limits in time where it names them.
  public static func checks(of fault: Fault) -> [String] {
    fault.expect.checks + (fault.expect.detect == nil ? [] : [CheckName.detectedInTime.rawValue])
      + (fault.expect.recover == nil ? [] : [CheckName.recoveredInTime.rawValue])
  }
}

extension HistoricalBug {
  /// Said on first screens of a bug that history only claimed.
  public var standingText: String? { standing == .observed ? nil : standing.rawValue }
}
