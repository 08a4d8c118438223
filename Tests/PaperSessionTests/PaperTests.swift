import Basics
import Checks
import Exploration
import HistoricalBugs
import PaperSession
import Testing

@Suite struct PaperTests {
  /// Numbers of the tests with a line that begins with ✗.
  static func red(_ report: PaperReport) -> [Int] {
    var red: [Int] = []
    var test = 0
    for line in report.text.split(separator: "\n") {
      if line.hasPrefix("[CHECKS]") { break }
      if line.hasPrefix("[TEST ") { test = Int(String(line.dropFirst(6).prefix(1))) ?? 0 }
      if line.hasPrefix("  ✗"), red.last != test { red.append(test) }
    }
    return red
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `A paper session is green and exercises every fix`(seed: UInt64) throws {
    let run = Executor().run(try Sessions.paper(), PaperSystem.paperRequest(seed: seed))
    let record = try Sessions.record(run)
    let report = PaperReport(record)
    #expect(report.exitCode == 0)
    #expect(report.text.contains("\n✓ ALL TESTS PASSED\n"), "\(report.text)")
    #expect(run.judgement.verdicts.filter { $0.outcome == .fail } == [])
    #expect(run.incidents.isEmpty)
    let counters = try #require(record.summary?["counters"])
    for name in ["orders_sent", "orders_filled", "orders_failed", "intents_cleared"] {
      #expect(counters[name]?.int ?? 0 > 0, "\(name)")
    }
    #expect(counters["budget_refresh_timeouts"]?.int == 1)
    #expect(counters["logging_timeouts"]?.int == 1)
    #expect(counters["intents_stale"]?.int == 0)
  }

  @Test(arguments: [("9.1", 3), ("9.2", 2), ("9.4", 4)], 1...2 as ClosedRange<UInt64>)
  func `An original turns exactly its own test red`(_ bug: (id: String, test: Int), seed: UInt64) throws {
    // The everyday mix has more than one of these parts can bear.
    let faults = try ["some-orders-refused", "slow-budget-refresh"].map(Sessions.source)
    let run = Executor().run(try Sessions.paper(faults, original: bug.id), PaperSystem.paperRequest(seed: seed))
    let report = PaperReport(try Sessions.record(run))
    #expect(Self.red(report) == [bug.test], "\(report.text)")
    #expect(report.exitCode == 1)
    #expect(report.text.contains("\n✗ TESTS FAILED\n"))
  }

  @Test(arguments: ["9.1", "9.4"])
  func `A session whose log is named anew has the verdicts that a check of its directory gives`(bug: String) throws {
    let faults = try ["some-orders-refused", "slow-budget-refresh"].map(Sessions.source)
    var request = PaperSystem.paperRequest(seed: 2)
    request.wantsReport = true
    let run = Executor().run(try Sessions.paper(faults, original: bug), request)
    let stamped = RunStore.stamped(run.judgement.files, base: "sessions/session_20260101_000000")
    let record = try SessionRecord(files: SessionFiles(stamped))
    let verdicts = try #require(record.run.everyVerdict)
    #expect(record.eventsPath == "logs/events_20260101_000000.jsonl")
    #expect(verdicts == Check.judge(record))
    // What was read to judge it, completed by the files, is what they say when they are read again.
    let judged = try #require(run.judgement.record as? SessionRecord)
    let completed = try judged.completed(by: SessionFiles(stamped))
    #expect(completed.eventsPath == record.eventsPath && completed.run.everyVerdict == verdicts)
    #expect(completed.tornLines == record.tornLines && completed.stackdump == record.stackdump)
    #expect(PaperReport(completed, directory: "d", verdicts: verdicts) == PaperReport(record, directory: "d"))
    let evidence: [String] = verdicts.reduce([]) { $0 + $1.evidence }
    #expect(evidence.contains { $0.contains(record.eventsPath) })
    #expect(!evidence.contains { $0.contains("events_session") })
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `Without the everyday mix nothing fails`(seed: UInt64) throws {
    let run = Executor().run(try Sessions.paper([]), PaperSystem.paperRequest(seed: seed))
    let record = try Sessions.record(run)
    #expect(PaperReport(record).exitCode == 0)
    #expect(run.judgement.faultCounts.isEmpty)
    let counters = try #require(record.summary?["counters"])
    #expect(counters["orders_filled"]?.int ?? 0 > 0)
    for name in ["orders_failed", "budget_refresh_timeouts", "logging_timeouts"] {
      #expect(counters[name]?.int == 0, "\(name)")
    }
  }

  @Test(arguments: [20, 60, 145, 600] as [Double])
  func `A session of any length ends when it should`(seconds: Double) throws {
    var inputs = try Sessions.paper().inputs
    inputs.durationSeconds = seconds
    let run = Executor().run(try PaperSystem(inputs), PaperSystem.paperRequest(seed: 1))
    let record = try Sessions.record(run)
    #expect(run.virtualTime >= .seconds(seconds) && run.virtualTime < .seconds(seconds + 15))
    #expect(run.judgement.verdicts.filter { $0.outcome == .fail } == [])
    #expect(record.run.phases.map(\.name) == ["baseline", "chaos", "heal", "settle"])
    for (phase, next) in zip(record.run.phases, record.run.phases.dropFirst()) { #expect(phase.end == next.start) }
  }

  @Test func `The reference session sends many orders`() throws {
    let system = try PaperSystem(PaperInputs(kind: .reference))
    let run = Executor().run(system, PaperSystem.paperRequest(seed: 1))
    #expect(run.judgement.tally("SENT") >= 500)
    #expect(run.steps >= 50_000)
    #expect(run.threadCount >= 8)
    let record = try Sessions.record(run)
    #expect(record.events.count >= 3000)
    #expect(run.judgement.verdict("funds-conserved")?.outcome == .pass)
    #expect(run.judgement.verdict("positions-agree")?.outcome == .pass)
  }

  @Test func `The session directory has the guides files`() throws {
    let run = Executor().run(try Sessions.paper(), PaperSystem.paperRequest(seed: 1))
    let paths = run.judgement.files.map(\.path)
    for path in [
      "config.json", "logs/events_session.jsonl", "logs/exchange.jsonl", "logs/jsonl/orders.jsonl",
      "metrics/summary.json", "run.json", "state/engine_transient.json",
    ] {
      #expect(paths.contains(path))
    }
    #expect(!paths.contains { $0.hasSuffix(".tmp") })
    #expect(!paths.contains("stackdump.txt"))
    let bytes = try #require(SessionFiles(run.judgement.files)["logs/events_session.jsonl"])
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let errors = lines.count { $0.contains(#""level":"ERROR""#) }
    #expect(errors == run.judgement.tally("ERROR lines"))
    #expect(errors > 0)
    let record = try Sessions.record(run)
    let state = try #require(record.state)
    for key in ["pending_buy_intents", "positions", "last_update"] { #expect(state[key] != nil, "\(key)") }
  }
}
