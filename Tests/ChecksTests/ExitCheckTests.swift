import Basics
import Checks
import Testing

/// Checks of why things are bought and sold, and whether they are when they must be: an entry of 20 at a drop to 0.98,
/// exits at +1 % and -2 %.
@Suite struct ExitCheckTests {
  private func market() -> RecordBuilder {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
    b.config += [
      ("DROP_TRIGGER_VALUE", "0.98"), ("DROP_TRIGGER_LOOKBACK_S", "30"), ("TP", "1.01"), ("SL", "0.98"),
      ("MAX_HOLD_S", "60"), ("ENGINE_CYCLE_MS", "500"), ("BUDGET_REFRESH_TIMEOUT_S", "5"),
      ("BUDGET_REFRESH_INTERVAL_S", "61"),
    ]
    b.balances(0, [("USDT", "100", "0")])
    b.call("market_rules", 0, id: 900, at: 0, took: 0.1)
    b.call("fetch_balance", 0, id: 901, at: 0.2)
    return b
  }

  /// A position of 10 for 20, bought at 10 s after a drop from 2.1, and quotes of 2 from then on.
  private func holding(until end: Double = 100) -> RecordBuilder {
    var b = market()
    b.quotes("2.1", until: 9)
    b.quotes("2", from: 9.5, until: end)
    b.bought(1, at: 10)
    return b
  }

  private func judge(_ check: String, _ b: RecordBuilder) throws -> Verdict {
    var b = b
    b.summarize()
    return try b.judge(check)
  }

  // MARK: sales-justified

