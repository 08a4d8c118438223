import Basics
import Checks
import Testing

@Suite struct PaperReportTests {
  /// Orders that are filled and refused, 300 s, with a state file.
  private func session(filled: Int, refused: Int, pending: Int = 0, positions: Int = 0) -> RecordBuilder {
    var b = RecordBuilder()
    b.set("virtual_seconds", .number("300.7"))
    let (asked, ended) = (RecordBuilder.time(300), RecordBuilder.time(300.7))
    b.set(
      "shutdown", .object([("requested", .string(asked)), ("completed", .string(ended)), ("limit_ms", .int(1000))]))
    for n in 0..<filled { b.filledOrder(n + 1, at: 1 + Double(n) * 0.1) }
    for n in 0..<refused { b.refusedOrder(1000 + n, at: 5 + Double(n) * 0.1) }
    b.save(
      100, pending: (0..<pending).map { 5000 + $0 },
      positions: (0..<positions).map { (symbol: "S\($0)/USDT", qty: "1") })
    return b
  }

  /// What the checks say where a test is about the guide's four tests alone.
  private static let clean = [
    Verdict(check: "no-crash", outcome: .pass, reason: "no crash"),
    Verdict(check: "lock-order", outcome: .notApplicable, reason: "nobody looked"),
  ]

  private func report(_ b: RecordBuilder, _ verdicts: [Verdict] = clean) throws -> PaperReport {
    PaperReport(try b.record(), verdicts: verdicts)
  }

