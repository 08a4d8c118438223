import ChaosRuntime
import Checks
import HistoricalBugs

extension PaperSystem {
  /// What run.json says of the pre-fix revisions that the session runs with: whether it has what provokes them.
  var putBack: [PutBackRevision] {
    inputs.revisions.filter { $0.revision != "fixed" }.compactMap { wanted in
      guard let bug = AllBugs.named(wanted.bug) else { return nil }
      let isProvoked: Bool
      if bug.provokedBy.condition != nil {
        isProvoked = self.bug?.id == bug.id && !inputs.isCalm
      } else {
        isProvoked = isFaultArmed && faults.contains { bug.provokedBy.faults.contains($0.id) }
      }
      let name = "\(bug.id)=\(wanted.revision)"
      return PutBackRevision(
        bug: bug.id, revision: wanted.revision, shownBy: [bug.signature] + bug.consequences,
        provokedBy: bug.provokedBy.condition.map { [$0.name] } ?? bug.provokedBy.faults, isProvoked: isProvoked,
        command: isProvoked
          ? "chaos run --bug \(bug.id) --revision \(name)"
          : "chaos paper --scenario \(bug.id) --revision \(name)")
    }
  }

  /// Id of the fault that provokes a bug in its own scenario; nil where the scenario alone does.
  ///
  /// - Throws: `PaperError.unknownBug`.
  public static func fault(ofBug id: String) throws(PaperError) -> String? { try bug(id).provokedBy.faults.first }
}
