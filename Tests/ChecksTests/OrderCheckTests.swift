import Basics
import ChaosRuntime
import Checks
import Testing

@Suite struct OrderCheckTests {
  @Test func `Orders filled counts orders and not lines`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("orders-filled").outcome == .inconclusive)
    b.refusedOrder(1, at: 1)
    #expect(
      try b.judge("orders-filled").outcome == .notApplicable, "a venue that fills nothing is not the engine's fault")
    b.filledOrder(2, at: 2)
    b.log(3, "ORDER_FILLED", RecordBuilder.ids(2))
    let verdict = try b.judge("orders-filled")
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason == "1 of 2 orders filled")
    for n in 3...13 { b.refusedOrder(n, at: Double(n)) }
    #expect(try b.judge("orders-filled").outcome == .pass)
  }

  @Test func `An order that is filled in part is filled`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.trade(1, at: 1.2, qty: "5", quote: "10", status: "partially_filled")
    b.tell(1.3, "event", [("type", "EXPIRED"), ("client_order_id", "c1"), ("filled_qty", "5")])
    b.log(1.4, "ORDER_FAILED", level: "ERROR", RecordBuilder.ids(1) + [("filled_qty", "5")])
    #expect(try b.judge("orders-filled").outcome == .pass)
    b.events.removeAll { $0.line["event_type"]?.string == "ORDER_FAILED" }
    let verdict = try b.judge("orders-filled")
    #expect(verdict.outcome == .fail)
    #expect(verdict.reason == "the venue filled 1 orders, 0 of them in the engine's log")
    #expect(verdict.evidence == ["c1: filled 5 at the venue, no fill in the log"])
  }

  @Test func `Whether orders are filled is the venues word`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.fill(1, at: 2)
    #expect(try b.judge("orders-filled").evidence == ["c1: filled in the log only"])
    b = RecordBuilder()
    b.send(1, at: 1)
    b.venue.removeAll()
    #expect(try b.judge("orders-filled").reason == "none of 1 orders that were sent reached the venue")
    b = RecordBuilder()
    b.send(1, at: 90)
    b.accept(1, at: 90.1)
    b.trade(1, at: 90.2)
    #expect(try b.judge("orders-filled").outcome == .inconclusive, "the fill may still be news")
  }

  /// EXCHANGE_TIMEOUT_S 8 and RECONCILE_AFTER_S 3 in the builder's settings, and a second.
  @Test func `Intents are settled within what the settings allow`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("intents-settled").outcome == .inconclusive)
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: 14, "order_failed")
    #expect(
      try b.judge("intents-settled").reason
        == "1 intents of finished orders were settled within 12 s (EXCHANGE_TIMEOUT_S 8 s + RECONCILE_AFTER_S 3 s + 1 s)"
    )
    b.send(2, at: 1)
    b.refuse(2, at: 2)
    b.clear(2, at: 14.001, "order_failed")
    let verdict = try b.judge("intents-settled")
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == ["i2: order c2 ended at 2025-01-01T00:00:02.000000Z, the intent was settled 12 s later"])
    b.config.removeAll { $0.key == "EXCHANGE_TIMEOUT_S" }
    #expect(try b.judge("intents-settled").outcome == .inconclusive)
    #expect(try b.judge("intents-settled").reason == "config.json names no EXCHANGE_TIMEOUT_S")
    b.config.append(("EXCHANGE_TIMEOUT_S", "8.1"))
    #expect(try b.judge("intents-settled").outcome == .pass, "the limit is that of the settings")
  }

  /// While its questions fail the engine cannot know.
  @Test func `A venue that does not answer delays what is due`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: 18, "order_failed")
    #expect(try b.judge("intents-settled").outcome == .fail)
    func ask(_ id: Int, at: Double, _ outcome: String?) {
      let fields: RecordBuilder.Fields = [
        ("id", .int(id)), ("call", "query_order"), ("client_order_id", "c1"),
      ]
      b.tell(at, "request", fields)
      if let outcome { b.tell(at + 0.5, "reply", fields + [("outcome", .string(outcome))]) }
    }
    ask(7, at: 13.6, "error")
    #expect(try b.judge("intents-settled").outcome == .pass, "13.6 + 0.5 + 3 + 1")
    b.venue.removeLast()
    #expect(try b.judge("intents-settled").outcome == .pass, "an answer that never came is waited for")
    b.venue.removeLast()
    ask(7, at: 13.6, "ok")
    #expect(try b.judge("intents-settled").outcome == .fail, "that answer was heard")
    b.venue.removeAll { $0.at > 10 }
    ask(7, at: 14.1, "error")
    #expect(try b.judge("intents-settled").outcome == .fail, "who asks too late is late")
  }

  /// ORDER_TTL_S 30 and a settle limit of 12 s behind the request of 1 s.
  @Test(arguments: [("order-router", 42.9, Outcome.pass), ("order-router", 44, .fail), ("heartbeat", 42.9, .fail)])
  func `What a sender that ended may have sent again lives for its whole time`(
    thread: String, cleared: Double, outcome: Outcome
  ) throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: cleared, "order_failed")
    b.set(
      "firings",
      .array([
        .object([
          ("fault", "f"), ("site", "thread.wait"), ("timestamp", .string(RecordBuilder.time(2.1))), ("action", "kill"),
          ("thread", .string(thread)),
        ])
      ]))
    #expect(try b.judge("intents-settled").outcome == outcome)
  }

  @Test func `A stale sweep settles nothing`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: 5, "stale")
    let verdict = try b.judge("intents-settled")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.first?.hasSuffix("the intent was swept as stale 3 s later") == true)
  }

  @Test func `Nothing is held against an intent whose order ends shortly before the session`() throws {
    var b = RecordBuilder()
    b.send(1, at: 80)
    b.refuse(1, at: 88)
    #expect(try b.judge("intents-settled").outcome == .inconclusive)
    b.send(2, at: 80)
    b.refuse(2, at: 87.9)
    #expect(try b.judge("intents-settled").outcome == .fail)
  }

  @Test func `An intent is linked to its order by order sent alone`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.events.removeAll { $0.line["event_type"]?.string == "INTENT_PENDING" }
    b.refuse(1, at: 2)
    #expect(try b.judge("intents-settled").outcome == .fail)
  }

  @Test func `Every failed order needs its error line`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("errors-observable").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("errors-observable").reason == "none of 1 orders failed")
    b.refusedOrder(2, at: 2)
    #expect(try b.judge("errors-observable").outcome == .pass)
    b.send(3, at: 3)
    b.refuse(3, at: 3.1)
    let verdict = try b.judge("errors-observable")
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == ["c3: refused with code 10007 insufficient balance after 1 requests, no ORDER_FAILED"])
  }

  @Test(arguments: ["INFO", "WARNING"]) func `A failure below level error is silent`(level: String) throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.fail(1, at: 2, level: level)
    #expect(try b.judge("errors-observable").outcome == .fail)
  }

  @Test func `A failure needs code and reason`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.fail(1, at: 2, reason: "")
    #expect(try b.judge("errors-observable").outcome == .fail)
    b.log(
      3, "ORDER_FAILED", level: "ERROR",
      RecordBuilder.ids(1) + [("error_code", "X"), ("formatter_timeout", .bool(true))])
    #expect(try b.judge("errors-observable").outcome == .pass)
  }

  @Test(arguments: ["REJECTED", "EXPIRED", "CANCELED"])
  func `An order that ends without a fill is a failure too`(type: String) throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.tell(2, "event", [("type", .string(type)), ("client_order_id", "c1"), ("filled_qty", "0")])
    #expect(try b.judge("errors-observable").outcome == .fail)
    b.fail(1, at: 2.1)
    #expect(try b.judge("errors-observable").outcome == .pass)
  }

  @Test func `Failures of the last two seconds are excused`() throws {
    var b = RecordBuilder()
    b.send(1, at: 90)
    b.refuse(1, at: 98)
    #expect(try b.judge("errors-observable").outcome == .pass)
    b.send(2, at: 90)
    b.refuse(2, at: 97.9)
    #expect(try b.judge("errors-observable").outcome == .fail)
  }

  @Test func `An intent has one order`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("no-duplicate-orders").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("no-duplicate-orders").outcome == .pass)
    b.log(2, "ORDER_SENT", [("intent_id", "i1"), ("client_order_id", "c9")])
    let verdict = try b.judge("no-duplicate-orders")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["i1: orders c1 and c9"])
  }

  @Test func `A client id is used once`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(2, "ORDER_SENT", [("intent_id", "i2"), ("client_order_id", "c1")])
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: intents i1 and i2"])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(2, "ORDER_SENT", RecordBuilder.ids(1))
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: sent 2 times"])
  }

  @Test func `The venue takes an order once and a decision has one order`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.tell(3, "event", [("type", "NEW"), ("client_order_id", "c1"), ("order_id", "o7")])
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: accepted 2 times o1 o7"])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    for n in 5...6 { b.log(3, "ORDER_SENT", RecordBuilder.ids(n) + [("decision_id", "d")]) }
    #expect(try b.judge("no-duplicate-orders").evidence == ["decision d: orders c5 and c6"])
  }

  @Test(arguments: [(500, true), (503, true), (429, false)])
  func `An order whose outcome is unknown is not sent again`(code: Int, isUnclear: Bool) throws {
    var b = RecordBuilder()
    b.send(1, at: 10)
    b.refuse(1, at: 10.2, code: code, text: "")
    b.tell(10.6, "request", [("id", .int(2)), ("call", "place_order"), ("client_order_id", "c1")])
    b.refuse(1, at: 10.8)
    let verdict = try b.judge("no-duplicate-orders")
    let words = "c1: sent again 1 times though nobody knew what had become of it"
    #expect(verdict.evidence == (isUnclear ? [words] : []))
    #expect(verdict.outcome == (isUnclear ? .fail : .pass))
  }

  @Test func `An order that the venue took is not sent again`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.tell(3, "request", [("id", .int(7)), ("call", "place_order"), ("client_order_id", "c1")])
    let verdict = try b.judge("no-duplicate-orders")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["c1: sent again 1 times after the venue had taken it"])
  }

  @Test func `A symbol that is held is not bought again`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.filledOrder(2, at: 3)
    #expect(try b.judge("no-duplicate-orders").evidence == ["AIX/USDT: c2 bought 2 s after c1"])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.send(2, at: 2, side: "sell")
    b.accept(2, at: 2.1, side: "sell")
    b.trade(2, at: 2.2, side: "sell")
    b.filledOrder(3, at: 3)
    #expect(try b.judge("no-duplicate-orders").outcome == .pass)
  }

  @Test func `A position is sold once`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.send(2, at: 2, side: "sell", qty: "6")
    b.accept(2, at: 2.1, side: "sell")
    b.send(3, at: 3, side: "sell", qty: "4")
    b.refuse(3, at: 3.1)
    #expect(try b.judge("no-duplicate-orders").outcome == .pass, "two sales of what is held")
    b.send(4, at: 4, side: "sell", qty: "4.01")
    b.refuse(4, at: 4.1)
    #expect(
      try b.judge("no-duplicate-orders").evidence == [
        "AIX/USDT: c4 sells 4.01 of 10 held, 6 of it offered already by c2, at logs/exchange.jsonl:10"
      ])
  }

  @Test func `What is sold is not offered again`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.send(2, at: 2, side: "sell")
    b.accept(2, at: 2.1, side: "sell")
    b.trade(2, at: 2.2, side: "sell")
    b.send(3, at: 3, side: "sell")
    b.refuse(3, at: 3.1)
    #expect(
      try b.judge("no-duplicate-orders").evidence == [
        "AIX/USDT: c3 sells 10 of 0 held, at logs/exchange.jsonl:9"
      ])
  }

  @Test func `An order that the venue took ends in the log or is still pending`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("no-lost-order").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    b.send(2, at: 2)
    b.accept(2, at: 2.1)
    b.save(99, pending: [2])
    #expect(try b.judge("no-lost-order").outcome == .pass)
    b.save(99)
    let verdict = try b.judge("no-lost-order")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["c2: open at the venue, filled 0"])
    b.set("shutdown", nil)
    #expect(try b.judge("no-lost-order").outcome == .inconclusive)
  }
}
