import ChaosRuntime
import Checks
import Testing

@Suite struct OrderCheckTests {
  @Test func ordersFilledCountsOrdersAndNotLines() throws {
    var b = RecordBuilder()
    #expect(try b.judge("orders-filled").outcome == .inconclusive)
    b.refusedOrder(1, at: 1)
    #expect(try b.judge("orders-filled").outcome == .fail)
    b.filledOrder(2, at: 2)
    b.log(3, "ORDER_FILLED", RecordBuilder.ids(2))
    let verdict = try b.judge("orders-filled")
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason == "1 of 2 orders filled")
    for n in 3...10 { b.refusedOrder(n, at: Double(n)) }
    #expect(try b.judge("orders-filled").outcome == .pass)
    b.refusedOrder(11, at: 11)
  }

  @Test func intentsAreSettledWithinTenSeconds() throws {
    var b = RecordBuilder()
    #expect(try b.judge("intents-settled").outcome == .inconclusive)
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: 12, "order_failed")
    #expect(try b.judge("intents-settled").outcome == .pass)
    b.send(2, at: 1)
    b.refuse(2, at: 2)
    b.clear(2, at: 12.001, "order_failed")
    let verdict = try b.judge("intents-settled")
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == ["i2: order c2 ended at 2025-01-01T00:00:02.000000Z, the intent was settled 10 s later"])
  }

  @Test func aStaleSweepSettlesNothing() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.clear(1, at: 5, "stale")
    let verdict = try b.judge("intents-settled")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.first?.hasSuffix("the intent was swept as stale 3 s later") == true)
  }

  @Test func nothingIsHeldAgainstAnIntentWhoseOrderEndsLessThanTenSecondsBeforeTheSession() throws {
    var b = RecordBuilder()
    b.send(1, at: 80)
    b.refuse(1, at: 90)
    #expect(try b.judge("intents-settled").outcome == .pass)
    b.send(2, at: 80)
    b.refuse(2, at: 89.9)
    #expect(try b.judge("intents-settled").outcome == .fail)
  }

  @Test func anIntentIsLinkedToItsOrderByOrderSentAlone() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.events.removeAll { $0.line["event_type"]?.string == "INTENT_PENDING" }
    b.refuse(1, at: 2)
    #expect(try b.judge("intents-settled").outcome == .fail)
  }

  @Test func everyFailedOrderNeedsItsErrorLine() throws {
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

  @Test(arguments: ["INFO", "WARNING"]) func aFailureBelowLevelErrorIsSilent(level: String) throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 2)
    b.fail(1, at: 2, level: level)
    #expect(try b.judge("errors-observable").outcome == .fail)
  }

  @Test func aFailureNeedsCodeAndReason() throws {
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
  func anOrderThatEndsWithoutAFillIsAFailureToo(type: String) throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.tell(2, "event", [("type", .string(type)), ("client_order_id", "c1"), ("filled_qty", "0")])
    #expect(try b.judge("errors-observable").outcome == .fail)
    b.fail(1, at: 2.1)
    #expect(try b.judge("errors-observable").outcome == .pass)
  }

  @Test func failuresOfTheLastTwoSecondsAreExcused() throws {
    var b = RecordBuilder()
    b.send(1, at: 90)
    b.refuse(1, at: 98)
    #expect(try b.judge("errors-observable").outcome == .pass)
    b.send(2, at: 90)
    b.refuse(2, at: 97.9)
    #expect(try b.judge("errors-observable").outcome == .fail)
  }

  @Test func anIntentHasOneOrder() throws {
    var b = RecordBuilder()
    #expect(try b.judge("no-duplicate-orders").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("no-duplicate-orders").outcome == .pass)
    b.log(2, "ORDER_SENT", [("intent_id", "i1"), ("client_order_id", "c9")])
    let verdict = try b.judge("no-duplicate-orders")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["i1: orders c1 and c9"])
  }

  @Test func aClientIdIsUsedOnce() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(2, "ORDER_SENT", [("intent_id", "i2"), ("client_order_id", "c1")])
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: intents i1 and i2"])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(2, "ORDER_SENT", RecordBuilder.ids(1))
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: sent 2 times"])
  }

  @Test func theVenueTakesAnOrderOnceAndADecisionHasOneOrder() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.tell(3, "event", [("type", "NEW"), ("client_order_id", "c1"), ("order_id", "o7")])
    #expect(try b.judge("no-duplicate-orders").evidence == ["c1: accepted 2 times o1 o7"])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    for n in 5...6 { b.log(3, "ORDER_SENT", RecordBuilder.ids(n) + [("decision_id", "d")]) }
    #expect(try b.judge("no-duplicate-orders").evidence == ["decision d: orders c5 and c6"])
  }

  @Test func anOrderThatTheVenueTookIsNotSentAgain() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.tell(3, "request", [("id", .int(7)), ("call", "place_order"), ("client_order_id", "c1")])
    let verdict = try b.judge("no-duplicate-orders")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["c1: sent again 1 times after the venue had taken it"])
  }

  @Test func aSymbolThatIsHeldIsNotBoughtAgain() throws {
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

  @Test func anOrderThatTheVenueTookEndsInTheLogOrIsStillPending() throws {
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
