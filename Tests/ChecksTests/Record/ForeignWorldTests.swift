import Basics
import Checks
import Testing

/// What happens on an account without its engine: orders and sales of others, and rules that change.
@Suite struct ForeignWorldTests {
  /// A session in which somebody else bids, which the stream tells at 20 s.
  private static func stranger(isTold: Bool) -> RecordBuilder {
    var b = RecordBuilder()
    b.poll()
    b.tell(
      20, "foreign",
      [
        ("symbol", "AIX/USDT"), ("side", "buy"), ("client_order_id", "B1"), ("qty", "10"), ("price", "1"),
        ("type", "limit"), ("tif", "gtc"),
      ])
    b.tell(
      20, "event",
      [
        ("type", "NEW"), ("client_order_id", "B1"), ("order_id", "X1"), ("symbol", "AIX/USDT"), ("side", "buy"),
        ("status", "NEW"), ("filled_qty", "0"), ("filled_quote", "0"), ("delivered", .bool(true)),
      ])
    b.log(0, "ENGINE_START")
    if isTold { b.log(20.1, "FOREIGN_ORDER", level: "ERROR", [("client_order_id", "B1")]) }
    b.setting("ENGINE_CYCLE_MS", "500")
    b.setting("BUDGET_REFRESH_TIMEOUT_S", "5")
    b.summarize()
    return b
  }

  @Test func `An order of somebody else's has to be told`() throws {
    #expect(try Self.stranger(isTold: true).judge("trouble-told").outcome == .pass)
    let silent = try Self.stranger(isTold: false).judge("trouble-told")
    #expect(silent.outcome == .fail)
    #expect(silent.evidence.first?.hasPrefix("B1 is somebody else's") == true)
  }

