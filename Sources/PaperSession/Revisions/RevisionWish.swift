public import Basics
import FaultInjection
import HistoricalBugs
import Proof

/// What a user asks to be run alone: revisions of bugs under faults, in the words of the command line.
public struct RevisionWish {
  /// Ids, aliases, fault files or one-line faults.
  public var faults: [String]
  /// `original`, or `9.1=original`.
  public var revisions: [String]
  /// The bug whose scenario is run; nil: the ones that faults and revisions name.
  public var bug: String?
  /// What the words of faults mean.
  public var selection: FaultSelection
  /// Seed, settings, market, length and checks; schedules and campaigns are of proofs alone.
  public var options: ProofOptions
  /// On real threads, which the screen says.
  public var isLive: Bool

  /// A wish as it was typed; nothing is looked up yet.
  public init(
    faults: [String], revisions: [String], bug: String?, selection: FaultSelection, options: ProofOptions, isLive: Bool
  ) {
    self.faults = faults
    self.revisions = revisions
    self.bug = bug
    self.selection = selection
    self.options = options
    self.isLive = isLive
  }

  /// Virtual seconds of a schedule in which no bug says how long it needs: a few of the rarest calls, which come once a
  /// minute.
  private static let defaultSeconds = 300.0

  /// Whether the words name a bug, or a fault that provokes one; without, a revision would be of nothing.
  ///
  /// - Throws: a word that is no fault.
  public func hasBug() throws(UsageError) -> Bool {
    if bug != nil || !revisions.isEmpty { return true }
    return try selection.sources(faults).contains { !ProofPlans.provoked(by: $0).isEmpty }
  }

  /// The revisions in the scenario of each bug that is meant.
  ///
  /// - Throws: an unknown bug, fault or revision, or no bug to run the scenario of.
  public func subjects() throws(UsageError) -> [RevisionSubject] {
    let chosen = try selection.sources(faults)
    var subjects: [RevisionSubject] = []
    for plan in try plans(chosen) { subjects.append(try subject(plan, chosen)) }
    return subjects
  }

  private func subject(_ plan: ProofPlan, _ chosen: [ChosenFault]) throws(UsageError) -> RevisionSubject {
    let revisions = try PaperInputs.Revision.all(revisions, bug: plan.bug.id)
    var inputs = plan.inputs
    inputs.revisions = revisions
    var head = ProofScreen.head(plan.spec, isLive: isLive)
    // Faults besides the one that provokes the bug are armed on top of it.
    for other in chosen where other.fault.id != plan.fault?.id {
      inputs.faults.append(other.source)
      head += "Also   \(other.fault.id): \(other.fault.title)\n"
    }
    // What the fix promises besides tells single parts apart; a whole original is known by its signature; the fixed engine
    // must hold everything.
    let isPart = revisions.contains { $0.revision.contains("/") }
    let isFixed = !revisions.contains { $0.revision != "fixed" }
    let own = isPart || isFixed ? plan.spec.ownChecks : plan.spec.originalChecks
    let under = (plan.fault.map { [$0.id] } ?? []) + chosen.map(\.fault.id)
    let all = isFixed && options.checks == nil ? PaperSystem.checks(of: .run, under: under) : []
    let general = all.filter { !own.contains($0) }
    let revision = revisions.map { "\($0.bug)=\($0.revision)" }.joined(separator: " ")
    return RevisionSubject(
      inputs: inputs, name: plan.bug.id, what: "bug \(plan.bug.id), \(revision.isEmpty ? "fixed" : revision)",
      signature: plan.spec.signature, isTimeSignature: plan.spec.isTimeSignature,
      checks: options.checks ?? own, general: general, head: head)
  }

  /// The bugs whose scenarios are run: named by `--bug`, else those that a fault provokes, and of these the ones that
  /// `BUG=revision` names.
  private func plans(_ chosen: [ChosenFault]) throws(UsageError) -> [ProofPlan] {
    var bugs: [HistoricalBug] = []
    for word in revisions where word.contains("=") {
      let bug = try ProofPlans.bug(String(word.prefix { $0 != "=" }))
      if !bugs.contains(where: { $0.id == bug.id }) { bugs.append(bug) }
    }
    if let bug { bugs = [try ProofPlans.bug(bug)] }
    let first = chosen.first { !ProofPlans.provoked(by: $0).isEmpty }
    if bugs.isEmpty {
      guard let first else {
        let names = chosen.map { "'\($0.fault.id)'" }.joined(separator: ", ")
        throw UsageError(
          text: "run: no listed bug is provoked by \(names); say whose revision it is, as in --revision 9.1=original")
      }
      bugs = ProofPlans.provoked(by: first)
    }
    var plans: [ProofPlan] = []
    for bug in bugs {
      let provoking = chosen.first { bug.provokedBy.faults.contains($0.fault.id) }
      guard let fault = provoking ?? (bug.provokedBy.condition == nil ? chosen.first : nil) else {
        plans.append(try ProofPlans.plan(of: bug, selection, options))
        continue
      }
      plans.append(try ProofPlans.plan(bug, fault, options))
    }
    return plans
  }

  /// Faults that provoke no listed bug: the fixed engine under them, in the paper scenario, judged by all that applies.
  ///
  /// - Throws: a word that is no fault.
  public func subjectWithoutBug() throws(UsageError) -> RevisionSubject {
    // Recorded data is played to its end.
    let seconds = options.durationSeconds ?? (options.market == nil ? Self.defaultSeconds : nil)
    var inputs = PaperInputs(
      kind: .proof, settings: options.settings, market: options.market, durationSeconds: seconds)
    var head = ""
    let chosen = try selection.sources(faults)
    for fault in chosen {
      inputs.faults.append(fault.source)
      head += "Fault  \(fault.fault.id): \(fault.fault.title)\n"
    }
    return RevisionSubject(
      inputs: inputs, name: chosen.first?.name ?? "run", what: "the fixed engine",
      checks: options.checks ?? PaperSystem.checks(of: .run, under: chosen.map(\.fault.id)), head: head)
  }
}
