import Basics
import Checks

/// One purchase and its sale, told by both sides to the last digit; a test changes one figure.
struct TradeStory {
  /// What the engine says.
  var decision: JSON? = "d1"
  var sentQty = "10"
  var reserved = ("79.98", "20.02")
  var updated = "10"
  var committed = "20.02"
  var openedCost = "20.02"
  var filled = (qty: "10", quote: "20", average: "2", fee: "0.02", feeAsset: "USDT", order: "o1")
  var heartbeat = ("79.98", "0")
  var closed = (qty: "10", proceeds: "20.979")
  var state = (free: "100.959", reserved: "0")
  /// What the venue says.
  var bookAtBuy = (bid: "1.99", ask: "2")
  var limit = "2"
  var price = "2"
  var quote = "20"
  var fee = (amount: "0.02", asset: "USDT")
  var isMaker = false
  var status = "FILLED"
  var total = "10"
  var afterBuy = (usdt: "79.98", locked: "0", coins: "10")
  var isTold = true
  var last = (usdt: "100.959", locked: "0")

  func builder() -> RecordBuilder {
    var b = RecordBuilder.market(fee: "0.001")
    b.venue.removeAll()
    b.setting("INTENT_STALE_THRESHOLD_S", "60")
    b.balances(0, [("USDT", "100", "0")])
    b.tell(0, "rules", [("fee_mode", "quote"), ("rules", .array([Self.rules]))])
    b.tell(1, "request", [("id", .int(90)), ("call", "fetch_balance")])
    b.tell(1.1, "reply", [("id", .int(90)), ("call", "fetch_balance"), ("outcome", "ok")])
    buy(&b)
    b.log(20, "HEARTBEAT", [("budget_free", .string(heartbeat.0)), ("budget_reserved", .string(heartbeat.1))])
    sell(&b)
    b.balances(102, [("USDT", last.usdt, last.locked)])
    b.save(100)
    b.state = b.state.map { state in
      .object(
        (state.members ?? []).map { key, value in
          key != "budget"
            ? (key, value)
            : (key, .object([("free", .string(self.state.free)), ("reserved", .string(self.state.reserved))]))
        })
    }
    return b
  }

  func judge(_ check: String) throws -> Verdict { try builder().judge(check) }

  private static let rules = JSON.object([
    ("symbol", "AIX/USDT"), ("tick", "0.01"), ("step", "0.1"), ("min_qty", "0.1"), ("min_notional", "5"),
    ("maker_fee", "0"), ("taker_fee", "0.001"),
  ])

  private func sent(_ n: Int, _ side: String, _ qty: String, _ price: String, decision: JSON?) -> RecordBuilder.Fields {
    RecordBuilder.ids(n) + (decision.map { [("decision_id", $0)] } ?? []) + [
      ("symbol", "AIX/USDT"), ("side", .string(side)), ("qty", .string(qty)), ("price", .string(price)),
    ]
  }

  private func buy(_ b: inout RecordBuilder) {
    b.log(9.9, "DECISION_END", [("symbol", "AIX/USDT"), ("decision_id", "d1"), ("outcome", "signal_detected")])
    b.log(
      9.9, "BUDGET_RESERVED",
      [
        ("reserved", "20.02"), ("available", .string(reserved.0)), ("total_reserved", .string(reserved.1)),
        ("intent_id", "i1"),
      ])
    b.log(9.95, "INTENT_PENDING", RecordBuilder.ids(1))
    b.log(9.99, "ORDER_SENT", sent(1, "buy", sentQty, "2", decision: decision))
    b.askAgain(1, at: 10, price: limit)
    event(&b, 10.2, 1, "NEW", "buy", "NEW", [("filled_qty", "0"), ("filled_quote", "0")], bookAtBuy)
    event(
      &b, 10.2, 1, "TRADE", "buy", status,
      [
        ("last_qty", "10"), ("last_price", .string(price)), ("last_quote", .string(quote)),
        ("filled_qty", .string(total)),
        ("filled_quote", .string(quote)), ("fee", .string(fee.amount)), ("fee_asset", .string(fee.asset)),
        ("maker", .bool(isMaker)),
      ], bookAtBuy)
    balance(&b, 10.2, [("AIX", afterBuy.coins, "0"), ("USDT", afterBuy.usdt, afterBuy.locked)])
    b.log(10.3, "ORDER_UPDATE", [("client_order_id", "c1"), ("status", "FILLED"), ("filled_qty", .string(updated))])
    b.log(10.3, "BUDGET_COMMITTED", [("committed", .string(committed)), ("intent_id", "i1")])
    b.log(
      10.3, "POSITION_OPENED", [("symbol", "AIX/USDT"), ("qty", "10"), ("cost", .string(openedCost))])
    b.log(
      10.4, "ORDER_FILLED",
      RecordBuilder.ids(1) + [
        ("symbol", "AIX/USDT"), ("side", "buy"), ("order_id", .string(filled.order)),
        ("filled_qty", .string(filled.qty)),
        ("filled_quote", .string(filled.quote)), ("average_price", .string(filled.average)),
        ("fee", .string(filled.fee)), ("fee_asset", .string(filled.feeAsset)),
      ])
    b.clear(1, at: 10.4, "order_filled")
  }

