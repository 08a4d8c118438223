import Basics
import Checks
import Testing

/// How orders end in the log, how long intents may wait for it, and whether what is sent arrives.
@Suite struct EndCheckTests {
  private static let log = RecordBuilder.eventsPath

  // MARK: ends-agree

  private func failed(
    _ b: inout RecordBuilder, _ at: Double, level: String = "ERROR", code: JSON = "X", text: JSON = "X:no"
  ) {
    b.log(
      at, "ORDER_FAILED", level: level,
      RecordBuilder.ids(1) + [("filled_qty", "0"), ("error_code", code), ("exchange_error", text)])
  }

  private func taken() -> RecordBuilder {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    return b
  }

  @Test func `An order ends once`() throws {
    var b = RecordBuilder.market()
    #expect(try b.judge("ends-agree").outcome == .inconclusive)
    b.filledOrder(1, at: 10)
    #expect(try b.judge("ends-agree").outcome == .pass)
    b.fill(1, at: 12)
    #expect(try b.judge("ends-agree").evidence == ["\(Self.log):6: c1 ends once more, ORDER_FILLED"])
  }

  @Test func `Failed does not stand for filled`() throws {
    var b = taken()
    b.trade(1, at: 10.3)
    failed(&b, 12)
    #expect(try b.judge("ends-agree").evidence == ["\(Self.log):3: c1 ORDER_FAILED: the venue had filled all of it"])
  }

