import Basics
import Checks
import Testing

/// Checks of whether the engine's threads live, and of what its stream, its log and its metrics say.
@Suite struct LivenessCheckTests {
  // MARK: threads-live

  private func threads(
    _ ends: [(name: String, from: Double, to: Double?)], _ change: (inout RecordBuilder) -> Void = { _ in }
  ) throws -> Verdict {
    var b = RecordBuilder.market()
    b.config += [("ENGINE_CYCLE_MS", "500"), ("BUDGET_REFRESH_TIMEOUT_S", "5")]
    let threads = ends.map { name, from, to in
      JSON.object(
        [
          ("name", .string(name)), ("finished", .bool(to != nil)), ("started", .string(RecordBuilder.time(from))),
        ] + (to.map { [("ended", .string(RecordBuilder.time($0)))] } ?? []))
    }
    b.set("threads", .array(threads))
    change(&b)
    return try b.judge("threads-live")
  }

  @Test func `Nobody replaces a thread while the main loop waits for the venue or is gone itself`() throws {
    let feed: [(name: String, from: Double, to: Double?)] = [("market-data", 0, 50), ("market-data", 53, nil)]
    for call in ["market_rules", "fetch_balance"] {
      #expect(try threads(feed) { $0.call(call, 0, id: 90, at: 49.9, took: 2) }.outcome == .pass, "\(call)")
      #expect(try threads(feed) { $0.call(call, 0, id: 90, at: 30, took: 2) }.outcome == .fail, "\(call)")
    }
    let main: [(name: String, from: Double, to: Double?)] = [("engine-main", 0, 50), ("engine-main", 52, nil)]
    #expect(
      try threads(feed + main).evidence == [
        "engine-main ended at 2025-01-01T00:00:50.000000Z, nothing took its place for 2 s"
      ])
  }

  private func end(lostMainLoop: Bool) -> JSON {
    .object([
      ("requested", .string(RecordBuilder.time(100))), ("completed", .string(RecordBuilder.time(101))),
      ("limit_ms", .int(10_000)), ("main_loop_lost", .bool(lostMainLoop)),
    ])
  }

  @Test func `An engine ends by itself with its main loop, and the main loop ends for a reason`() throws {
    func main(until end: Double, killed: Bool) throws -> Verdict {
      try threads([("engine-main", 0, end)]) { b in
        b.config.append(("HEARTBEAT_INTERVAL_S", "5"))
        b.set("shutdown", self.end(lostMainLoop: true))
        if killed { b.set("firings", .array([kill("engine-main", at: end)])) }
      }
    }
    #expect(try main(until: 95, killed: true).outcome == .pass)
    #expect(try main(until: 90, killed: true).evidence.first?.hasSuffix("nothing took its place for 10 s") == true)
    #expect(
      try main(until: 95, killed: false).evidence == [
        "the main loop ended by 2025-01-01T00:01:40.000000Z, though nobody had asked for it"
      ])
  }

  @Test func `The end of the main loop is told as the reason, and told of no other`() throws {
    func told(_ end: Double, _ words: Int) throws -> Verdict {
      try threads([("engine-main", 0, end)]) { b in
        b.config.append(("HEARTBEAT_INTERVAL_S", "5"))
        b.set("shutdown", self.end(lostMainLoop: end <= 100))
        if end <= 100 { b.set("firings", .array([kill("engine-main", at: end)])) }
        b.log(100, "SHUTDOWN_STARTED")
        for _ in 0..<words { b.log(100, "MAIN_LOOP_GONE", level: "ERROR", [("thread", "engine-main")]) }
      }
    }
    #expect(try told(99, 1).outcome == .pass)
    #expect(
      try told(99, 0).evidence == [
        "the main loop ended at 2025-01-01T00:01:39.000000Z by itself, and no MAIN_LOOP_GONE says so"
      ])
    #expect(try told(100, 1).outcome == .pass)
    #expect(try told(100, 0).outcome == .fail, "it is waited for, and the end asked for in that moment")
    #expect(try told(99, 2).evidence == ["2 times MAIN_LOOP_GONE, 1 would be true"])
    #expect(try told(100.5, 0).outcome == .pass)
    #expect(try told(100.5, 1).evidence == ["1 times MAIN_LOOP_GONE, 0 would be true"])
  }

  private func kill(_ thread: String, at time: Double) -> JSON {
    .object([
      ("fault", "f"), ("site", "thread.wait"), ("timestamp", .string(RecordBuilder.time(time))), ("action", "kill"),
      ("thread", .string(thread)),
    ])
  }

  @Test func `A log-writer that ends while it waits leaves a worker that is busy`() throws {
    let lives: [(name: String, from: Double, to: Double?)] = [
      ("log-writer", 0, 50), ("log-writer", 50, nil), ("format-worker", 0, 50), ("format-worker", 50, nil),
    ]
    #expect(
      try threads(lives).evidence == [
        "another format-worker was begun at 2025-01-01T00:00:50.000000Z, and none of the calls under way had taken longer "
          + "than its caller waits"
      ])
    #expect(try threads(lives) { $0.set("firings", .array([kill("log-writer", at: 50)])) }.outcome == .pass)
    #expect(try threads(lives) { $0.set("firings", .array([kill("state-writer", at: 50)])) }.outcome == .fail)
  }

  @Test func `A thread is given up that ends again and again, and no other`() throws {
    func givenUp(ends: Int) throws -> Verdict {
      let lives = (0...ends).map { number -> (name: String, from: Double, to: Double?) in
        ("reconciler", Double(number), number < ends ? Double(number + 1) : nil)
      }
      return try threads(lives) {
        $0.log(Double(ends) + 0.5, "THREAD_GIVEN_UP", level: "ERROR", [("thread", "reconciler")])
      }
    }
    #expect(try givenUp(ends: 6).outcome == .pass)
    #expect(try givenUp(ends: 5).evidence.first?.hasSuffix("it had ended 5 times in the last 300 s") == true)
  }

  @Test func `A worker is replaced whose call takes too long, and no other`() throws {
    func begun(_ at: Double, took: Double?) throws -> Verdict {
      let workers: [(name: String, from: Double, to: Double?)] = [
        ("reconciler", 0, nil), ("exchange-balance", 1, nil), ("exchange-balance", 20, nil),
      ]
      return try threads(workers) { b in
        if let took { return b.call("fetch_balance", 0, id: 90, at: at, took: took) }
        b.tell(at, "request", [("id", .int(90)), ("call", "fetch_balance")])
      }
    }
    #expect(try begun(11, took: 10).outcome == .pass)
    #expect(try begun(11, took: nil).outcome == .pass)
    let why =
      "another exchange-balance was begun at 2025-01-01T00:00:20.000000Z, and none of the calls under way had "
      + "taken longer than its caller waits"
    #expect(try begun(9, took: 10).evidence == [why], "it was back by then")
    #expect(try begun(19, took: 10).evidence == [why], "it was not late yet")
  }

  @Test func `Of the workers of a kind two live at a time`() throws {
    func third(until: Double) throws -> Verdict {
      let workers: [(name: String, from: Double, to: Double?)] = [
        ("reconciler", 0, nil), ("exchange-balance", 1, until), ("exchange-balance", 20, nil),
        ("exchange-balance", 40, nil),
      ]
      return try threads(workers) { b in
        for (id, at) in [(90, 11.0), (91, 31.0)] { b.call("fetch_balance", 0, id: id, at: at, took: 20) }
      }
    }
    #expect(try third(until: 31).outcome == .pass)
    #expect(
      try third(until: 60).evidence == [
        "3 threads exchange-balance lived at 2025-01-01T00:00:40.000000Z, two at most may"
      ])
  }

  @Test func `A call is refused unsent while two hang, and not before`() throws {
    func refused(_ why: String, at time: Double, side: String = "buy", beside hanging: Double...) throws -> Verdict {
      try threads([("reconciler", 0, nil)]) { b in
        for (index, at) in hanging.enumerated() {
          b.tell(at, "request", [("id", .int(90 + index)), ("call", "place_order"), ("side", "buy")])
        }
        b.log(
          time, "ORDER_FAILED", level: "ERROR",
          [("side", .string(side)), ("exchange_error", .string("NotSent:0:not sent: \(why)"))])
      }
    }
    #expect(try refused("two calls hang", at: 40, beside: 20, 30).outcome == .pass)
    #expect(try refused("two calls hang", at: 40, beside: 20).outcome == .fail)
    #expect(try refused("two calls hang", at: 40, side: "sell", beside: 20).outcome == .pass)
    #expect(try refused("the worker is busy", at: 40, beside: 32).outcome == .pass)
    #expect(try refused("the worker is busy", at: 40, beside: 31.9).outcome == .fail)
    #expect(try refused("the venue asks for a pause", at: 40).outcome == .pass)
  }

  @Test func `A thread that ends is replaced at once`() throws {
    #expect(try threads([]).outcome == .inconclusive)
    #expect(try threads([("order-router", 0, nil), ("market-data", 0, 101)]).outcome == .pass)
    #expect(try threads([("market-data", 0, 20), ("market-data", 21, nil)]).outcome == .pass)
    #expect(try threads([("exchange-place", 0, 20)]).outcome == .inconclusive)
    #expect(
      try threads([("order-router", 0, 20), ("market-data", 0, 50), ("market-data", 52, nil)]).evidence == [
        "market-data ended at 2025-01-01T00:00:50.000000Z, nothing took its place for 2 s",
        "order-router ended at 2025-01-01T00:00:20.000000Z, nothing took its place for 80 s",
      ])
  }

  // MARK: fills-booked-promptly

  @Test func `A fill is booked when the stream tells of it`() throws {
    var b = RecordBuilder.market()
    b.filledOrder(1, at: 10)
    #expect(try b.judge("fills-booked-promptly").reason == "1 orders filled, the longest wait 200 ms")
    b = RecordBuilder.market()
    b.bought(1, at: 10)
    b.fill(1, at: 14)
    #expect(
      try b.judge("fills-booked-promptly").evidence == [
        "c1: filled 10 at 2025-01-01T00:00:10.200000Z, told at 2025-01-01T00:00:10.200000Z, booked 3.8 s later or never"
      ])
  }

  @Test(arguments: [("lock.acquire", "user-stream", Outcome.pass), ("lock.acquire", "reconciler", .fail)])
  func `Whom a fault holds up at a lock reads the stream behind that`(site: String, thread: String, outcome: Outcome)
    throws
  {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    b.fill(1, at: 14)
    let held = [9.9, 11.9].map { time in
      JSON.object([
        ("fault", "f"), ("site", .string(site)), ("timestamp", .string(RecordBuilder.time(time))), ("action", "sleep"),
        ("thread", .string(thread)), ("sleep_ms", .int(2000)),
      ])
    }
    b.set("firings", .array(held))
    #expect(try b.judge("fills-booked-promptly").outcome == outcome)
  }

  @Test func `An end is told when the answer to a cancel tells it`() throws {
    func judge(line: Double?) throws -> [String] {
      var b = RecordBuilder.market()
      b.ask(1, at: 10)
      b.accept(1, at: 10.2)
      b.trade(1, at: 10.3, qty: "5", quote: "10", status: "partially_filled")
      b.log(10.4, "ORDER_UPDATE", RecordBuilder.ids(1) + [("filled_qty", "5")])
      b.tell(
        41.1, "event",
        RecordBuilder.event(1, "CANCELED", "canceled", "AIX/USDT", "buy") + [
          ("filled_qty", "5"), ("delivered", .bool(false)),
        ])
      b.call("cancel_order", 1, id: 50, at: 41)
      b.call("cancel_order", 1, id: 51, at: 41.2)
      if let line { b.fail(1, at: line) }
      return try b.judge("fills-booked-promptly").evidence
    }
    #expect(try judge(line: 41.5) == [])
    #expect(
      try judge(line: 44) == [
        "c1: its end was told at 2025-01-01T00:00:41.400000Z, the line about it came 2.6 s later or never"
      ])
    #expect(try judge(line: nil).count == 1)
  }

  @Test func `A fill that is booked before it happened is seen`() throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    b.fill(1, at: 10.1)
    #expect(
      try b.judge("fills-booked-promptly").evidence == [
        "c1: 10 booked at 2025-01-01T00:00:10.100000Z, 0 was filled"
      ])
  }

  // MARK: orders-watched

  @Test func `An order of which nothing is heard is asked for`() throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    for (index, at) in stride(from: 14.0, to: 100, by: 4).enumerated() {
      b.call("query_order", 1, id: 50 + index, at: at)
    }
    #expect(try b.judge("orders-watched").reason == "1 orders, the longest silence 3.8 s")
    // A venue on the wire writes down that it answered the moment it was asked.
    b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    for (index, at) in stride(from: 14.0, to: 100, by: 4).enumerated() {
      b.call("query_order", 1, id: 50 + index, at: at, took: 0)
    }
    #expect(try b.judge("orders-watched").reason == "1 orders, the longest silence 4 s")
    b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    b.call("query_order", 1, id: 50, at: 14)
    #expect(
      try b.judge("orders-watched").evidence == [
        "c1: nothing was heard of it from 2025-01-01T00:00:14.200000Z on, and nobody asked for 85.8 s"
      ])
    b.fail(1, at: 15)
    #expect(try b.judge("orders-watched").outcome == .pass)
  }

  /// The order is filled at 10.2 s, while a fault holds up the thread that reads the stream for 20 s.
  @Test(arguments: [(true, Outcome.pass), (false, .fail)])
  func `Nobody asks for an order of which he has said how it ended`(isSaid: Bool, outcome: Outcome) throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    if isSaid { b.fill(1, at: 11) }
    let held = JSON.object([
      ("fault", "f"), ("site", "lock.acquire"), ("timestamp", .string(RecordBuilder.time(10))), ("action", "sleep"),
      ("thread", "user-stream"), ("sleep_ms", .int(20_000)),
    ])
    b.set("firings", .array([held]))
    #expect(try b.judge("orders-watched").outcome == outcome)
  }

  // MARK: balances-asked

  @Test func `Balances are asked for every interval`() throws {
    var b = RecordBuilder.market()
    b.config += [
      ("ENGINE_CYCLE_MS", "500"), ("BUDGET_REFRESH_INTERVAL_S", "61"), ("BUDGET_REFRESH_TIMEOUT_S", "5"),
    ]
    b.call("fetch_balance", 0, id: 50, at: 0.1)
    b.call("fetch_balance", 0, id: 51, at: 61.1)
    let asked = try b.judge("balances-asked")
    #expect(asked.reason == "2 queries for balances, the longest pause 56 s")
    b.setting("BUDGET_REFRESH_INTERVAL_S", "30")
    let rare = try b.judge("balances-asked")
    #expect(
      rare.evidence == [
        "56 s without a query for balances until 2025-01-01T00:01:01.100000Z",
        "33.9 s without a query for balances until 2025-01-01T00:01:40.000000Z",
      ])
  }

  // MARK: heartbeats-true

  @Test func `A heartbeat's figures are the venue's`() throws {
    func beat(_ positions: Int, _ intents: Int, uptime: Int = 30) throws -> Verdict {
      var b = RecordBuilder.market(["AIX/USDT", "BOX/USDT"])
      b.bought(1, at: 10)
      b.ask(2, at: 12, symbol: "BOX/USDT")
      b.accept(2, at: 12.2, symbol: "BOX/USDT")
      b.log(
        30, "HEARTBEAT",
        [("positions_count", .int(positions)), ("pending_intents", .int(intents)), ("uptime_s", .int(uptime))])
      return try b.judge("heartbeats-true")
    }
    #expect(try beat(1, 1).outcome == .pass)
    #expect(
      try beat(2, 0, uptime: 20).evidence.map { $0.drop { $0 != " " } } == [
        " positions_count is 2, the venue says 1", " pending_intents is 0, the venue says 1",
        " uptime_s is 20.0, the session runs for 30 s",
      ])
  }

  // MARK: metrics-true

  private func metrics(_ counters: [(key: String, value: JSON)], _ latency: (count: Int, max: Int)) throws -> Verdict {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    b.log(10.3, "ORDER_FILLED", RecordBuilder.ids(1) + [("filled_qty", "10"), ("latency_ms", .int(300))])
    b.log(100.5, "METRICS_SUMMARY", counters)
    b.summary = .object([
      ("counters", .object(counters)), ("gauges", .object([("fill_rate", .int(1)), ("intents_pending", .int(0))])),
      (
        "histograms",
        .object([
          (
            "order_latency_ms",
            .object([
              ("count", .int(latency.count)), ("min", .int(300)), ("max", .int(latency.max)), ("avg", .int(300)),
            ])
          )
        ])
      ),
    ])
    return try b.judge("metrics-true")
  }

  @Test func `Figures of the metrics are those of the log and the venue`() throws {
    #expect(try metrics([("orders_sent", .int(1)), ("orders_filled", .int(1))], (1, 300)).outcome == .pass)
    #expect(
      try metrics([("orders_sent", .int(2)), ("orders_filled", .int(0))], (1, 301)).evidence.map {
        $0.drop { $0 != " " }.dropFirst()
      } == [
        "orders_sent is 2, the log has 1", "orders_sent is 2, the log has 1", "orders_filled is 0, the log has 1",
        "orders_filled is 0, the log has 1", "order_latency_ms: max is 301.0, the log gives 300.0",
        "orders_filled is 0, the venue filled 1, 1 of them in time",
      ])
    #expect(try metrics([], (2, 300)).evidence == ["metrics/summary.json: order_latency_ms: count is 2, the log has 1"])
    #expect(try RecordBuilder.market().judge("metrics-true").outcome == .inconclusive)
  }

  @Test(arguments: [(20.0, true), (20_000, false)])
  func `The ages of stale intents are those of the log, in seconds`(age: Double, isTrue: Bool) throws {
    var b = RecordBuilder.market()
    b.log(10, "INTENT_PENDING", RecordBuilder.ids(1))
    b.log(30.5, "STALE_INTENT_CLEANUP", [("count", .int(1)), ("intents", .array(["i1"]))])
    let ages = JSON.object([
      ("count", .int(1)), ("min", .double(age)), ("max", .double(age)), ("avg", .double(age)),
    ])
    b.summary = .object([("counters", .object([])), ("histograms", .object([("stale_intent_age_s", ages)]))])
    #expect(try b.judge("metrics-true").evidence.contains { $0.contains("stale_intent_age_s") } == !isTrue)
  }

  /// What a writer that was ended had formatted the next one formats once more.
  @Test(arguments: [
    (0, nil, false), (1, nil, true), (2, nil, false), (2, "log-writer", true), (0, "log-writer", false),
  ])
  func `A summary counts the time-outs of the lines before it`(told: Int, ended: String?, isTrue: Bool) throws {
    var b = RecordBuilder.market()
    let late = [(key: "formatter_timeout", value: JSON.bool(true))]
    let counters = [(key: "logging_timeouts", value: JSON.int(told))]
    b.log(50, "TRACE_STEP", late)
    b.log(100.5, "METRICS_SUMMARY", counters + late)
    b.log(100.6, "SHUTDOWN_COMPLETE", late)
    b.summary = .object([("counters", .object(counters))])
    if let ended { b.set("firings", .array([kill(ended, at: 49)])) }
    #expect(try b.judge("metrics-true").outcome == (isTrue ? .pass : .fail))
  }

  @Test func `A latency that is not the time since the order was sent is seen`() throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    b.log(10.3, "ORDER_FILLED", RecordBuilder.ids(1) + [("filled_qty", "10"), ("latency_ms", .double(0.3))])
    b.summary = .object([("counters", .object([]))])
    #expect(
      try b.judge("metrics-true").evidence.first?.contains("latency_ms is 0.3, the order was sent 310 ms") == true)
  }

  // MARK: quiet-end

  @Test func `An engine that ends looks after what is open and sends nothing new`() throws {
    var b = RecordBuilder.market()
    b.set(
      "shutdown",
      .object([("requested", .string(RecordBuilder.time(50))), ("completed", .string(RecordBuilder.time(60)))]))
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    #expect(
      try b.judge("quiet-end").evidence == ["c1: left open at the venue, and nobody asked while the engine ended"])
    b.call("cancel_order", 1, id: 50, at: 50.5, outcome: "error")
    #expect(try b.judge("quiet-end").outcome == .pass)
    b.ask(2, at: 51.5)
    #expect(
      try b.judge("quiet-end").evidence.first
        == "c2: sent at 2025-01-01T00:00:51.500000Z, the engine was to end at 2025-01-01T00:00:50.000000Z")
  }

  // MARK: stream-reopened

  @Test func `A stream that is cut is opened again at once, a silent one when it has missed something`() throws {
    var b = RecordBuilder.market()
    #expect(try b.judge("stream-reopened").outcome == .notApplicable)
    b.tell(10, "stream", [("type", "lost")])
    #expect(try b.judge("stream-reopened").outcome == .fail)
    b.tell(11, "request", [("id", .int(90)), ("call", "open_stream")])
    b.tell(11.1, "stream", [("type", "open")])
    #expect(try b.judge("stream-reopened").outcome == .pass)
    b.tell(20, "stream", [("type", "silent")])
    #expect(try b.judge("stream-reopened").outcome == .pass)
    b.bought(1, at: 30)
    b.tell(
      31, "event", RecordBuilder.event(1, "NEW", "NEW", "AIX/USDT", "buy") + [("delivered", .bool(false))])
    #expect(try b.judge("stream-reopened").evidence.first?.hasPrefix("the stream is silent since") == true)
    // The request was on its way when the first event was missed.
    b.tell(30.9, "request", [("id", .int(91)), ("call", "open_stream")])
    b.tell(31.1, "stream", [("type", "open")])
    #expect(try b.judge("stream-reopened").outcome == .pass)
  }

  @Test(arguments: [(0.0, true), (12, true), (40.1, false)])
  func `A stream that has told all since is left alone`(missedAt: Double, isNeedless: Bool) throws {
    var b = RecordBuilder.market()
    b.bought(1, at: 10)
    if missedAt > 0 {
      b.tell(
        missedAt, "event",
        RecordBuilder.event(1, "NEW", "NEW", "AIX/USDT", "buy") + [("delivered", .bool(false))])
    }
    if missedAt < 40 {
      b.tell(20, "event", [("type", "BALANCE"), ("balances", .array([])), ("delivered", .bool(true))])
    }
    b.tell(60, "request", [("id", .int(90)), ("call", "open_stream")])
    b.tell(60.2, "reply", [("id", .int(90)), ("call", "open_stream"), ("outcome", "ok")])
    let evidence = try b.judge("stream-reopened").evidence
    #expect(evidence.contains { $0.contains("another connection is asked for") } == isNeedless)
  }
}