  private func sell(_ b: inout RecordBuilder) {
    b.log(29.9, "DECISION_END", [("symbol", "AIX/USDT"), ("decision_id", "d2"), ("outcome", "take_profit")])
    b.log(29.9, "INTENT_PENDING", RecordBuilder.ids(2))
    b.log(29.99, "ORDER_SENT", sent(2, "sell", "10", "2.1", decision: "d2"))
    b.askAgain(2, at: 30, side: "sell", price: "2.1")
    event(&b, 30.2, 2, "NEW", "sell", "NEW", [("filled_qty", "0"), ("filled_quote", "0")], ("2.1", "2.11"))
    event(
      &b, 30.2, 2, "TRADE", "sell", "FILLED",
      [
        ("last_qty", "10"), ("last_price", "2.1"), ("last_quote", "21"), ("filled_qty", "10"), ("filled_quote", "21"),
        ("fee", "0.021"), ("fee_asset", "USDT"), ("maker", .bool(false)),
      ], ("2.1", "2.11"))
    balance(&b, 30.2, [("AIX", "0", "0"), ("USDT", "100.959", "0")])
    b.log(30.3, "ORDER_UPDATE", [("client_order_id", "c2"), ("status", "FILLED"), ("filled_qty", "10")])
    b.log(
      30.3, "POSITION_CLOSED",
      [("symbol", "AIX/USDT"), ("qty", .string(closed.qty)), ("proceeds", .string(closed.proceeds))])
    b.log(
      30.4, "ORDER_FILLED",
      RecordBuilder.ids(2) + [
        ("symbol", "AIX/USDT"), ("side", "sell"), ("order_id", "o2"), ("filled_qty", "10"), ("filled_quote", "21"),
        ("average_price", "2.1"), ("fee", "0.021"), ("fee_asset", "USDT"),
      ])
    b.clear(2, at: 30.4, "order_filled")
  }

  private func event(
    _ b: inout RecordBuilder, _ at: Double, _ n: Int, _ type: String, _ side: String, _ status: String,
    _ fields: RecordBuilder.Fields, _ book: (bid: String, ask: String)
  ) {
    b.tell(
      at, "event",
      [
        ("type", .string(type)), ("client_order_id", .string("c\(n)")), ("order_id", .string("o\(n)")),
        ("symbol", "AIX/USDT"), ("side", .string(side)), ("status", .string(status)),
      ] + fields + [
        ("bid", .string(book.bid)), ("ask", .string(book.ask)), ("delivered", .bool(isTold)),
      ])
  }

  private func balance(_ b: inout RecordBuilder, _ at: Double, _ assets: [(String, String, String)]) {
    let list = assets.map { asset, free, locked in
      JSON.object([("asset", .string(asset)), ("free", .string(free)), ("locked", .string(locked))])
    }
    b.tell(at, "event", [("type", "BALANCE"), ("balances", .array(list)), ("delivered", .bool(true))])
  }
}