  @Test(arguments: [("2.02", Outcome.pass), ("1.96", .pass), ("2.01", .fail), ("1.97", .fail)])
  func `A position is sold for profit or loss, not before`(bid: String, outcome: Outcome) throws {
    var b = holding(until: 20)
    b.quote(20, last: bid, bid: bid, ask: bid)
    b.bought(2, at: 20.2, side: "sell", price: bid)
    let verdict = try judge("sales-justified", b)
    #expect(verdict.outcome == outcome)
    if outcome == .fail {
      #expect(
        verdict.evidence == ["c2: 10 AIX/USDT that cost 20 is sold at the bid \(bid), TP 1.01, SL 0.98"])
    }
  }

  @Test func `A position is sold at the end of its time`() throws {
    var b = holding()
    b.bought(2, at: 70.3, side: "sell")
    #expect(try judge("sales-justified", b).outcome == .pass)
    b = holding()
    b.bought(2, at: 69, side: "sell")
    #expect(try judge("sales-justified", b).outcome == .fail)
  }

  @Test func `All of it is sold, and nothing that is not held`() throws {
    var b = holding(until: 20)
    b.quote(20, last: "3", bid: "3", ask: "3")
    b.bought(2, at: 20.2, side: "sell", qty: "9", price: "3", quote: "27")
    b.bought(3, at: 21, side: "sell", price: "3", symbol: "BOX/USDT")
    let verdict = try judge("sales-justified", b)
    #expect(
      verdict.evidence == [
        "c2: 9 is sold, 10 AIX/USDT was held",
        "c3: BOX/USDT is sold, nothing of it was held at 2025-01-01T00:00:21.000000Z",
      ])
  }

  /// Over the wire the request has the moment at which it arrived, and so has what it trades.
  @Test func `A sale that trades at the moment it is asked for sold what was held before it`() throws {
    var b = holding(until: 20)
    b.quote(20, last: "2.02", bid: "2.02", ask: "2.02")
    b.bought(2, at: 20.2, side: "sell", price: "2.02", took: 0)
    #expect(try judge("sales-justified", b).outcome == .pass)
    b.bought(3, at: 20.4, side: "sell", price: "2.02", took: 0)
    #expect(
      try judge("sales-justified", b).evidence == [
        "c3: AIX/USDT is sold, nothing of it was held at 2025-01-01T00:00:20.400000Z"
      ])
  }

  // MARK: exits-offered

  @Test func `A position that must be sold is offered at once`() throws {
    var b = holding(until: 20)
    b.quotes("1.9", from: 20)
    b.bought(2, at: 20.5, side: "sell", price: "1.9", quote: "19")
    #expect(try judge("exits-offered", b).reason == "sales were due 1 time, the longest wait 390 ms")
    #expect(try judge("exits-offered", holding(until: 60)).outcome == .notApplicable)
  }

  @Test func `A position that nobody offers is seen, whatever asks for its sale`() throws {
    func late(_ price: String, from: Double) throws -> [String] {
      var b = holding(until: 20)
      b.quotes(price, from: 20)
      return try judge("exits-offered", b).evidence
    }
    let loss = "AIX/USDT: must be sold from 2025-01-01T00:00:20.100000Z on, nothing offers it for 79.9 s"
    #expect(try late("1.9", from: 20.1) == [loss])
    #expect(try late("2.1", from: 20.1) == [loss])
    #expect(
      try late("2", from: 70.3) == [
        "AIX/USDT: must be sold from 2025-01-01T00:01:10.200000Z on, nothing offers it for 29.8 s"
      ])
  }

  @Test func `A sale that failed is repeated after its pause, and one that rests is waited for`() throws {
    var b = holding(until: 20)
    b.quotes("1.9", from: 20)
    b.ask(2, at: 20.5, side: "sell", price: "1.9")
    b.refuse(2, at: 20.8)
    #expect(
      try judge("exits-offered", b).evidence == [
        "AIX/USDT: must be sold from 2025-01-01T00:00:25.800000Z on, nothing offers it for 74.2 s"
      ])
    b.ask(3, at: 26, side: "sell", price: "1.9")
    b.accept(3, at: 26.2, side: "sell")
    #expect(try judge("exits-offered", b).outcome == .pass)
  }

  @Test(arguments: [(30.0, true), (33, false), (45, false)])
  func `An entry that cannot be canceled is sold beside`(soldAt: Double, inTime: Bool) throws {
    var b = market()
    b.quotes("2.1", until: 9)
    b.quotes("2", from: 9.5, until: 20)
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    b.trade(1, at: 10.2, qty: "5", quote: "10", status: "partially_filled")
    b.quotes("1.9", from: 20)
    // The venue refuses all of them.
    for (n, at) in stride(from: 20.5, to: soldAt, by: 5).enumerated() {
      b.call("cancel_order", 1, id: 910 + n, at: at, outcome: "error")
    }
    b.bought(2, at: soldAt, side: "sell", qty: "5", price: "1.9", quote: "9.5")
    #expect(try judge("exits-offered", b).outcome == (inTime ? .pass : .fail))
  }

  @Test func `What the venue keeps back keeps the sale back, and a stalled schedule excuses it`() throws {
    var b = holding(until: 20)
    b.quotes("1.9", from: 20)
    b.call("fetch_balance", 0, id: 903, at: 20, took: 30)
    b.bought(2, at: 25.5, side: "sell", price: "1.9", quote: "19")
    #expect(try judge("exits-offered", b).outcome == .pass)
    b = holding(until: 20)
    b.quotes("1.9", from: 20)
    b.set("stall_free", .bool(false))
    #expect(try judge("exits-offered", b).outcome == .notApplicable)
  }

  // MARK: entries-justified

  @Test func `What is bought has dropped within the time that counts`() throws {
    #expect(try judge("entries-justified", holding()).outcome == .pass)
    var b = market()
    b.quotes("2.04", until: 9)
    b.quotes("2", from: 9.5)
    b.bought(1, at: 10)
    #expect(
      try judge("entries-justified", b).evidence == [
        "c1: AIX/USDT is bought, the last price 2 after a peak of 2.04, DROP_TRIGGER_VALUE 0.98"
      ])
    b = holding()
    b.config.removeAll { $0.key == "DROP_TRIGGER_LOOKBACK_S" }
    b.config.append(("DROP_TRIGGER_LOOKBACK_S", "1"))
    #expect(try judge("entries-justified", b).outcome == .fail)
  }

  @Test func `A drop that was bought is no reason to buy again, and another symbol's is none`() throws {
    var b = holding(until: 20)
    b.quotes("2", from: 20)
    b.bought(2, at: 22, side: "sell")
    b.bought(3, at: 24)
    #expect(try judge("entries-justified", b).evidence.count == 1)
    b = holding()
    b.quotes("5", symbol: "BOX/USDT")
    b.bought(2, at: 10, symbol: "BOX/USDT")
    let verdict = try judge("entries-justified", b)
    #expect(verdict.evidence.map { $0.prefix(2) } == ["c2"], "\(verdict)")
  }

  @Test func `Nothing is bought while the venue refuses a sale again and again`() throws {
    func bought(afterRefusals count: Int) throws -> Verdict {
      var b = holding()
      b.quotes("2.1", until: 49, symbol: "BOX/USDT")
      b.quotes("2", from: 49.5, symbol: "BOX/USDT")
      for n in 2..<(2 + count) {
        b.ask(n, at: Double(10 * n), side: "sell")
        b.refuse(n, at: Double(10 * n) + 0.2, isPermanent: true)
      }
      b.bought(9, at: 56, symbol: "BOX/USDT")
      return try judge("entries-justified", b)
    }
    #expect(try bought(afterRefusals: 3).outcome == .pass)
    #expect(
      try bought(afterRefusals: 4).evidence.first?.hasPrefix("c9: BOX/USDT is bought, and since 2025-01-01T00:00:5")
        == true)
  }

  // MARK: signals-acted-on

  @Test func `A drop is bought at once`() throws {
    let verdict = try judge("signals-acted-on", holding())
    #expect(verdict.reason == "1 drop, the longest wait 390 ms")
    var b = market()
    b.quotes("2.1", until: 9)
    b.quotes("2", from: 9.5)
    let missed = try judge("signals-acted-on", b)
    #expect(
      missed.evidence == [
        "AIX/USDT: a drop is there from 2025-01-01T00:00:09.600000Z on, nothing buys it for 30 s"
      ])
    b.set("stall_free", .bool(false))
    #expect(try judge("signals-acted-on", b).outcome == .notApplicable)
    b.setting("GLOBAL_TRADING", "False")
    #expect(try judge("signals-acted-on", b).outcome == .notApplicable)
  }

  /// A symbol rests from when its entry was given up, though the order turns up, is filled and sold again.
  @Test(arguments: [(true, Outcome.pass), (false, .fail)])
  func `A drop while a symbol rests after an entry that was given up is not missed`(isGivenUp: Bool, outcome: Outcome)
    throws
  {
    var b = market()
    b.quotes("2.1", until: 9)
    b.quotes("2", from: 9.5, until: 25)
    b.quotes("2.2", from: 25, until: 30)
    b.quotes("2.1", from: 30, until: 60)
    b.setting("ORDER_TTL_S", "5")
    b.ask(1, at: 10)
    if isGivenUp {
      b.tell(15.9, "request", [("id", .int(93)), ("call", "query_order"), ("client_order_id", "c1")])
      b.tell(
        16, "reply",
        [
          ("id", .int(93)), ("call", "query_order"), ("outcome", "error"), ("permanent", .bool(true)),
          ("client_order_id", "c1"),
        ])
    }
    b.accept(1, at: 17)
    b.trade(1, at: 17)
    b.bought(2, at: 18, side: "sell")
    #expect(try judge("signals-acted-on", b).outcome == outcome)
  }

  /// With a sale the peak is forgotten, and a poll that brings the same quote once more does not bring it back.
  @Test(arguments: [(nil, Outcome.fail), (19.5, .pass)] as [(Double?, Outcome)])
  func `A quote from before a sale is no peak after it`(since: Double?, outcome: Outcome) throws {
    var b = holding(until: 20)
    b.bought(2, at: 20.2, side: "sell")
    b.quote(22, since: since)
    b.quotes("1.95", from: 24.5, until: 60)
    #expect(try judge("signals-acted-on", b).outcome == outcome)
  }

  /// A file may say anything: the session's start lies behind its quotes.
  @Test func `Quotes from before the session's start are judged like others`() throws {
    var b = market()
    b.quotes("2.1", until: 9)
    b.quotes("2", from: 9.5, until: 30)
    let late = JSON.object([
      ("name", "baseline"), ("start", .string(RecordBuilder.time(60))), ("end", .string(RecordBuilder.time(100))),
    ])
    b.set("phases", .array([late]))
    #expect(try judge("signals-acted-on", b).outcome == .notApplicable)
  }

  @Test func `A drop that no setting lets through is not missed`() throws {
    func missed(_ change: (inout RecordBuilder) -> Void, ask: String = "2") throws -> Outcome {
      var b = market()
      b.quotes("2.1", until: 9)
      for at in stride(from: 9.5, to: 30, by: 2.5) { b.quote(at, last: "2", bid: "2", ask: ask) }
      change(&b)
      return try judge("signals-acted-on", b).outcome
    }
    #expect(try missed { _ in } == .fail)
    #expect(try missed({ _ in }, ask: "2.02") == .notApplicable)
    #expect(try missed { $0.setting("MAX_CONCURRENT_POSITIONS", "0") } == .pass)
    #expect(try missed { $0.setting("POSITION_SIZE_USDT", "95") } == .pass)
    #expect(try missed { $0.setting("MIN_ORDER_VALUE", "21") } == .notApplicable)
    #expect(
      try missed {
        $0.ask(1, at: 5)
        $0.refuse(1, at: 5.2)
      } == .pass)
  }
}
