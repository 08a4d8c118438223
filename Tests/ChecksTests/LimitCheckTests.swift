import Basics
import Checks
import Testing

/// Checks of what the settings allow, from the venue's side.
@Suite struct LimitCheckTests {
  // MARK: entries-within-limits

  @Test func `Entries of the right size within the number of positions pass`() throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.bought(1, at: 10)
    b.bought(2, at: 11, symbol: "BOX/USDT")
    b.bought(3, at: 20, side: "sell")
    b.bought(4, at: 30, symbol: "CAT/USDT")
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == .pass)
    #expect(verdict.reason == "3 entries, at most 2 positions and open purchases at a time")
  }

  @Test func `An open purchase takes a position's place`() throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.bought(1, at: 10)
    b.ask(2, at: 11, symbol: "BOX/USDT")
    b.accept(2, at: 11.2, symbol: "BOX/USDT")
    b.ask(3, at: 12, symbol: "CAT/USDT")
    #expect(
      try b.judge("entries-within-limits").evidence == [
        "c3 at 2025-01-01T00:00:12.000000Z: position 3 of 2 (MAX_CONCURRENT_POSITIONS): AIX/USDT, BOX/USDT, CAT/USDT",
        "c3 at 2025-01-01T00:00:12.000000Z: 60 spent or offered of 40 (MAX_CONCURRENT_POSITIONS × POSITION_SIZE_USDT)",
      ])
    b.cancel(2, at: 11.5, symbol: "BOX/USDT")
    #expect(try b.judge("entries-within-limits").outcome == .pass)
  }

  @Test(arguments: [
    ("10.1", "2", "c1: 10.1 at 2, POSITION_SIZE_USDT 20 pays for 10"), ("9.8", "2", "c1: 9.8 at 2"),
    ("2", "2", "c1: worth 4"),
  ])
  func `An entry that is larger or smaller than its setting is seen`(qty: String, price: String, text: String) throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10, qty: qty, price: price, quote: "4")
    let verdict = try b.judge("entries-within-limits")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.contains { $0.hasPrefix(text) })
  }

  @Test func `The size of an entry includes the fee`() throws {
    var b = RecordBuilder.market(fee: "0.02")
    b.bought(1, at: 10, qty: "9.8", quote: "19.6")
    #expect(try b.judge("entries-within-limits").outcome == .pass)
    b = RecordBuilder.market(fee: "0.02")
    b.bought(1, at: 10)
    #expect(try b.judge("entries-within-limits").outcome == .fail)
  }

  @Test func `Limits without settings or rules are not judged`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("entries-within-limits").outcome == .inconclusive)
    b.bought(1, at: 10)
    #expect(try b.judge("entries-within-limits").reason == "config.json names no MAX_CONCURRENT_POSITIONS")
    b.config += RecordBuilder.marketSettings
    #expect(try b.judge("entries-within-limits").reason == "the venue's history has no rules for AIX/USDT")
  }

  // MARK: prices-within-slippage

  private func priced(
    _ side: String, _ price: String, bid: String = "2", ask: String = "2.01", last: String = "2.005"
  ) throws -> Verdict {
    var b = RecordBuilder.market()
    b.quote(9, last: last, bid: bid, ask: ask)
    b.bought(1, at: 10, side: side, price: price)
    b.summarize()
    return try b.judge("prices-within-slippage")
  }

  @Test func `A price that goes as far beyond the other side as it may passes`() throws {
    #expect(try priced("buy", "2.01").outcome == .pass)
    #expect(try priced("sell", "2").outcome == .pass)
    #expect(try priced("buy", "20.14", bid: "20", ask: "20.1", last: "20.09").outcome == .pass)
    #expect(try priced("sell", "19.96", bid: "20", ask: "20.1").outcome == .pass)
  }

  @Test func `A price on the wrong side, too far beyond or not far enough is seen`() throws {
    func reason(_ side: String, _ price: String) throws -> String? {
      try priced(side, price, bid: "20", ask: "20.1", last: "20.09").evidence.first
    }
    let known = "; quote of 2025-01-01T00:00:09.000000Z, known since 2025-01-01T00:00:09.100000Z"
    #expect(try reason("buy", "20") == "c1: bought at 20, below the ask 20.1" + known)
    #expect(try reason("buy", "20.15") == "c1: bought at 20.15, 20.1402 is the most at the ask 20.1" + known)
    #expect(
      try reason("buy", "20.1") == "c1: bought at 20.1, the ask 20.1 and its slippage allow 20.1402" + known)
    #expect(try reason("sell", "20.01") == "c1: sold at 20.01, above the bid 20" + known)
    #expect(try reason("sell", "19.95") == "c1: sold at 19.95, 19.96 is the least at the bid 20" + known)
    #expect(try reason("sell", "20") == "c1: sold at 20, the bid 20 and its slippage allow 19.96" + known)
  }

  @Test func `An entry into a wide spread or above the last price is seen`() throws {
    #expect(try priced("buy", "2.02", ask: "2.02", last: "2.02").reason.hasPrefix("1 of 1"))
    #expect(try priced("sell", "2", ask: "2.5").outcome == .pass)
    #expect(try priced("buy", "2.01", last: "2").evidence.first?.contains("the last price is 2;") == true)
  }

  @Test func `A quote that was the newest a moment ago may have been decided on`() throws {
    var b = RecordBuilder.market()
    b.quote(9)
    b.quote(9.5, last: "3", bid: "3", ask: "3")
    b.bought(1, at: 10)
    b.summarize()
    #expect(try b.judge("prices-within-slippage").outcome == .pass)
    b.setting("ROUTER_SLIPPAGE_BPS", "x")
    #expect(try b.judge("prices-within-slippage").outcome == .inconclusive)
  }

  // MARK: pauses-kept

  @Test func `A symbol rests after a failed entry and after a failed exit`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.bought(2, at: 70.2)
    b.ask(3, at: 80, side: "sell")
    b.accept(3, at: 80.2, side: "sell")
    b.cancel(3, at: 81, side: "sell")
    b.bought(4, at: 86, side: "sell")
    #expect(try b.judge("pauses-kept").reason == "4 orders, 2 failed, each pause was kept")
    b.bought(5, at: 90, side: "sell")
    #expect(try b.judge("pauses-kept").outcome == .pass)
  }

  @Test func `An order that comes too soon after a failure is seen`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.bought(2, at: 60)
    b.ask(3, at: 80, side: "sell")
    b.refuse(3, at: 80.2)
    b.bought(4, at: 83, side: "sell")
    #expect(
      try b.judge("pauses-kept").evidence == [
        "c2: purchase of AIX/USDT 49.8 s after the one before failed, SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S is 60 s",
        "c4: sale of AIX/USDT 2.8 s after the one before failed, EXIT_RETRY_S is 5 s",
      ])
  }

  @Test func `A retry waits its turn, and there are no more than allowed`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.refuse(1, at: 10.2)
    b.askAgain(1, at: 10.6, id: 101)
    #expect(try b.judge("pauses-kept").outcome == .pass)
    b.tell(10.8, "reply", [("id", .int(101)), ("call", "place_order"), ("outcome", "error")])
    b.askAgain(1, at: 11.2, id: 102)
    #expect(
      try b.judge("pauses-kept").evidence == [
        "c1: sent again 400 ms after a refusal, ROUTER_BACKOFF_MS asks for 800 ms"
      ])
    b.setting("ROUTER_MAX_RETRIES", "1")
    #expect(try b.judge("pauses-kept").evidence.first == "c1: sent 3 times, ROUTER_MAX_RETRIES is 1")
  }

  // MARK: limits-respected

  @Test func `A call within the pause that the venue asked for is seen, and one after it is none`() throws {
    for (pause, code, late) in [(JSON.int(10), 429, 21.0), (JSON.null, 418, 131.0)] {
      var b = RecordBuilder.market()
      let reply: [(key: String, value: JSON)] = [
        ("id", .int(50)), ("call", "fetch_balance"), ("outcome", "error"), ("code", .int(code)),
        ("error_class", "limit"),
      ]
      b.tell(10, "reply", reply + (pause == .null ? [] : [("retry_after_s", pause)]))
      b.tell(10.5, "request", [("id", .int(51)), ("call", "fetch_balance")])
      b.tell(late, "request", [("id", .int(52)), ("call", "fetch_balance")])
      let calls = try b.judge("limits-respected").evidence.filter { $0.contains("fetch_balance") }
      #expect(calls == [])
      b.tell(15, "request", [("id", .int(53)), ("call", "query_order")])
      let verdict = try b.judge("limits-respected")
      #expect(verdict.outcome == .fail)
      #expect(verdict.evidence.contains { $0.contains("query_order 5 s after the venue asked for a pause of") })
    }
    #expect(try RecordBuilder.market().judge("limits-respected").outcome == .notApplicable)
  }

  @Test func `A kind of call that was limited without a time rests, longer each time, whatever else is answered`()
    throws
  {
    var b = RecordBuilder.market()
    func reply(_ id: Int, _ call: String, _ at: Double, _ outcome: String = "error") {
      let limit: [(key: String, value: JSON)] = [("code", .int(429)), ("error_class", "limit")]
      b.tell(at - 0.1, "request", [("id", .int(id)), ("call", .string(call))])
      b.tell(
        at, "reply",
        [("id", .int(id)), ("call", .string(call)), ("outcome", .string(outcome))] + (outcome == "ok" ? [] : limit))
    }
    reply(50, "query_order", 10)
    reply(51, "fetch_balance", 10.2, "ok")
    reply(52, "query_order", 11.2)
    reply(53, "place_order", 11.3)
    reply(54, "place_order", 11.5)
    #expect(try b.judge("limits-respected").outcome == .pass)
    #expect(
      try b.judge("limits-respected").reason
        == "the venue asked for a pause 0 times and limited query_order, no call was made within one")
    b.tell(12.7, "request", [("id", .int(55)), ("call", "query_order")])
    #expect(
      try b.judge("limits-respected").evidence.map { $0.drop { $0 != " " } }
        == [" query_order 1500 ms after it was limited, 2 s are due"])
    b.tell(12, "reply", [("id", .int(49)), ("call", "query_order"), ("outcome", "ok")])
    #expect(try b.judge("limits-respected").outcome == .pass)
  }

  // MARK: orders-expire

  private func resting() -> RecordBuilder {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    return b
  }

  @Test func `An order is canceled at the end of its time, again and again`() throws {
    var b = resting()
    b.call("cancel_order", 1, id: 50, at: 41)
    b.cancel(1, at: 41.1)
    #expect(try b.judge("orders-expire").reason == "1 orders, the oldest was open for 30.9 s")
    b = resting()
    for (index, at) in stride(from: 41.0, to: 100, by: 4).enumerated() {
      b.call("cancel_order", 1, id: 50 + index, at: at, outcome: "error")
    }
    #expect(try b.judge("orders-expire").outcome == .pass)
  }

  @Test(arguments: [(43.9, true), (44.5, false)])
  func `A cancel before the end of its time is repeated a pause later`(next: Double, inTime: Bool) throws {
    var b = resting()
    b.call("cancel_order", 1, id: 50, at: 39.8, outcome: "error")
    b.call("cancel_order", 1, id: 51, at: next)
    b.cancel(1, at: next + 0.1)
    #expect(try b.judge("orders-expire").outcome == (inTime ? .pass : .fail))
  }

  @Test func `An order that nobody cancels is seen, and so is one whose cancel was refused once`() throws {
    var b = resting()
    #expect(
      try b.judge("orders-expire").evidence == [
        "c1: open 90 s, nobody cancels it from 2025-01-01T00:00:40.000000Z on for 60 s"
      ])
    b.call("cancel_order", 1, id: 50, at: 41, outcome: "error")
    #expect(
      try b.judge("orders-expire").evidence == [
        "c1: open 90 s, nobody cancels it from 2025-01-01T00:00:41.200000Z on for 58.8 s"
      ])
    b.set("stall_free", .bool(false))
    #expect(try b.judge("orders-expire").outcome == .notApplicable)
  }

  @Test func `While the venue keeps an answer back nothing can be canceled`() throws {
    var b = resting()
    b.call("cancel_order", 1, id: 50, at: 41, took: 7)
    b.cancel(1, at: 51)
    #expect(try b.judge("orders-expire").outcome == .pass)
  }

  @Test func `A refusal that passes is tried as often as allowed`() throws {
    func retried(_ times: [Double]) throws -> Verdict {
      var b = RecordBuilder.market()
      for (index, at) in times.enumerated() {
        if index == 0 { b.ask(1, at: at) } else { b.askAgain(1, at: at, id: 100 + index) }
        b.tell(
          at + 0.2, "reply",
          [
            ("id", .int(index == 0 ? 1 : 100 + index)), ("call", "place_order"), ("outcome", "error"),
            ("error_class", "passing"),
          ])
      }
      return try b.judge("pauses-kept")
    }
    #expect(try retried([10, 10.6, 11.6, 13.4]).outcome == .pass)
    #expect(try retried([10, 10.6, 11.6]).evidence == ["c1: not sent again 2.6 s after a refusal that passes"])
    #expect(try retried([10, 13]).evidence.first == "c1: not sent again 1.4 s after a refusal that passes")
  }

  @Test func `No entry is made beside as many open orders as are allowed`() throws {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
    b.setting("MAX_PENDING_BUY_INTENTS", "1")
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    b.ask(2, at: 11, symbol: "BOX/USDT")
    #expect(
      try b.judge("entries-within-limits").evidence == [
        "c2 at 2025-01-01T00:00:11.000000Z: beside 1 open order, MAX_PENDING_BUY_INTENTS is 1"
      ])
  }

  // MARK: requests-paced

  @Test func `The venue is asked at the pace of the settings`() throws {
    func paced(polls: [Double], balances: [Double], queries: [Double] = []) throws -> [String] {
      var b = RecordBuilder.market()
      b.config += [("BUDGET_REFRESH_INTERVAL_S", "61")]
      b.log(0.3, "BUDGET_REFRESH", [("blocked_ms", .int(200)), ("timed_out", .bool(false))])
      for at in polls { b.poll(at: at) }
      for (index, at) in balances.enumerated() { b.call("fetch_balance", 0, id: 50 + index, at: at) }
      b.ask(1, at: 0.5)
      b.accept(1, at: 0.7)
      for (index, at) in queries.enumerated() { b.call("query_order", 1, id: 70 + index, at: at) }
      return try b.judge("requests-paced").evidence
    }
    #expect(try paced(polls: [0, 2.5, 4, 6.5], balances: [0, 61], queries: [4, 7.2]) == [])
    #expect(
      try paced(polls: [0, 1, 2], balances: [0, 30], queries: [4, 5]) == [
        "3 polls within 2000 ms at 2025-01-01T00:00:02.000000Z, MD_POLL_MS is 2250 ms",
        "2 queries for balances within 30000 ms at 2025-01-01T00:00:30.000000Z, BUDGET_REFRESH_INTERVAL_S is 60750 ms",
        "c1: asked for again 800 ms after the answer, 3000 ms are due (RECONCILE_AFTER_S)",
      ])
  }

  @Test(arguments: [(nil as Double?, false), (4.0, true), (4.3, false)])
  func `An answer that its asker did not live to hear is none`(ended: Double?, isUnheard: Bool) throws {
    var b = RecordBuilder.market()
    b.config += [("BUDGET_REFRESH_INTERVAL_S", "61")]
    b.poll(at: 0)
    b.ask(1, at: 0.5)
    b.accept(1, at: 0.7)
    for (id, at) in [(70, 4.0), (71, 4.5)] { b.call("query_order", 1, id: id, at: at) }
    if let ended {
      let thread: [(key: String, value: JSON)] = [
        ("name", "order-follow-up"), ("finished", .bool(true)), ("started", .string(RecordBuilder.time(1))),
        ("ended", .string(RecordBuilder.time(ended))),
      ]
      b.set("threads", .array([.object(thread)]))
    }
    #expect(try b.judge("requests-paced").evidence.isEmpty == isUnheard)
    b.log(4.2, "ORDER_UPDATE", [("client_order_id", "c1"), ("filled_qty", "4")])
    #expect(try !b.judge("requests-paced").evidence.isEmpty, "the engine says what it heard")
  }

  @Test func `What the venue does not tell is asked for after a pause, and a cancel is repeated ever more slowly`()
    throws
  {
    func paced(queries: [Double] = [], cancels: [Double] = [], givenUpAt: Double? = nil) throws -> [String] {
      var b = RecordBuilder.market()
      b.config += [("BUDGET_REFRESH_INTERVAL_S", "61")]
      b.poll(at: 0)
      b.ask(1, at: 0.5)
      b.accept(1, at: 0.7)
      for (index, at) in queries.enumerated() { b.call("query_order", 1, id: 70 + index, at: at, outcome: "error") }
      for (index, at) in cancels.enumerated() { b.call("cancel_order", 1, id: 90 + index, at: at, outcome: "error") }
      if let givenUpAt { b.fail(1, at: givenUpAt) }
      return try b.judge("requests-paced").evidence
    }
    #expect(try paced(queries: [4, 5.2], cancels: [40, 41, 43, 46, 49]) == [])
    #expect(
      try paced(queries: [4, 4.7], cancels: [40, 40.5, 42.4, 43]) == [
        "c1: canceled again 500 ms after cancel 1, 1000 ms are due (RECONCILE_AFTER_S)",
        "c1: canceled again 600 ms after cancel 3, 3000 ms are due (RECONCILE_AFTER_S)",
        "c1: asked for again 500 ms after the answer, 1000 ms are due (RECONCILE_AFTER_S)",
      ])
    #expect(try paced(cancels: [40, 40.5], givenUpAt: 40.2) == [], "who looks for a lost order begins anew")
  }

  // MARK: orders that turn up after they were given up

  /// A purchase of which the venue knew nothing for 35 s, and which it took after 40.
  private func late() -> RecordBuilder {
    var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT", "CAT/USDT"])
    b.ask(1, at: 10)
    b.tell(45, "request", [("id", .int(50)), ("call", "query_order"), ("client_order_id", "c1")])
    b.tell(
      45.2, "reply",
      [("id", .int(50)), ("call", "query_order"), ("outcome", "error"), ("permanent", .bool(true))])
    b.tell(50, "event", RecordBuilder.event(1, "NEW", "new", "AIX/USDT", "buy") + [("filled_qty", "0")])
    return b
  }

  @Test func `An order that was given up takes no place, has failed, and is canceled when it turns up`() throws {
    var b = late()
    b.cancel(1, at: 51)
    b.bought(2, at: 50.5, symbol: "BOX/USDT")
    b.bought(3, at: 50.6, symbol: "CAT/USDT")
    #expect(try b.judge("entries-within-limits").outcome == .pass)
    b.bought(4, at: 60)
    #expect(
      try b.judge("pauses-kept").evidence == [
        "c4: purchase of AIX/USDT 14.8 s after the one before failed, SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S is 60 s"
      ])
    b = late()
    b.call("cancel_order", 1, id: 60, at: 50.9)
    b.cancel(1, at: 51)
    #expect(try b.judge("orders-expire").outcome == .pass)
    b = late()
    #expect(
      try b.judge("orders-expire").evidence == [
        "c1: open 90 s, nobody cancels it from 2025-01-01T00:00:50.000000Z on for 50 s"
      ])
  }

  // MARK: calls-given-time

  @Test(arguments: [
    (7.99, "fibers", true), (7.6, "fibers", true), (7.4, "fibers", false), (8.0, "fibers", false), (8.2, "live", true),
    (8.3, "live", false),
  ])
  func `A call is given up at its time`(took: Double, carrier: String, isPass: Bool) throws {
    var b = RecordBuilder.market()
    b.set("carrier", .string(carrier))
    b.ask(1, at: 10)
    b.tell(
      10 + took, "reply",
      [
        ("id", .int(1)), ("call", "place_order"), ("outcome", "unknown"), ("text", "deadline"),
        ("took_ms", .double(took * 1000)),
      ])
    #expect(try b.judge("calls-given-time").outcome == (isPass ? .pass : .fail))
  }

  @Test func `A call that waited for one that hangs has the rest of its time`() throws {
    func givenUp(behindOneThatHangs: Bool) throws -> Verdict {
      var b = RecordBuilder.market()
      if behindOneThatHangs { b.tell(5.1, "request", [("id", .int(1)), ("call", "fetch_balance")]) }
      b.tell(13, "request", [("id", .int(2)), ("call", "fetch_balance")])
      b.tell(
        16, "reply",
        [
          ("id", .int(2)), ("call", "fetch_balance"), ("outcome", "unknown"), ("text", "deadline"),
          ("took_ms", .int(3000)),
        ])
      return try b.judge("calls-given-time")
    }
    #expect(try givenUp(behindOneThatHangs: true).outcome == .pass)
    #expect(try givenUp(behindOneThatHangs: false).outcome == .fail)
  }

  // MARK: orders-sent-promptly

  @Test func `What is called sent is asked for at once`() throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    #expect(try b.judge("orders-sent-promptly").reason == "1 orders, the longest wait 10 ms")
    b.log(20, "ORDER_SENT", [("client_order_id", "c2"), ("side", "buy")])
    #expect(
      try b.judge("orders-sent-promptly").evidence == [
        "c2: sent at 2025-01-01T00:00:20.000000Z, never at the venue"
      ])
    b.log(20.5, "ORDER_FAILED", level: "ERROR", [("client_order_id", "c2"), ("error_code", "SHUTDOWN")])
    #expect(try b.judge("orders-sent-promptly").outcome == .pass)
  }

  @Test(arguments: [(11.5, true), (11.8, false)])
  func `An entry waits for the pause before a retry, which the end may cut off`(failed: Double, isPass: Bool) throws {
    var b = RecordBuilder.market()
    b.setting("ROUTER_MAX_RETRIES", "3")
    b.ask(1, at: 10)
    b.tell(10.2, "reply", [("id", .int(1)), ("call", "place_order"), ("outcome", "error"), ("code", .int(429))])
    b.log(10.1, "ORDER_SENT", [("client_order_id", "c2"), ("side", "buy")])
    b.log(failed, "ORDER_FAILED", level: "ERROR", [("client_order_id", "c2"), ("error_code", "SHUTDOWN")])
    #expect(try b.judge("orders-sent-promptly").outcome == (isPass ? .pass : .fail))
  }

  @Test func `An entry waits for the orders before it, an exit does not wait for entries`() throws {
    func waiting(_ side: String) throws -> Verdict {
      var b = RecordBuilder.market()
      b.ask(1, at: 10)
      b.tell(17, "reply", [("id", .int(1)), ("call", "place_order"), ("outcome", "unknown")])
      b.log(11, "ORDER_SENT", [("client_order_id", "c2"), ("side", .string(side))])
      b.askAgain(2, at: 17, side: side)
      return try b.judge("orders-sent-promptly")
    }
    #expect(try waiting("buy").outcome == .pass)
    #expect(
      try waiting("sell").evidence == [
        "c2: sent at 2025-01-01T00:00:11.000000Z, asked for 6 s later, an exit"
      ])
  }
}
