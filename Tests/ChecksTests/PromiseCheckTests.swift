import Basics
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

  @Test func `A refusal for good is not tried again`() throws {
    #expect(try RecordBuilder().judge("no-futile-retries").outcome == .inconclusive)
    #expect(try refused(sentAgain: false, permanent: true).outcome == .pass)
    #expect(try refused(sentAgain: true, permanent: false).outcome == .pass, "a passing refusal may be tried again")
    let verdict = try refused(sentAgain: true, permanent: true)
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["c1: sent 1 more times after 30004 insufficient balance"])
  }

  /// Refusals for good of one symbol's orders at these times.
  private func refusals(_ side: String, at times: [Double], _ change: (inout RecordBuilder) -> Void = { _ in }) throws
    -> Verdict
  {
    var b = RecordBuilder()
    b.filledOrder(100, at: 0.1)
    for (n, at) in times.enumerated() {
      b.send(n, at: at - 0.2, side: side)
      b.refuse(n, at: at, code: 30016, text: "trading disabled", isPermanent: true)
    }
    change(&b)
    return try b.judge("no-futile-retries")
  }

  /// EXIT_RETRY_S 5, ROUTER_MAX_RETRIES 3, SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S 60.
  @Test func `A sale that is refused for good is not repeated for ever`() throws {
    #expect(try refusals("sell", at: [2, 8, 14, 20]).outcome == .pass, "four attempts, each after its pause")
    let verdict = try refusals("sell", at: [2, 8, 14, 20, 26])
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == [
        "c4: sell of AIX/USDT again 5.8 s after it was refused for good, "
          + "SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S promises 60 s after 4 refusals in a row"
      ])
    #expect(try refusals("sell", at: [2, 8, 14, 20, 80.3]).outcome == .pass, "it has waited long")
    #expect(
      try refusals("sell", at: [2, 8, 14, 20, 26]) { b in
        b.send(50, at: 19.2, side: "sell", qty: "5")
        b.accept(50, at: 19.25, side: "sell")
        b.trade(50, at: 19.3, side: "sell", qty: "5")
      }.outcome == .pass, "something was sold between")
    #expect(
      try refusals("sell", at: [2, 8, 14, 20, 26]) { $0.config.removeAll { $0.key == "EXIT_RETRY_S" } }.outcome
        == .inconclusive)
  }

  @Test func `A position that was refused for good is left alone for as long as promised`() throws {
    #expect(
      try refusals("sell", at: [2, 7.1]).evidence == [
        "c1: sell of AIX/USDT again 4.9 s after it was refused for good, EXIT_RETRY_S promises 5 s"
      ])
    #expect(try refusals("sell", at: [2, 7.2]).outcome == .pass)
    #expect(try refusals("buy", at: [20, 79]).outcome == .fail)
    #expect(try refusals("buy", at: [20, 80.2]).outcome == .pass)
  }

  /// A request five seconds into the session with the time of its sending, or something else, in its key.
  private func key(_ text: (Instant) -> String) throws -> Verdict {
    var b = RecordBuilder()
    let time = try #require(Instant(iso8601: RecordBuilder.time(5)))
    b.tell(
      5, "request",
      [
        ("id", .int(1)), ("call", "place_order"), ("client_order_id", .string(text(time))), ("symbol", "AIX/USDT"),
        ("side", "buy"),
      ])
    return try b.judge("idempotent-keys")
  }

  @Test func `A key has no clock in it`() throws {
    #expect(try RecordBuilder().judge("idempotent-keys").outcome == .inconclusive)
    #expect(try key { _ in "AIX_USDT-b3" }.outcome == .pass)
    #expect(try key { _ in "b-1234567890123" }.outcome == .pass, "thirteen digits of another year")
    for unit: Int64 in [1_000_000_000, 1_000_000, 1000, 1] {
      #expect(try key { "b-AIX-\($0.nanoseconds / unit)" }.outcome == .fail)
    }
    #expect(try key { "b-AIX-\($0.nanoseconds / 1_000_000)x" }.evidence.first?.contains(" is the time of ") == true)
  }

  @Test func `Deciding does not wait`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("decisions-on-time").outcome == .inconclusive)
    b.log(5, "DECISION_START", [("symbol", "AIX/USDT")])
    #expect(try b.judge("decisions-on-time").outcome == .pass)
    b.log(6, "DECISIONS_SLOW", [("took_ms", .int(300)), ("limit_ms", .int(250))])
    #expect(try b.judge("decisions-on-time").outcome == .fail)
    b.set("stall_free", .bool(false))
    #expect(try b.judge("decisions-on-time").outcome != .fail, "a thread that is held back is not the engine's fault")
  }
}
