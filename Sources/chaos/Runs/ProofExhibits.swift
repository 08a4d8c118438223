import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Proof

/// Keeps what a proof found: the original's first failing session and the last session of the fix.
enum ProofExhibits {
  struct Written {
    var directory: String?
    /// What the screen points at.
    var shown: String?
    var replay: String?
    /// Reduces the schedule that keeps the proof from holding, or the original's failure.
    var shrink: String?
    /// Signals per symbol, for recorded data.
    var signals: String?
    /// Why a session is not on the disk; nil: all are.
    var error: String?
  }

  static func write(_ result: ProofResult, plan: ProofPlan, executor: Executor, base: String) -> Written {
    var written = Written()
    let directory = "\(base)/\(plan.bug.id)"
    if let exhibit = result[.originalOn].exhibit {
      var request = exhibit.request
      request.wantsStacks = true
      let system = plan.system(.originalOn)
      let report = executor.run(system, request, epoch: system.epoch)
      let path = "\(directory)/original"
      written.error = put(report, to: path, plan: plan, replay: "chaos replay \(path)")
      let parts = base.split(separator: "/").map(String.init)
      if let last = parts.last, written.error == nil {
        let link = parts.dropLast().joined(separator: "/")
        let runs = base.hasPrefix("/") ? "/" + link : link
        Files.link("\(runs)/latest", to: "\(last)/\(plan.bug.id)/original")
        written.shown = "\(runs)/latest/" + (report.dump == nil ? "logs" : "stackdump.txt")
        written.replay = "chaos replay \(path)"
        written.shrink = "chaos shrink \(path)"
      }
      if written.error == nil { written.directory = path }
    }
    if let exhibit = result[.fixedOn].exhibit {
      let error = put(exhibit, to: "\(directory)/fixed", plan: plan, replay: "chaos replay \(directory)/fixed")
      written.error = written.error ?? error
      if error == nil, !result[.fixedOn].failures.isEmpty { written.shrink = "chaos shrink \(directory)/fixed" }
      if plan.inputs.market != nil { written.signals = Signals.text(exhibit.judgement.files) }
      if error == nil, written.directory == nil { written.directory = "\(directory)/fixed" }
    }
    return written
  }

  /// Why the session could not be written; nil: it is there.
  private static func put(_ report: RunReport, to path: String, plan: ProofPlan, replay: String) -> String? {
    let extras = RunDirectory.Extras(seed: plan.spec.seed, judgedBy: plan.spec.checks, replay: replay)
    return Files.write(RunDirectory.files(report, extras: extras), to: path)
  }
}

/// How often the engine saw a signal, per symbol: what recorded data is worth.
enum Signals {
  static func text(_ files: [(path: String, bytes: [UInt8])]) -> String {
    guard let record = try? SessionRecord(files: SessionFiles(files)) else { return "" }
    var counts: [(symbol: String, count: Int)] = []
    for event in record.events(.decisionEnd) where event.text(.outcome) == "signal_detected" {
      let symbol = event.text(.symbol) ?? "?"
      if let index = counts.firstIndex(where: { $0.symbol == symbol }) {
        counts[index].count += 1
      } else {
        counts.append((symbol, 1))
      }
    }
    let all = record.events.first { $0.type == .engineStart }?.fields["symbols"]?.array?.compactMap(\.string) ?? []
    let list = counts.sorted { $0.symbol < $1.symbol }.map { "\($0.symbol) \($0.count)" }.joined(separator: "  ")
    return "Signals \(list.isEmpty ? "none" : list)   (of \(all.count) symbols)\n"
  }
}
