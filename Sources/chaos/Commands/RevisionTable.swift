import ChaosRuntime
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Proof

/// Every revision of a bug under every fault of the library, really run: what each attempt at a fix earned.
struct RevisionTable {
  /// One revision under one fault.
  private struct Cell {
    var failed = 0
    var reached = 0
    var by: String?

    var text: String {
      if let by { return "fails \(failed)/\(reached) \(by)" }
      return reached == 0 ? "never met" : "green \(reached)"
    }
  }

  let bug: HistoricalBug
  let selection: FaultSelection
  let seed: UInt64
  /// Schedules of one cell.
  let schedules: Int

  /// Rows are the faults that the bug's orders meet at least once, those that provoke it first; nil: there is no attempt to
  /// tell about.
  func text() throws(UsageError) -> String? {
    guard bug.revisions.count > 2, schedules > 0 else { return nil }
    let ids = selection.library.faults.map(\.id)
    let provoking = bug.provokedBy.faults
    let rows = provoking + ids.filter { !provoking.contains($0) }
    let progress = Progress("show \(bug.id)")
    let executor = Executor()
    var lines: [(fault: String, cells: [Cell])] = []
    var done = 0
    for id in rows {
      let chosen = try selection.source(id)
      var cells: [Cell] = []
      for revision in bug.revisions {
        cells.append(try cell(revision, chosen, executor))
        done += 1
        progress.show(done, of: rows.count * bug.revisions.count)
        if Interruption.isRequested { break }
      }
      if cells.contains(where: { $0.reached > 0 }) { lines.append((id, cells)) }
    }
    progress.finish()
    return render(lines)
  }

  private func cell(
    _ revision: HistoricalBug.Revision, _ chosen: ChosenFault, _ executor: Executor
  ) throws(UsageError) -> Cell {
    let inputs = PaperInputs(
      kind: .proof, bug: bug.id, revisions: [PaperInputs.Revision(bug: bug.id, revision: revision.id)],
      faults: [chosen.source])
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    let checks = PaperSystem.baseChecks + chosen.fault.expect.checks
    var cell = Cell()
    let search = Search(Seeds(seed), arm: 1)
    for index in 0..<schedules {
      let report = executor.run(system, search.request(index, hasStalls: false), epoch: system.epoch)
      search.note(report)
      let fired = report.judgement.faultCounts
      guard !fired.isEmpty, fired.allSatisfy({ $0.fired > 0 }) else { continue }
      cell.reached += 1
      guard let check = report.failure(by: [bug.signature] + checks)?.check
      else {
        continue
      }
      cell.failed += 1
      cell.by = cell.by ?? check
    }
    return cell
  }

  private func render(_ lines: [(fault: String, cells: [Cell])]) -> String {
    var out = "\nResults of each revision (\(schedules) schedules without stalls, seed \(seed))\n"
    for (fault, cells) in lines {
      out += "  under \(fault)\n"
      for (revision, cell) in zip(bug.revisions, cells) { out += "    \(Verbs.pad(revision.id, 12))\(cell.text)\n" }
    }
    return out
  }
}
