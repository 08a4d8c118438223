import Basics
import Checks
import Testing

/// An entry answers for what was there when it was decided, not for what happened while it waited to be sent.
@Suite struct EntryDecisionTests {
  /// Entry `c<n>`, decided at one time and sent at another.
  private func entry(
    _ n: Int, decided: Double, sent: Double, symbol: String, in b: inout RecordBuilder
  ) {
    b.log(
      decided, "ORDER_SENT",
      RecordBuilder.ids(n) + [("symbol", .string(symbol)), ("side", "buy"), ("qty", "10")])
    b.askAgain(n, at: sent, symbol: symbol)
  }

  @Test(arguments: [(11.0, Outcome.pass), (13.9, .fail)])
  func `A sale that goes ahead of an entry that waits is no order beside it`(decided: Double, outcome: Outcome) throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.setting("MAX_CONCURRENT_POSITIONS", "9")
    b.setting("MAX_PENDING_BUY_INTENTS", "2")
    b.bought(1, at: 5)
    b.ask(2, at: 10, symbol: "BOX/USDT")
    b.accept(2, at: 10.2, symbol: "BOX/USDT")
    b.ask(3, at: 12, side: "sell")
    entry(4, decided: decided, sent: 14, symbol: "CAT/USDT", in: &b)
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == outcome, "\(verdict.evidence)")
    if outcome == .fail {
      #expect(
        verdict.evidence == [
          "c4 at 2025-01-01T00:00:14.000000Z: beside 2 open orders, MAX_PENDING_BUY_INTENTS is 2"
        ])
    }
  }

  @Test(arguments: [(true, Outcome.pass), (false, .fail)])
  func `Of two decisions of one moment the log says which was first`(isFirst: Bool, outcome: Outcome) throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
    b.setting("MAX_PENDING_BUY_INTENTS", "1")
    b.bought(1, at: 5)
    if isFirst { entry(3, decided: 11.99, sent: 14, symbol: "BOX/USDT", in: &b) }
    b.ask(2, at: 12, side: "sell")
    if !isFirst { entry(3, decided: 11.99, sent: 14, symbol: "BOX/USDT", in: &b) }
    #expect(try b.judge("entries-within-limits").outcome == outcome)
  }

  @Test func `An order's whole time begins when it is decided`() throws {
    func judge(decided: Double) throws -> Outcome {
      var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
      b.setting("MAX_PENDING_BUY_INTENTS", "1")
      entry(1, decided: decided, sent: 10, symbol: "AIX/USDT", in: &b)
      b.tell(38.9, "request", [("id", .int(93)), ("call", "query_order"), ("client_order_id", "c1")])
      b.tell(
        39, "reply",
        [
          ("id", .int(93)), ("call", "query_order"), ("outcome", "error"), ("permanent", .bool(true)),
          ("client_order_id", "c1"),
        ])
      b.bought(2, at: 41, symbol: "BOX/USDT")
      return try b.judge("entries-within-limits").outcome
    }
    #expect(try judge(decided: 8) == .pass)
    #expect(try judge(decided: 9.5) == .fail)
  }

  /// What is left is worth 5, the least that may be sold; a moment later it may be worth less, and be no position.
  @Test(arguments: [("7.5", "15", Outcome.pass), ("6", "12", .fail)])
  func `What may be too little to sell counts for no position`(sold: String, quote: String, outcome: Outcome) throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
    b.bought(1, at: 10)
    b.bought(2, at: 20, side: "sell", qty: sold, quote: quote)
    b.bought(3, at: 30)
    b.bought(4, at: 40, symbol: "BOX/USDT")
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == outcome, "\(verdict.evidence)")
  }

  /// Order 3 is given up at 32 s, turns up at 50 s and is filled.
  private func turningUp(_ b: inout RecordBuilder) {
    b.ask(3, at: 1, symbol: "CAT/USDT")
    b.tell(31.9, "request", [("id", .int(93)), ("call", "query_order"), ("client_order_id", "c3")])
    b.tell(
      32, "reply",
      [
        ("id", .int(93)), ("call", "query_order"), ("outcome", "error"), ("permanent", .bool(true)),
        ("code", .int(-2011)), ("client_order_id", "c3"),
      ])
    b.accept(3, at: 50, symbol: "CAT/USDT")
    b.trade(3, at: 50, symbol: "CAT/USDT")
  }

  @Test(arguments: ["entries-within-limits", "exposure-within-limits"])
  func `What turns up while an entry waits to be sent was not there when it was decided`(check: String) throws {
    func judge(decided: Double) throws -> Outcome {
      var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
      b.setting("MAX_PER_SYMBOL_USD", "20")
      turningUp(&b)
      b.bought(1, at: 40)
      entry(2, decided: decided, sent: 55, symbol: "BOX/USDT", in: &b)
      b.accept(2, at: 55.2, symbol: "BOX/USDT")
      b.trade(2, at: 55.2, symbol: "BOX/USDT")
      return try b.judge(check).outcome
    }
    #expect(try judge(decided: 45) == .pass)
    #expect(try judge(decided: 53) == .fail)
  }
}