  @Test func `An order that lives has not failed`() throws {
    var b = taken()
    failed(&b, 12)
    #expect(try b.judge("ends-agree").evidence == ["\(Self.log):3: c1 ORDER_FAILED: it was open at the venue"])
    b.trade(1, at: 15)
    #expect(try b.judge("ends-agree").outcome == .fail, "filled later on, it was open all the same")
    b = RecordBuilder.market()
    b.ask(1, at: 10)
    failed(&b, 12)
    #expect(try b.judge("ends-agree").outcome == .pass)
    b.accept(1, at: 13)
    #expect(
      try b.judge("ends-agree").evidence.first?.hasSuffix(
        "the venue took it at 2025-01-01T00:00:13.000000Z, after it was given up") == true)
  }

  @Test func `An order that the venue denied and took later on had failed rightly`() throws {
    func late(injected: Bool) throws -> Outcome {
      var b = RecordBuilder.market()
      b.ask(1, at: 10)
      b.tell(11, "request", [("id", .int(50)), ("call", "query_order"), ("client_order_id", "c1")])
      b.tell(
        11.2, "reply",
        [
          ("id", .int(50)), ("call", "query_order"), ("outcome", "error"), ("permanent", .bool(true)),
          ("injected", .bool(injected)),
        ])
      failed(&b, 12)
      b.accept(1, at: 13)
      return try b.judge("ends-agree").outcome
    }
    #expect(try late(injected: false) == .pass)
    #expect(try late(injected: true) == .fail, "a fault said so, the venue did not")
  }

  @Test func `Filled does not stand for filled in part`() throws {
    var b = taken()
    b.trade(1, at: 10.3, qty: "5", quote: "10", status: "partially_filled")
    b.cancel(1, at: 11)
    b.fill(1, at: 12, qty: "5")
    #expect(
      try b.judge("ends-agree").evidence == ["\(Self.log):3: c1 ORDER_FILLED: at the venue it is canceled, 5 is filled"]
    )
  }

  @Test func `A failure is an error with code and reason`() throws {
    func words(level: String = "ERROR", code: JSON = "X", text: JSON = "X:no") throws -> [String] {
      var b = taken()
      b.cancel(1, at: 11)
      failed(&b, 12, level: level, code: code, text: text)
      return try b.judge("ends-agree").evidence
    }
    #expect(try words() == [])
    #expect(try words(level: "WARNING") == ["\(Self.log):3: c1 ORDER_FAILED: its level is WARNING"])
    #expect(try words(code: .null) == ["\(Self.log):3: c1 ORDER_FAILED: it has no error_code"])
    #expect(try words(text: "") == ["\(Self.log):3: c1 ORDER_FAILED: it has no exchange_error"])
  }

  @Test func `An intent is not cleared without a word on its order`() throws {
    var b = taken()
    b.clear(1, at: 70, "stale")
    #expect(
      try b.judge("ends-agree").evidence == ["\(Self.log):3: i1 was cleared, and no line says what became of its order"]
    )
    b.log(69, "ORDER_LOST", level: "ERROR", RecordBuilder.ids(1))
    #expect(try b.judge("ends-agree").outcome == .notApplicable)
  }

  @Test func `An order that is canceled half filled has its error line`() throws {
    var b = taken()
    b.trade(1, at: 10.3, qty: "5", quote: "10", status: "partially_filled")
    b.cancel(1, at: 11)
    #expect(try b.judge("errors-observable").outcome == .fail)
    failed(&b, 12)
    #expect(try b.judge("errors-observable").outcome == .pass)
  }

  @Test func `The reason of a rejection is the venue's, unless an answer told the end before its event`() throws {
    func judge(_ code: String, asked: Double? = nil) throws -> Outcome {
      var b = taken()
      b.tell(
        11, "event",
        RecordBuilder.event(1, "REJECTED", "rejected", "AIX/USDT", "buy") + [
          ("filled_qty", "0"), ("delivered", .bool(true)), ("code", .int(30_004)), ("text", "no"),
          ("arrives", .string(RecordBuilder.time(13))),
        ])
      if let asked { b.call("query_order", 1, id: 50, at: asked) }
      b.log(
        13.1, "ORDER_FAILED", level: "ERROR",
        RecordBuilder.ids(1) + [("filled_qty", "0"), ("error_code", .string(code)), ("exchange_error", "why")])
      return try b.judge("errors-observable").outcome
    }
    #expect(try judge("30004") == .pass)
    #expect(try judge("REJECTED") == .fail)
    #expect(try judge("REJECTED", asked: 12) == .pass)
  }

  @Test func `To a cancel "unknown order" is no answer: the order may have been filled`() throws {
    func settled(_ call: String) throws -> Outcome {
      var b = RecordBuilder.market()
      b.send(1, at: 10)
      b.accept(1, at: 10.2)
      b.tell(
        20, "event",
        RecordBuilder.event(1, "TRADE", "filled", "AIX/USDT", "buy") + [
          ("last_qty", "10"), ("last_price", "2"), ("last_quote", "20"), ("filled_qty", "10"), ("filled_quote", "20"),
          ("delivered", .bool(false)),
        ])
      b.tell(31, "request", [("id", .int(50)), ("call", .string(call)), ("client_order_id", "c1")])
      b.tell(
        31.2, "reply", [("id", .int(50)), ("call", .string(call)), ("outcome", "error"), ("permanent", .bool(true))])
      b.fill(1, at: 34)
      return try b.judge("intents-settled").outcome
    }
    #expect(try settled("cancel_order") == .pass)
    #expect(try settled("query_order") == .fail)
  }

  // MARK: intents-bounded

  private func pending(until end: Double?, answers: [Double] = []) throws -> Verdict {
    var b = RecordBuilder.market()
    b.setting("INTENT_STALE_THRESHOLD_S", "20")
    b.log(9, "INTENT_PENDING", RecordBuilder.ids(1))
    b.ask(1, at: 10)
    for (index, at) in answers.enumerated() { b.call("query_order", 1, id: 50 + index, at: at, took: 0) }
    if let end { b.clear(1, at: end, "stale") }
    return try b.judge("intents-bounded")
  }

  /// 20 s, 8 s for a call, 3 s until the next question and a second.
  @Test func `No intent is pending beyond its bound`() throws {
    #expect(try RecordBuilder.market().judge("intents-bounded").outcome == .inconclusive)
    #expect(try pending(until: 41).outcome == .pass)
    #expect(
      try pending(until: 41.5).evidence == [
        "i1: pending for 32.5 s without a word of the venue about its order"
      ])
    #expect(try pending(until: nil).outcome == .fail)
    #expect(
      try pending(until: 41.5).reason
        == "1 intents were pending for longer than 32 s (INTENT_STALE_THRESHOLD_S 20 s + RECONCILE_AFTER_S 3 s + "
        + "EXCHANGE_TIMEOUT_S 8 s + 1 s)")
  }

  @Test func `An order that the venue says is open is rightly pending`() throws {
    #expect(try pending(until: nil, answers: [30, 60, 90]).outcome == .pass)
    #expect(try pending(until: nil, answers: [30, 60]).outcome == .fail)
    #expect(try pending(until: 90, answers: [89.9]).outcome == .fail, "a word at the end does not undo a long silence")
  }

  // MARK: orders-arrive

  @Test func `What is sent was decided and arrives as it was sent`() throws {
    func words(_ change: (inout TradeStory) -> Void) throws -> [String] {
      var story = TradeStory()
      change(&story)
      return try story.judge("orders-arrive").evidence
    }
    #expect(try words { $0.decision = nil } == ["\(Self.log):4: c1 names no decision"])
    #expect(try words { $0.decision = "d9" } == ["\(Self.log):4: c1 of d9, which was not decided"])
    #expect(try words { $0.sentQty = "11" } == ["\(Self.log):4: c1 has qty 11 in the log and 10 at the venue"])
    #expect(try words { $0.limit = "2.1" } == ["\(Self.log):4: c1 has price 2 in the log and 2.1 at the venue"])
  }

  @Test(arguments: [("GTC", "gtc", true), ("IOC", "gtc", false), ("FOK", "fok", true)])
  func `An order has the time in force of its setting`(setting: String, sent: String, isRight: Bool) throws {
    var b = TradeStory().builder()
    b.setting("ROUTER_TIF", .string(setting))
    b.log(40, "ORDER_SENT", RecordBuilder.ids(3) + [("decision_id", "d1")])
    b.askAgain(3, at: 40, tif: .string(sent))
    let wrong = isRight ? [] : ["c3: sent as gtc, ROUTER_TIF is ioc"]
    #expect(try b.judge("orders-arrive").evidence.filter { $0.contains("ROUTER_TIF") } == wrong)
  }

  @Test func `What is sent reaches the venue or fails, and nothing else reaches it`() throws {
    var b = TradeStory().builder()
    b.setting("INTENT_STALE_THRESHOLD_S", "20")
    b.log(40, "ORDER_SENT", RecordBuilder.ids(3) + [("decision_id", "d1")])
    #expect(try b.judge("orders-arrive").evidence == ["\(Self.log):18: c3 never reached the venue, and did not fail"])
    b.fail(3, at: 62)
    #expect(try b.judge("orders-arrive").outcome == .pass)
    b.askAgain(4, at: 70)
    #expect(
      try b.judge("orders-arrive").evidence == [
        "c4: at the venue since 2025-01-01T00:01:10.000000Z, and not sent by then in the log"
      ])
  }
}
