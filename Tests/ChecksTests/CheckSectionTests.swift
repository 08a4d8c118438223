import Basics
import ChaosRuntime
import Checks
import Testing

/// `[CHECKS]` of the report, and what follows from it.
@Suite struct CheckSectionTests {
  /// A session of 100 s in which an order is filled; the guide's four tests pass.
  private func session(_ inputs: JSON? = .object([("kind", "paper")])) -> RecordBuilder {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.save(50, pending: [], positions: [])
    b.set("inputs", inputs)
    return b
  }

  private func verdict(_ check: String, _ outcome: Outcome, _ reason: String, _ evidence: [String] = []) -> Verdict {
    Verdict(check: check, outcome: outcome, reason: reason, evidence: evidence)
  }

  /// From `[CHECKS]` to the end.
  private func end(_ b: RecordBuilder, _ verdicts: [Verdict]) throws -> (text: String, code: Int32) {
    let report = PaperReport(try b.record(), verdicts: verdicts)
    let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return (lines.drop { !$0.hasPrefix("[CHECKS]") }.joined(separator: "\n"), report.exitCode)
  }

  @Test func `Every check that is not clean is told with its first evidence`() throws {
    let (text, code) = try end(
      session(),
      [
        verdict("positions-agree", .inconclusive, "the session was cut short"), verdict("no-crash", .pass, "no crash"),
        verdict("no-duplicate-orders", .fail, "1 order was placed twice", ["XRP/USDT: b bought after a", "and more"]),
        verdict("lock-order", .notApplicable, "nobody looked"),
        verdict("no-lost-order", .inconclusive, "the session was cut short"),
      ])
    #expect(
      text == """
        [CHECKS] 5 checks: 1 pass, 1 fail, 2 inconclusive, 1 not applicable
          ✗ FAIL: no-duplicate-orders: 1 order was placed twice
              XRP/USDT: b bought after a
          ? INCONCLUSIVE: positions-agree, no-lost-order: the session was cut short

        ========================================
        ✗ TESTS FAILED
        ========================================

        """)
    #expect(code == 1)
  }

  @Test func `A red check alone turns the report red and an inconclusive one open`() throws {
    let names = Check.all.map(\.name)
    for name in names {
      #expect(try end(session(), [verdict(name, .fail, "wrong")]).code == 1)
      #expect(try end(session(), [verdict(name, .inconclusive, "no evidence")]).code == 3)
      #expect(try end(session(), [verdict(name, .notApplicable, "no such run")]).code == 0)
    }
  }

  @Test func `Another run is decided by the checks that judge it`() throws {
    var b = session(.object([("kind", "proof")]))
    b.set("judged_by", .array(["intents-settled"]))
    let others = [verdict("no-lost-order", .fail, "lost"), verdict("positions-agree", .inconclusive, "unknown")]
    let passed = try end(b, others + [verdict("intents-settled", .pass, "settled")])
    #expect(passed.text.hasPrefix("[CHECKS] 1 check: 1 pass\n\n"))
    #expect(passed.text.contains("\n✓ PASSED by the checks that judge this run\n"))
    #expect(passed.code == 0)
    let failed = try end(b, others + [verdict("intents-settled", .fail, "late")])
    #expect(failed.text.contains("\n✗ FAILED\n"))
    #expect(failed.code == 1)
    #expect(try end(b, others + [verdict("intents-settled", .inconclusive, "unknown")]).code == 3)
    b.raw = [("stackdump.txt", Array("STACKDUMP v1\nREASON DEADLOCK: a cycle\n".utf8))]
    #expect(try end(b, [verdict("intents-settled", .pass, "settled")]).code == 4)
  }

  @Test func `A revision that nothing shows is no green`() throws {
    var b = session()
    func put(provoked: Bool) {
      b.set(
        "put_back",
        .array([
          PutBackRevision(
            bug: "MD-4", revision: "original", shownBy: ["market-data-fresh", "detected-in-time"],
            provokedBy: ["feed-dies"], isProvoked: provoked, command: "chaos paper --scenario MD-4"
          ).json
        ]))
    }
    put(provoked: false)
    let unprovoked = try end(b, [verdict("no-crash", .pass, "no crash")])
    #expect(
      unprovoked.text == """
        [CHECKS] 1 check: 1 pass
          ? INCONCLUSIVE: MD-4=original is put back, and nothing in this session provokes it dependably; it takes: feed-dies
              chaos paper --scenario MD-4

        ========================================
        ? INCONCLUSIVE
        ========================================

        """)
    #expect(unprovoked.code == 3)
    put(provoked: true)
    let unshown = try end(b, [verdict("no-crash", .pass, "no crash")])
    #expect(unshown.text.contains("put back and provoked, and market-data-fresh does not fail in this one schedule\n"))
    #expect(unshown.code == 3)
    let shown = try end(b, [verdict("detected-in-time", .fail, "late")])
    #expect(!shown.text.contains("put back"))
    #expect(shown.code == 1)
    b.set("put_back", nil)
    b.set("inputs", .object([("kind", "paper"), ("revisions", .object([("9.1", "fixed"), ("MD-4", "original")]))]))
    let old = try end(b, [verdict("no-crash", .pass, "no crash")])
    #expect(
      old.text.contains("? INCONCLUSIVE: MD-4=original is put back, and the session does not say what shows it\n"))
    #expect(!old.text.contains("9.1="))
    #expect(old.code == 3)
    b.set("inputs", .object([("kind", "proof"), ("revisions", .object([("MD-4", "original")]))]))
    b.set("judged_by", .array(["no-crash"]))
    #expect(try end(b, [verdict("no-crash", .pass, "no crash")]).code == 0)
  }
}
