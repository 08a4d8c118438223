public import Basics
import Exploration
import FaultInjection
public import HistoricalBugs

/// Every revision of a bug under every fault of the library, really run: what each attempt at a fix earned.
public struct RevisionTable {
  /// One revision under one fault.
  public struct Cell {
    /// Schedules that met the fault.
    public var reached = 0
    /// Those of them that failed.
    public var failed = 0
    /// What failed first.
    public var by: String?

    /// `fails 3/6 no-deadlock`, `green 6`, or `never met`.
    public var text: String {
      if let by { return "fails \(failed)/\(reached) \(by)" }
      return reached == 0 ? "never met" : "green \(reached)"
    }
  }

  /// Whose revisions.
  public let bug: HistoricalBug
  let selection: FaultSelection
  /// The run seed.
  public let seed: UInt64
  /// Schedules of one cell.
  public let schedules: Int

  /// A table that was not run yet.
  public init(bug: HistoricalBug, selection: FaultSelection, seed: UInt64, schedules: Int) {
    self.bug = bug
    self.selection = selection
    self.seed = seed
    self.schedules = schedules
  }

  /// Whether there is an attempt to tell about, and schedules to tell it by.
  public var isWorthIt: Bool { bug.revisions.count > 2 && schedules > 0 }

  /// A row per fault that the bug's orders meet at least once, those that provoke it first; a cell per revision, as far as
  /// they were run when `isInterrupted` said so.
  ///
  /// - Throws: a revision of which no session can be made.
  public func rows(
    progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }, isInterrupted: () -> Bool = { false }
  ) throws(UsageError) -> [(fault: String, cells: [Cell])] {
    let ids = selection.library.faults.map(\.id)
    let provoking = bug.provokedBy.faults
    let faults = provoking + ids.filter { !provoking.contains($0) }
    let executor = Executor()
    var rows: [(fault: String, cells: [Cell])] = []
    var done = 0
    for id in faults {
      let chosen = try selection.source(id)
      var cells: [Cell] = []
      for revision in bug.revisions {
        cells.append(try cell(revision, chosen, executor))
        done += 1
        progress(done, faults.count * bug.revisions.count)
        if isInterrupted() { break }
      }
      if cells.contains(where: { $0.reached > 0 }) { rows.append((id, cells)) }
    }
    return rows
  }

  private func cell(
    _ revision: HistoricalBug.Revision, _ chosen: ChosenFault, _ executor: Executor
  ) throws(UsageError) -> Cell {
    let inputs = PaperInputs(
      kind: .proof, bug: bug.id, revisions: [PaperInputs.Revision(bug: bug.id, revision: revision.id)],
      faults: [chosen.source])
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    let checks = [bug.signature] + PaperSystem.baseChecks + chosen.fault.expect.checks
    let search = Search(Seeds(seed), arm: 1)
    var sweep = Sweep<PaperSystem>(by: executor, epoch: system.epoch)
    // Somebody waits for the table, and the gauntlet runs the same schedules again.
    sweep.repeatsEvery = nil
    sweep.confirmsFailures = false
    let campaign = sweep.run(
      system, search, until: CampaignGoal(ran: schedules), hasStalls: { _ in false },
      judge: { report, _ in
        let fired = report.judgement.faultCounts
        guard !fired.isEmpty, fired.allSatisfy({ $0.fired > 0 }) else { return .notReached }
        return report.failure(by: checks).map { .fails($0, counts: true) } ?? .counts
      })
    return Cell(
      reached: campaign.counts.counted, failed: campaign.counts.failed, by: campaign.failure?.verdict.check)
  }
}
