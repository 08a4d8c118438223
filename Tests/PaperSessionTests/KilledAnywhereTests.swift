import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Testing

/// Whole simulated sessions, cut off as if they had been killed: the logs end somewhere, the venue's a little earlier or
/// later, both within a line, and run.json has no end.
@Suite struct KilledAnywhereTests {
  /// What is left of a session that was killed, as shares of its length.
  private func killed(_ run: RunReport, log: Double, venue: Double) throws -> SessionRecord {
    let whole = SessionFiles(run.judgement.files)
    let record = try SessionRecord(files: whole)
    func moment(_ share: Double) -> String {
      (record.run.start + .nanoseconds(Int64((record.end - record.run.start).seconds * share * 1e9))).iso8601()
    }
    let bytes = try #require(whole["run.json"])
    var members = try #require(try JSON.parse(bytes).members)
    members.removeAll { ["verdicts", "crash", "shutdown", "phases"].contains($0.key) }
    let phase = JSON.object([
      ("name", .string("chaos")), ("start", .string(record.run.start.iso8601())), ("end", .string(moment(venue))),
    ])
    members.append(("phases", .array([phase])))
    members.append(("unfinished", .bool(true)))
    var files: [(path: String, bytes: [UInt8])] = [("run.json", Array(JSON.object(members).text.utf8))]
    for (path, bytes) in whole.files where path.hasSuffix(".jsonl") {
      files.append((path, cut(bytes, after: moment(path.hasSuffix("exchange.jsonl") ? venue : log))))
    }
    files.append(("config.json", try #require(whole["config.json"])))
    return try SessionRecord(files: SessionFiles(files))
  }

  /// The lines until a moment, and half of the next one.
  private func cut(_ bytes: [UInt8], after moment: String) -> [UInt8] {
    var kept: [UInt8] = []
    for line in bytes.split(separator: 0x0A) {
      // {"timestamp":"2025-01-01T00:00:00.000000Z"
      let time = String(decoding: line.dropFirst(14).prefix(27), as: UTF8.self)
      guard time <= moment else { return kept + line.prefix(line.count / 2) }
      kept += line + [0x0A]
    }
    return kept
  }

  private func red(_ record: SessionRecord) -> [String] {
    Check.judge(record).filter { $0.outcome == .fail }.map { "\($0.check): \($0.reason) \($0.evidence)" }
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>) func `A good paper session is never red`(seed: UInt64) throws {
    let run = Executor().run(try Sessions.paper(), PaperSystem.paperRequest(seed: seed))
    for share in stride(from: 0.02, to: 1, by: 0.24) {
      for lag in [-0.01, 0.01] {
        let record = try killed(run, log: share, venue: share + lag)
        #expect(red(record) == [], "killed at \(share) \(lag)")
        #expect(PaperReport(record).exitCode == 3, "killed at \(share) \(lag)")
      }
    }
  }

  @Test(arguments: ["9.1", "9.2", "9.2-residue", "FILL-3", "DUP-1", "BUD-4", "R-1", "9.4", "9.5", "MD-1"])
  func `A good engine under a fault is never red`(bug: String) throws {
    let system = try Sessions.arm(bug, original: false, armed: true)
    let run = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    for share in [0.15, 0.66] {
      #expect(red(try killed(run, log: share, venue: share + 0.01)) == [], "killed at \(share)")
      #expect(red(try killed(run, log: share + 0.01, venue: share)) == [], "killed at \(share)")
    }
  }

  @Test(arguments: [
    ("9.1", "errors-observable"), ("9.2", "intents-settled"), ("9.4", "budget-refresh-bounded"),
    ("DUP-2", "exposure-within-limits"), ("R-1", "no-duplicate-orders"), ("PRE-1", "valid-orders-sent"),
    ("INT-2", "budget-balances"), ("9.5", "logging-bounded"), ("MD-1", "feed-alive"), ("MD-4", "feed-alive"),
  ])
  func `What an original did is red long before the end`(bug: String, check: String) throws {
    let system = try Sessions.arm(bug, original: true, armed: true)
    let runs = (1...5 as ClosedRange<UInt64>).lazy.map { Executor().run(system, PaperSystem.paperRequest(seed: $0)) }
    let run = try #require(runs.first { $0.judgement.verdict(check)?.outcome == .fail })
    let record = try killed(run, log: 0.9, venue: 0.91)
    let verdict = try #require(Check.judge(record).first { $0.check == check })
    #expect(verdict.outcome == .fail, "\(verdict.reason)")
    #expect(Check.judge(try killed(run, log: 0.01, venue: 0.01)).allSatisfy { $0.outcome != .fail })
  }
}
