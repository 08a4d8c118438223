import ChaosRuntime
import Checks
import HistoricalBugs
import PaperSession
import Proof

/// A live smoke of every bug whose original stands still: real threads, in a process of their own.
extension GauntletCases {
  /// Tries of a live run that did not show what it must: the machine decides the schedule, and of two threads that both
  /// wake at a thread's end (H-SERV-05) the wrong one is first in about every second run.
  private static let triesMax = 10
  /// Seconds after which a live run is ended from outside.
  private static let limit = 150.0

  func live() -> [GauntletCase] {
    AllBugs.all.filter(\.standsStill).map { bug in
      let id = "live/\(bug.id)"
      let replay = "chaos run --bug \(bug.id) --revision original --live\(seedWords)"
      return GauntletCase(
        id: id, title: "\(bug.title), on real threads: the original is caught, the fix stands", lane: .live,
        replay: replay, weight: 0
      ) { run in
        var done = CaseResult(id: id, arms: [])
        for revision in ["original", "fixed"] {
          var arm = CaseResult.Arm(revision, .inconclusive, "not run: the budget was used up")
          for _ in 0..<Self.triesMax where arm.outcome != .passed && !run.isOverBudget() {
            arm = liveArm(bug, revision)
            done.schedules += 1
          }
          done.arms.append(arm)
        }
        done.note = done.arms.first?.text ?? ""
        return done
      }
    }
  }

  private func liveArm(_ bug: HistoricalBug, _ revision: String) -> CaseResult.Arm {
    let folder = "/tmp/chaos-live-\(ChildProcess.ownId)-\(bug.id)"
    defer { Files.removeTree(folder) }
    let words = [
      "run", "--bug", bug.id, "--revision", revision, "--live", "--json", "--seed", "\(options.seed)", "--out", folder,
    ]
    guard let child = ChildProcess.run(words, limit: Self.limit) else {
      return CaseResult.Arm(revision, .inconclusive, "the program cannot be started again")
    }
    guard let code = child.code else {
      return CaseResult.Arm(revision, .failed, "it had not ended after \(Int(Self.limit)) s, or a signal ended it")
    }
    let run = try? JSON.parse(Array(child.output.utf8))
    let verdicts = run?["verdicts"]?.array ?? []
    let signature = verdicts.first { $0["check"]?.string == bug.signature }
    let incident = run?["incidents"]?.array?.first
    let hasDump = !Files.tree(folder).filter { $0.path.hasSuffix("stackdump.txt") }.isEmpty
    if revision == "fixed" {
      let outcome: CaseOutcome =
        code == ExitCode.pass ? .passed : code == ExitCode.inconclusive ? .inconclusive : .failed
      return CaseResult.Arm(revision, outcome, "exit \(code)\(hasDump ? ", stackdump.txt was written" : ", no dump")")
    }
    if let incident {
      let text = "\(incident["kind"]?.string ?? "incident"): \(incident["summary"]?.string ?? "")"
      return CaseResult.Arm(
        revision, hasDump ? .passed : .failed, text + (hasDump ? "; stackdump.txt" : "; no stackdump.txt"))
    }
    if signature?["outcome"]?.string == "fail" {
      return CaseResult.Arm(revision, .passed, "\(bug.signature): \(signature?["reason"]?.string ?? "")")
    }
    return CaseResult.Arm(
      revision, code == ExitCode.inconclusive ? .inconclusive : .failed, "it was not caught: exit \(code)")
  }
}
