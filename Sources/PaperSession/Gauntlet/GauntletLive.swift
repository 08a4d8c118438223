import Basics
import ChaosRuntime
import Glibc
import HistoricalBugs
import Proof

/// What a process of this program left behind.
public struct LiveChild {
  /// Nil: a signal or the limit ended it.
  public var code: Int32?
  /// What it printed on stdout.
  public var output: String

  /// What was kept of a process.
  public init(code: Int32?, output: String) {
    self.code = code
    self.output = output
  }
}

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
        id: id, title: "\(bug.title), on real threads: the original is caught, the fix holds", lane: .live,
        replay: replay, weight: 0
      ) { run in
        var done = CaseResult(id: id, arms: [])
        var original = CaseResult.Arm("original", .inconclusive, "not run: the budget was used up")
        for _ in 0..<Self.triesMax where original.outcome != .passed && !run.isOverBudget() {
          original = liveOriginal(bug)
          done.schedules += 1
        }
        done.arms = [original, liveFixed(bug, run, &done.schedules)]
        done.note = original.text
        return done
      }
    }
  }

  /// One live run of a revision: its exit code, its run.json, and whether a dump was written; else what went wrong.
  private func liveRun(_ bug: HistoricalBug, _ revision: String) -> Result<(Int32, JSON?, hasDump: Bool), LiveFailure> {
    let folder = "/tmp/chaos-live-\(getpid())-\(bug.id)"
    defer { Files.removeTree(folder) }
    let words = [
      "run", "--bug", bug.id, "--revision", revision, "--live", "--json", "--seed", "\(options.seed)", "--out", folder,
    ]
    guard let child = chaos(words, Self.limit) else {
      return .failure(LiveFailure(outcome: .inconclusive, text: "the program cannot be started again"))
    }
    guard let code = child.code else {
      let text = "it had not ended after \(Int(Self.limit)) s, or a signal ended it"
      return .failure(LiveFailure(outcome: .failed, text: text))
    }
    let hasDump = !Files.tree(folder).filter { $0.path.hasSuffix("stackdump.txt") }.isEmpty
    return .success((code, try? JSON.parse(Array(child.output.utf8)), hasDump))
  }

  private struct LiveFailure: Error {
    var outcome: CaseOutcome
    var text: String
  }

  /// The fix, as often as HELD needs: one failure is red, and never tried again.
  private func liveFixed(_ bug: HistoricalBug, _ run: CaseRun, _ schedules: inout Int) -> CaseResult.Arm {
    var held = HeldStatement(wanted: Evidence.liveRunsMin)
    var tries = 0
    while held.heldCount < held.wanted, !held.isRefuted, tries < Self.triesMax, !run.isOverBudget() {
      tries += 1
      schedules += 1
      switch liveRun(bug, "fixed") {
      case .failure(let failure):
        if failure.outcome == .failed { held.add(.failed(failure.text)) }
      case .success(let (code, _, hasDump)):
        // A run that tested nothing is run again; it is no part of the statement.
        if code == ExitCode.inconclusive { continue }
        let text = "exit \(code)\(hasDump ? ", stackdump.txt was written" : "")"
        held.add(code == ExitCode.pass && !hasDump ? .held : .failed(text))
      }
    }
    let open = tries - held.runs.count
    let more = open == 0 ? "" : "; \(open) more runs tested nothing"
    return CaseResult.Arm("fixed", held.outcome, held.text + more)
  }

  private func liveOriginal(_ bug: HistoricalBug) -> CaseResult.Arm {
    switch liveRun(bug, "original") {
    case .failure(let failure): return CaseResult.Arm("original", failure.outcome, failure.text)
    case .success(let (code, run, hasDump)):
      if let incident = run?["incidents"]?.array?.first {
        let text = "\(incident["kind"]?.string ?? "incident"): \(incident["summary"]?.string ?? "")"
        return CaseResult.Arm(
          "original", hasDump ? .passed : .failed, text + (hasDump ? "; stackdump.txt" : "; no stackdump.txt"))
      }
      let signature = (run?["verdicts"]?.array ?? []).first { $0["check"]?.string == bug.signature }
      if signature?["outcome"]?.string == "fail" {
        return CaseResult.Arm("original", .passed, "\(bug.signature): \(signature?["reason"]?.string ?? "")")
      }
      return CaseResult.Arm(
        "original", code == ExitCode.inconclusive ? .inconclusive : .failed, "it was not caught: exit \(code)")
    }
  }
}
