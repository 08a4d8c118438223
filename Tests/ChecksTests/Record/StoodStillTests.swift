import Basics
import Checks
import Testing

/// A live session whose process was frozen for a while: its times prove nothing, its orders do.
@Suite struct StoodStillTests {
  private func frozen(_ change: (inout RecordBuilder) -> Void) throws -> (SessionRecord, SessionRecord) {
    var b = RecordBuilder()
    change(&b)
    let before = try b.record()
    b.set(
      "standstills",
      .array([
        .object([
          ("timestamp", .string(RecordBuilder.time(5))), ("seconds", .number("3.25")), ("cause", .string("stopped")),
        ])
      ]))
    return (before, try b.record())
  }

  @Test func `What is late in a frozen session is inconclusive`() throws {
    let (before, after) = try frozen { b in
      b.set(
        "shutdown",
        .object([
          ("requested", .string(RecordBuilder.time(1))), ("completed", .string(RecordBuilder.time(9))),
          ("limit_ms", .int(1000)),
        ]))
    }
    #expect(Check.verdict(of: try #require(Check.named("shutdown-bounded")), on: before).outcome == .fail)
    let verdict = Check.verdict(of: try #require(Check.named("shutdown-bounded")), on: after)
    #expect(verdict.outcome == .inconclusive)
    #expect(verdict.reason.contains("the process stood still for 3.3 s after 5 s (stopped from outside)"))
  }

  @Test func `A crash in a frozen session is a crash`() throws {
    let (_, after) = try frozen { $0.set("crash", "trap in order-router") }
    #expect(Check.verdict(of: try #require(Check.named("no-crash")), on: after).outcome == .fail)
  }

  @Test func `A frozen session is never green`() throws {
    let (before, after) = try frozen { b in
      for n in 1...8 { b.filledOrder(n, at: Double(n)) }
      b.save(100, pending: [], positions: [])
    }
    let clean = [Verdict(check: "no-crash", outcome: .pass, reason: "no crash")]
    #expect(PaperReport(before, verdicts: clean).exitCode == 0)
    let report = PaperReport(after, verdicts: clean)
    #expect(report.exitCode == 3)
    #expect(report.text.contains("? INCONCLUSIVE: the process stood still for 3.3 s"))
  }
}
