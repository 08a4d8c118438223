import ChaosRuntime
import Testing
import Trading

@testable import Checks

/// Checks that tell single old parts apart.
@Suite struct PromiseCheckTests {
  private func refused(sentAgain: Bool, permanent: Bool) throws -> Verdict {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.tell(
      1.2, "reply",
      [
        ("id", .int(1)), ("call", "place_order"), ("outcome", "error"), ("code", .int(30004)),
        ("text", "insufficient balance"),
      ] + (permanent ? [("permanent", .bool(true))] : []) + [("client_order_id", "c1")])
    if sentAgain { b.tell(2, "request", [("id", .int(2)), ("call", "place_order"), ("client_order_id", "c1")]) }
    return try b.judge("no-futile-retries")
  }

  @Test func aRefusalForGoodIsNotTriedAgain() throws {
    #expect(try RecordBuilder().judge("no-futile-retries").outcome == .inconclusive)
    #expect(try refused(sentAgain: false, permanent: true).outcome == .pass)
    #expect(try refused(sentAgain: true, permanent: false).outcome == .pass, "a passing refusal may be tried again")
    let verdict = try refused(sentAgain: true, permanent: true)
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["c1: sent 1 more times after 30004 insufficient balance"])
  }

  /// ORDER_SENT five seconds into the session with the time of its sending, or something else, in its key.
  private func key(_ text: (Instant) -> String) throws -> Verdict {
    var b = RecordBuilder()
    let time = try #require(Instant(iso8601: RecordBuilder.time(5)))
    b.log(5, "ORDER_SENT", [("client_order_id", .string(text(time))), ("intent_id", "i1"), ("symbol", "AIX/USDT")])
    return try b.judge("idempotent-keys")
  }

  @Test func aKeyHasNoClockInIt() throws {
    #expect(try RecordBuilder().judge("idempotent-keys").outcome == .inconclusive)
    #expect(try key { _ in "AIX_USDT-b3" }.outcome == .pass)
    #expect(try key { _ in "b-1234567890123" }.outcome == .pass, "thirteen digits of another year")
    for unit: Int64 in [1_000_000_000, 1_000_000, 1000, 1] {
      #expect(try key { "b-AIX-\($0.nanoseconds / unit)" }.outcome == .fail)
    }
    #expect(try key { "b-AIX-\($0.nanoseconds / 1_000_000)x" }.evidence.first?.contains(" is the time of ") == true)
  }

  @Test func decidingDoesNotWait() throws {
    var b = RecordBuilder()
    #expect(try b.judge("decisions-on-time").outcome == .inconclusive)
    b.log(5, "DECISION_START", [("symbol", "AIX/USDT")])
    #expect(try b.judge("decisions-on-time").outcome == .pass)
    b.log(6, "DECISIONS_SLOW", [("took_ms", .int(300)), ("limit_ms", .int(250))])
    #expect(try b.judge("decisions-on-time").outcome == .fail)
    b.set("stall_free", .bool(false))
    #expect(try b.judge("decisions-on-time").outcome != .fail, "a thread that is held back is no fault of the engine")
  }
}
