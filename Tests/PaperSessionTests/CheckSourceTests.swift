import Basics
import Checks
import Exploration
import PaperSession
import Testing
import Trading

/// What each check says that it reads is what it reads, and never the engine's word alone.
@Suite struct CheckSourceTests {
  @Test(arguments: Check.all.map(\.name))
  func `No check rests on the engine's word alone`(name: String) throws {
    let check = try #require(Check.named(name))
    #expect(check.reads.contains { $0.isTruth }, "\(check.reads.map(\.rawValue))")
    #expect(Set(check.reads).count == check.reads.count)
    #expect(check.stalledExcuse.map { $0.split(separator: " ").count >= 2 } ?? true)
  }

  /// A good session and bad ones, so that verdicts of all kinds are among them.
  private static func sessions() throws -> [RunReport] {
    let good = try PaperSystem(
      PaperInputs(kind: .paper, faults: [Sessions.source("everyday")], durationSeconds: 60))
    return [Executor().run(good, Sessions.nominal(1))]
      + (try ["INT-2", "9.4"].map { bug in
        Executor().run(try Sessions.arm(bug, original: true, armed: true), Sessions.nominal(1))
      })
  }

  @Test func `What a check does not read does not change its verdict`() throws {
    for run in try Self.sessions() {
      let files = SessionFiles(run.judgement.files)
      let verdicts = Check.judge(try SessionRecord(files: files))
      for source in CheckSource.allCases {
        let without = try SessionRecord(files: Self.without(source, files))
        for (verdict, check) in zip(verdicts, Check.all) where !check.reads.contains(source) {
          let other = check.judge(without)
          // Evidence names lines by number, and lines are gone.
          #expect(
            other.outcome == verdict.outcome && other.evidence.count == verdict.evidence.count,
            "\(check.name) does not list \(source.rawValue) and reads it: \(verdict.reason) and \(other.reason)")
        }
      }
    }
  }

  @Test func `A schedule with stalls excuses what the check says, and nothing else`() throws {
    for run in try Self.sessions() {
      var record = try SessionRecord(files: SessionFiles(run.judgement.files))
      let verdicts = Check.judge(record)
      record.run.isStallFree = false
      for (verdict, check) in zip(verdicts, Check.all) {
        let stalled = check.judge(record)
        if check.stalledExcuse == nil { #expect(stalled == verdict) }
        #expect(stalled.outcome != .fail || verdict.outcome == .fail, "\(check.name): \(stalled.reason)")
      }
    }
  }

  /// The same session as if nothing of the kind had been written.
  private static func without(_ source: CheckSource, _ files: SessionFiles) -> SessionFiles {
    var files = files
    func drop(_ path: String, _ isDropped: (JSON) -> Bool) {
      let lines = (files[path] ?? []).split(separator: 0x0A)
      let kept = lines.filter { line in (try? JSON.parse(line)).map { !isDropped($0) } ?? true }
      files.set(path, kept.flatMap { $0 + [0x0A] })
    }
    func dropVenue(_ isDropped: (JSON) -> Bool) { drop("logs/exchange.jsonl", isDropped) }
    func dropRun(_ keys: Set<String>) {
      guard let run = files["run.json"].flatMap({ try? JSON.parse($0) }) else { return }
      files.set("run.json", Array(JSON.object((run.members ?? []).filter { !keys.contains($0.key) }).text.utf8))
    }
    func isKind(_ line: JSON, _ kinds: String...) -> Bool { kinds.contains(line["kind"]?.string ?? "") }
    func isPoll(_ line: JSON) -> Bool { line["call"]?.string == "fetch_tickers" }
    switch source {
    case .calls: dropVenue { isKind($0, "request", "reply") && !isPoll($0) }
    case .quotes: dropVenue { isPoll($0) || isKind($0, "summary") }
    case .events: dropVenue { isKind($0, "event") && $0["type"]?.string != "BALANCE" }
    case .balances: dropVenue { isKind($0, "balances") || $0["type"]?.string == "BALANCE" }
    case .ledger: dropVenue { isKind($0, "ledger") }
    case .rules: dropVenue { isKind($0, "rules") }
    case .runtime: dropRun(["incidents", "overdue_activities", "threads", "crash", "swallowed_stop", "lock_order"])
    // Nothing can be judged without it, so nothing is taken away.
    case .course: break
    case .disk: drop("logs/disk.jsonl") { _ in true }
    case .faults: dropRun(["firings", "expectations", "fault_counts"])
    case .settings:
      files.set("config.json", Array("{}".utf8))
      dropRun(["limits"])
    case .log:
      for file in files.files where file.path.hasPrefix("logs/events") || file.path == "logs/jsonl/orders.jsonl" {
        files.set(file.path, [])
      }
    case .state: files.set("state/engine_transient.json", Array("{}".utf8))
    case .metrics: files.set("metrics/summary.json", Array("{}".utf8))
    }
    return files
  }
}