  @Test func `An engine knows its own orders`() throws {
    var b = Self.stranger(isTold: true)
    b.filledOrder(1, at: 5)
    b.log(90, "FOREIGN_ORDER", level: "ERROR", [("client_order_id", "c1")])
    #expect(
      try b.judge("trouble-told").evidence == ["c1 is called somebody else's, and was sent by the engine"])
  }

  /// Ten coins are bought, and five of them sold by hand at 20 s; the engine's books have all ten.
  private static func soldByHand(isTold: Bool, asks: [Double] = [40, 80]) -> RecordBuilder {
    var b = RecordBuilder()
    b.balances(0, [("USDT", "100", "0")])
    b.filledOrder(1, at: 5)
    b.log(5.65, "ORDER_UPDATE", RecordBuilder.ids(1) + [("symbol", "AIX/USDT"), ("filled_qty", "10")])
    b.tell(20, "transfer", [("asset", "AIX"), ("amount", "-5")])
    for (index, at) in asks.enumerated() {
      b.tell(at, "request", [("id", .int(900 + index)), ("call", "fetch_balance")])
      b.tell(at + 0.2, "reply", [("id", .int(900 + index)), ("call", "fetch_balance"), ("outcome", "ok")])
    }
    if isTold { b.log(40.3, "POSITION_DRIFT_DETECTED", level: "ERROR", [("symbol", "AIX/USDT")]) }
    b.balances(101, [("AIX", "5", "0"), ("USDT", "80", "0")])
    b.save(99, positions: [("AIX/USDT", "10")])
    return b
  }

  @Test func `Coins that somebody sold may stay on the books of an engine that says so, or could not know`() throws {
    #expect(try Self.soldByHand(isTold: true).judge("positions-agree").outcome == .pass)
    #expect(try Self.soldByHand(isTold: false, asks: []).judge("positions-agree").outcome == .pass)
    let silent = try Self.soldByHand(isTold: false).judge("positions-agree")
    #expect(silent.evidence == ["AIX: the venue says 5, the engine says 10"])
  }

  /// The tick becomes 0.1 and the step 1 at 10 s.
  private static func changedRules() -> RecordBuilder {
    var b = RecordBuilder.market()
    b.setting("ENGINE_CYCLE_MS", "500")
    b.setting("BUDGET_REFRESH_TIMEOUT_S", "5")
    b.quotes()
    let rules = JSON.object([
      ("symbol", "AIX/USDT"), ("tick", "0.1"), ("step", "1"), ("min_qty", "0.1"), ("min_notional", "5"),
      ("maker_fee", "0"), ("taker_fee", "0"),
    ])
    b.tell(10, "rules", [("rules", .array([rules]))])
    return b
  }

  @Test(arguments: [("2", "2.1", true), ("2", "2.01", false)])
  func `Prices are judged by the rules in force`(ask: String, price: String, isOf: Bool) throws {
    var b = Self.changedRules()
    b.quote(19.5, last: "2.05", bid: "2.05", ask: "2.05")
    b.bought(1, at: 20, qty: isOf ? "9" : "9.9", price: price, quote: "18")
    b.summarize()
    // 2.1 is the next price of the new tick above 2.05; by the old one 2.06 would have done. 2.01 is below the ask.
    #expect(try b.judge("prices-within-slippage").outcome == (isOf ? .pass : .fail))
  }

  @Test func `Entries are judged by the rules in force`() throws {
    var b = Self.changedRules()
    b.bought(1, at: 20, qty: "9", price: "2", quote: "18")
    #expect(try b.judge("entries-within-limits").outcome == .pass, "ten would do, and the last step may be missing")
    var small = Self.changedRules()
    small.bought(1, at: 20, qty: "7", price: "2", quote: "14")
    #expect(try small.judge("entries-within-limits").outcome == .fail)
    var early = Self.changedRules()
    early.bought(1, at: 8, qty: "9", price: "2", quote: "18")
    #expect(try early.judge("entries-within-limits").outcome == .fail, "the step was 0.1 then")
  }

  @Test func `Rules that an order shows to be old are asked for`() throws {
    func session(asksAt: Double?) throws -> Verdict {
      var b = Self.changedRules()
      b.tell(1, "request", [("id", .int(801)), ("call", "market_rules")])
      b.tell(1.1, "reply", [("id", .int(801)), ("call", "market_rules"), ("outcome", "ok")])
      b.ask(1, at: 20, qty: "9.9", price: "2.01")
      b.refuse(1, at: 20.2, code: 30_010, text: "no valid trade price", isPermanent: true)
      if let asksAt {
        b.tell(asksAt, "request", [("id", .int(802)), ("call", "market_rules")])
        b.tell(asksAt + 0.1, "reply", [("id", .int(802)), ("call", "market_rules"), ("outcome", "ok")])
      }
      return try b.judge("valid-orders-sent")
    }
    #expect(try session(asksAt: 20.5).outcome == .pass)
    #expect(try session(asksAt: nil).outcome == .fail)
    #expect(try session(asksAt: 60).outcome == .fail)
  }

  @Test func `A fee counts as told when the trades were asked for`() throws {
    func session(asks: Bool) throws -> Verdict {
      var b = RecordBuilder.market(fee: "0.001")
      b.quotes()
      b.ask(1, at: 20)
      b.accept(1, at: 20.2)
      b.tell(
        20.3, "event",
        RecordBuilder.event(1, "TRADE", "filled", "AIX/USDT", "buy") + [
          ("last_qty", "10"), ("last_price", "2"), ("last_quote", "20"), ("filled_qty", "10"), ("filled_quote", "20"),
          ("fee", "0.01"), ("fee_asset", "AIX"), ("delivered", .bool(false)),
        ])
      b.tell(24, "request", [("id", .int(701)), ("call", "query_order"), ("client_order_id", "c1")])
      b.tell(
        24.2, "reply",
        [("id", .int(701)), ("call", "query_order"), ("outcome", "ok"), ("status", "FILLED"), ("filled_qty", "10")])
      if asks {
        b.tell(24.2, "request", [("id", .int(702)), ("call", "order_trades"), ("client_order_id", "c1")])
        b.tell(
          24.4, "reply",
          [("id", .int(702)), ("call", "order_trades"), ("outcome", "ok"), ("filled_qty", "10"), ("fee", "0.01")])
      }
      // The engine names no asset.
      b.log(
        26, "ORDER_FILLED",
        RecordBuilder.ids(1) + [("symbol", "AIX/USDT"), ("side", "buy"), ("filled_qty", "10"), ("fee", "0.01")])
      return try b.judge("fills-agree")
    }
    #expect(try session(asks: true).evidence.first?.hasSuffix("it has no fee_asset") == true)
    #expect(try session(asks: false).outcome == .pass)
  }
}