  @Test func `The whole report has the guides shape`() throws {
    let report = try report(session(filled: 8, refused: 4, pending: 4, positions: 8))
    #expect(
      report.text == """
        === Trading Bot Regression Test ===
        Duration: 300s

        [TEST 1] Checking ORDER_FILLED events...
          ORDER_SENT:   12
          ORDER_FILLED: 8
          ORDER_FAILED: 4
          Fill Rate:    66.7%
          ✓ PASS: Orders are being filled (66.7% fill rate)

        [TEST 2] Checking for stale pending_buy_intents...
          Pending Intents: 4
          Positions:       8
          ✓ PASS: Pending intents under control (4)

        [TEST 3] Checking for ERROR-level observability...
          ERROR logs:       4
          ORDER_FAILED logs: 4
          ✓ PASS: Error logging is working

        [TEST 4] Checking for crashes...
          ✓ PASS: No crashes detected

        [CHECKS] 2 checks: 1 pass, 1 not applicable

        ========================================
        ✓ ALL TESTS PASSED
        ========================================

        """)
    #expect(report.exitCode == 0)
  }

  @Test func `A fault that fired too rarely leaves the report open`() throws {
    func report(_ fired: [Int]) throws -> PaperReport {
      var b = session(filled: 8, refused: 4)
      let counts = fired.map { fired in
        JSON.object([
          ("fault", .string("late")), ("site", .string("s")), ("fired", .int(fired)), ("fired_min", .int(2)),
        ])
      }
      b.set("fault_counts", .array(counts))
      return try self.report(b)
    }
    #expect(try report([1, 1]).exitCode == 0)
    #expect(try report([1, 0]).exitCode == 3)
    #expect(try report([1, 0]).text.contains("  ? INCONCLUSIVE: Fault late fired 1 times, it asks for 2\n"))
  }

  @Test func `A session in which everything is wrong says so`() throws {
    var b = session(filled: 0, refused: 0, pending: 51)
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.log(3, "BUDGET_REFRESH", [("blocked_ms", .int(8040))])
    b.raw = [("stackdump.txt", Array("STACKDUMP v1\nREASON DEADLOCK: threads wait\n".utf8))]
    let report = PaperReport(try b.record(), directory: "sessions/latest", verdicts: Self.clean)
    #expect(
      report.text == """
        === Trading Bot Regression Test ===
        Duration: 300s

        [TEST 1] Checking ORDER_FILLED events...
          ORDER_SENT:   1
          ORDER_FILLED: 0
          ORDER_FAILED: 0
          Fill Rate:    0.0%
          - NOT APPLICABLE: the venue filled none of 1 orders (1 refused)

        [TEST 2] Checking for stale pending_buy_intents...
          Pending Intents: 51
          Positions:       0
          ✗ FAIL: Excessive stale intents (51)
          ✗ FAIL: Intents of finished orders never cleared (1)

        [TEST 3] Checking for ERROR-level observability...
          ERROR logs:       0
          ORDER_FAILED logs: 0
          ✗ FAIL: Orders failing silently (no ERROR logs)

        [TEST 4] Checking for crashes...
          ✗ FAIL: Stackdump found (DEADLOCK: threads wait): sessions/latest/stackdump.txt
          ✗ FAIL: Budget refresh blocked its caller (8 s)

        [CHECKS] 2 checks: 1 pass, 1 not applicable

        ========================================
        ✗ TESTS FAILED
        ========================================

        """)
    #expect(report.exitCode == 4)
  }

  @Test func `Without orders it is inconclusive`() throws {
    let report = try report(session(filled: 0, refused: 0))
    #expect(report.text.contains("  Fill Rate:    n/a\n  ? INCONCLUSIVE: No orders sent during session\n"))
    #expect(report.text.contains("\n? INCONCLUSIVE\n="))
    #expect(report.exitCode == 3)
  }

  @Test(arguments: [
    (0, 3, "- NOT APPLICABLE: the venue filled none of 3 orders (3 refused)", 0),
    (1, 10, "⚠ WARN: Very low fill rate (9.1%)", 0),
    (99, 892, "⚠ WARN: Very low fill rate (9.9%)", 0),
    (1, 9, "✓ PASS: Orders are being filled (10.0% fill rate)", 0),
  ])
  func `The fill rate has its edges`(filled: Int, refused: Int, line: String, exitCode: Int32) throws {
    let report = try report(session(filled: filled, refused: refused))
    #expect(report.text.contains(line))
    #expect(report.exitCode == exitCode)
  }

  @Test func `Fills that the log does not tell are missing`() throws {
    var b = session(filled: 0, refused: 3)
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.trade(1, at: 1.2)
    let report = try report(b)
    #expect(report.text.contains("✗ FAIL: No ORDER_FILLED events (100% failure rate)"))
    #expect(report.exitCode == 1)
  }

  @Test(arguments: [
    (10, "✓ PASS: Pending intents under control (10)", "✓ ALL TESTS PASSED", 0),
    (11, "⚠ WARN: Many pending intents (11)", "⚠ TESTS PASSED WITH WARNINGS", 0),
    (50, "⚠ WARN: Many pending intents (50)", "⚠ TESTS PASSED WITH WARNINGS", 0),
    (51, "✗ FAIL: Excessive stale intents (51)", "✗ TESTS FAILED", 1),
  ])
  func `Pending intents have their edges`(pending: Int, line: String, footer: String, exitCode: Int32) throws {
    let report = try report(session(filled: 1, refused: 0, pending: pending))
    #expect(report.text.contains("  \(line)\n"))
    #expect(report.text.contains("\n\(footer)\n"))
    #expect(report.exitCode == exitCode)
  }

  @Test(arguments: [(50, 0), (51, 1)]) func `Counted stale intents fail too`(stale: Int, exitCode: Int32) throws {
    var b = session(filled: 1, refused: 0)
    b.summary = .object([("counters", .object([("intents_stale", .int(stale))]))])
    #expect(try report(b).exitCode == exitCode)
    b.summary = nil
    b.log(50, "STALE_INTENT_CLEANUP", level: "WARNING", [("count", .int(25))])
    b.log(60, "STALE_INTENT_CLEANUP", level: "WARNING", [("count", .int(stale - 25))])
    #expect(try report(b).exitCode == exitCode)
  }

  @Test func `Without a state file nothing is said of pending intents`() throws {
    var b = session(filled: 1, refused: 0)
    b.state = nil
    let report = try report(b)
    #expect(report.text.contains("  Pending Intents: n/a\n  Positions:       n/a\n  ? INCONCLUSIVE: No state file"))
    #expect(report.exitCode == 3)
  }

  @Test func `Each bug turns only its own test red`() throws {
    var silent = session(filled: 2, refused: 2)
    silent.events.removeAll { $0.line["event_type"]?.string == "ORDER_FAILED" }
    #expect(redTests(try report(silent)) == [3])
    var uncleared = session(filled: 2, refused: 2)
    uncleared.events.removeAll { $0.line["reason"]?.string == "order_failed" }
    #expect(redTests(try report(uncleared)) == [2])
    var blocked = session(filled: 2, refused: 2)
    blocked.log(3, "BUDGET_REFRESH", [("blocked_ms", .int(8123))])
    let report = try report(blocked)
    #expect(redTests(report) == [4])
    #expect(report.text.contains("✗ FAIL: Budget refresh blocked its caller (8.1 s)\n"))
    #expect(report.exitCode == 1)
  }

  @Test func `Crashes and incidents are named`() throws {
    var b = session(filled: 1, refused: 0)
    b.set("crash", "trap")
    #expect(try report(b).text.contains("✗ FAIL: Crash (the session crashed: trap)"))
    #expect(try report(b).exitCode == 1)
    b.set("crash", .null)
    b.set(
      "incidents",
      .array([
        .object([("kind", "hang"), ("timestamp", .string(RecordBuilder.time(1))), ("summary", "main hangs")])
      ]))
    #expect(try report(b).text.contains("✗ FAIL: Session stopped by the watchdog (main hangs)"))
    #expect(try report(b).exitCode == 4)
  }

  private func redTests(_ report: PaperReport) -> [Int] {
    var current = 0
    var red: [Int] = []
    for line in report.text.split(separator: "\n") {
      if line.hasPrefix("[TEST ") { current += 1 }
      if line.hasPrefix("[CHECKS]") { break }
      if line.hasPrefix("  ✗"), red.last != current { red.append(current) }
    }
    return red
  }
}
