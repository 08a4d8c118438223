import Basics
import Checks
import Testing

/// Money to the last digit, by the venue's truth: each test changes one figure of a story that is right.
@Suite struct TruthOfMoneyTests {
  private static let log = RecordBuilder.eventsPath

  private func evidence(_ check: String, _ change: (inout TradeStory) -> Void) throws -> [String] {
    var story = TradeStory()
    change(&story)
    return try story.judge(check).evidence
  }

  @Test(arguments: [
    "venue-books", "fills-at-market", "position-costs", "fills-agree", "budget-agrees", "budget-balances", "ends-agree",
    "orders-arrive", "intents-bounded", "positions-agree", "errors-observable",
  ])
  func `A story that is right is passed`(check: String) throws {
    let verdict = try TradeStory().judge(check)
    #expect(verdict.outcome == .pass, "\(verdict.reason) \(verdict.evidence)")
  }

  // MARK: budget-agrees

  @Test func `A fee that the budget forgot is seen at the next heartbeat`() throws {
    #expect(
      try evidence("budget-agrees") { $0.heartbeat = ("80", "0") } == [
        "\(Self.log):10: 80 + 0 is 80, the venue holds 79.98"
      ])
  }

  @Test func `What is reserved beside an order counts`() throws {
    #expect(try evidence("budget-agrees") { $0.heartbeat = ("59.96", "20.02") } == [])
    #expect(
      try evidence("budget-agrees") { $0.reserved = ("79.98", "0") } == [
        "\(Self.log):2: 79.98 + 0 is 79.98, the venue holds 100"
      ])
  }

  @Test func `The state file has the last word on the budget`() throws {
    #expect(
      try evidence("budget-agrees") { $0.state = ("100.980000000001", "0") } == [
        "state/engine_transient.json: 100.980000000001 + 0 is 100.980000000001, the venue holds 100.959"
      ])
  }

  @Test func `A fee that nobody told may be estimated`() throws {
    func judge(_ free: String) throws -> Outcome {
      var story = TradeStory()
      story.isTold = false
      story.fee.amount = "0.01"
      story.heartbeat.0 = free
      story.state.free = "100.96"
      return try story.judge("budget-agrees").outcome
    }
    #expect(try judge("79.99") == .pass)
    #expect(try judge("79.98") == .pass)
    #expect(try judge("79.979") == .fail)
    #expect(try judge("79.991") == .fail)
  }

  @Test func `A stalled schedule leaves the state file to judge by`() throws {
    var b = TradeStory(heartbeat: ("1", "0")).builder()
    b.set("stall_free", .bool(false))
    #expect(try b.judge("budget-agrees").outcome == .pass)
    b = TradeStory(state: ("1", "0")).builder()
    b.set("stall_free", .bool(false))
    #expect(try b.judge("budget-agrees").outcome == .fail)
  }

  // MARK: budget-balances

  @Test(arguments: ["20", "20.019999999999", "20.020000000001", "20.2"])
  func `What is committed is what the trades cost, to the last digit`(amount: String) throws {
    #expect(
      try evidence("budget-balances") { $0.committed = amount }.contains(
        "i1: committed \(amount), the venue took 20.02"))
  }

  // MARK: position-costs

  @Test func `A position costs its fills and their fees`() throws {
    #expect(
      try evidence("position-costs") { $0.openedCost = "20" } == [
        "\(Self.log):7: AIX/USDT costs 20, the fills make 20.02"
      ])
    #expect(
      try evidence("position-costs") { $0.closed.proceeds = "21.021" } == [
        "\(Self.log):15: AIX/USDT brought 21.021, the venue paid 20.979 for c2"
      ])
    #expect(
      try evidence("position-costs") { $0.closed.qty = "9" } == [
        "\(Self.log):15: AIX/USDT was closed by 9, c2 had sold 10"
      ])
  }

  /// One thread books a part, and another, which books the rest, is first with its line.
  @Test(arguments: [(false, Outcome.pass), (true, .fail)])
  func `A booking whose line was overtaken is not judged in a stalled schedule`(isStallFree: Bool, outcome: Outcome)
    throws
  {
    var b = RecordBuilder.market()
    b.set("stall_free", .bool(isStallFree))
    b.filledOrder(2, at: 1, symbol: "AIX/USDT")
    b.log(1.6, "ORDER_UPDATE", [("client_order_id", "c2"), ("filled_qty", "10")])
    b.log(1.6, "POSITION_OPENED", [("symbol", "AIX/USDT"), ("qty", "10"), ("cost", "20")])
    b.send(3, at: 10, symbol: "BOX/USDT")
    b.rules(0, ["AIX/USDT", "BOX/USDT"])
    b.accept(3, at: 10.2, symbol: "BOX/USDT")
    b.trade(3, at: 10.3, symbol: "BOX/USDT", qty: "4", quote: "8", status: "partially_filled")
    b.tell(
      10.3, "event",
      RecordBuilder.event(3, "TRADE", "filled", "BOX/USDT", "buy") + [
        ("last_qty", "6"), ("last_price", "2"), ("last_quote", "12"), ("filled_qty", "10"), ("filled_quote", "20"),
        ("fee", "0"), ("fee_asset", "USDT"), ("delivered", .bool(true)),
      ])
    b.log(10.4, "ORDER_UPDATE", [("client_order_id", "c3"), ("filled_qty", "10")])
    b.log(10.4, "POSITION_OPENED", [("symbol", "BOX/USDT"), ("qty", "6"), ("cost", "12")])
    b.log(10.5, "ORDER_UPDATE", [("client_order_id", "c3"), ("filled_qty", "4")])
    let verdict = try b.judge("position-costs")
    #expect(verdict.outcome == outcome, "\(verdict.evidence)")
  }

  @Test func `What is held at the end costs what is left of it`() throws {
    var b = TradeStory().builder()
    b.save(100, positions: [("AIX/USDT", "10")])
    #expect(
      try b.judge("position-costs").evidence == [
        "state/engine_transient.json: 10 of AIX/USDT is held, the fills make 0",
        "state/engine_transient.json: AIX/USDT costs 20, the fills make 0",
      ])
  }

  // MARK: Fees in base asset

  /// A purchase of 10 AIX whose event tells at 20 s that 0.005 AIX were taken, by an engine that says so at `time`.
  private func bought(fee: String, held: String, at time: Double) -> RecordBuilder {
    var b = RecordBuilder.market(fee: "0.001")
    b.send(1, at: 10)
    b.accept(1, at: 10.2)
    b.trade(1, at: 20, fee: "0.005", feeAsset: "AIX")
    b.log(time, "ORDER_UPDATE", [("client_order_id", "c1"), ("status", "FILLED"), ("filled_qty", "10")])
    b.log(time, "POSITION_OPENED", [("symbol", "AIX/USDT"), ("qty", .string(held)), ("cost", "20")])
    b.log(
      time, "ORDER_FILLED", RecordBuilder.ids(1) + [("order_id", "o1"), ("filled_qty", "10"), ("fee", .string(fee))])
    return b
  }

  @Test(arguments: [("0.005", "9.995"), ("0.01", "9.99")])
  func `A fee in coins that was not told is the venue's or the taker's`(fee: String, held: String) throws {
    let b = bought(fee: fee, held: held, at: 20.5)
    #expect(try b.judge("fills-agree").outcome == .pass)
    #expect(try b.judge("position-costs").outcome == .pass)
  }

  @Test(arguments: [("0.011", "9.989", 20.5), ("0.004", "9.996", 20.5), ("0.01", "9.99", 21.5)])
  func `Another fee in coins is wrong, and so is an estimate of one that was told`(
    fee: String, held: String, at: Double
  ) throws {
    let b = bought(fee: fee, held: held, at: at)
    #expect(try b.judge("fills-agree").outcome == .fail)
    #expect(try b.judge("position-costs").outcome == .fail)
  }

  /// Trades of 4 and 6, whose events have the fee of their own trade; the first comes behind the second, or before it.
  @Test(arguments: [(10.6, Outcome.pass), (10.4, .fail)])
  func `An event that another has overtaken tells no fee`(firstArrives: Double, outcome: Outcome) throws {
    var b = RecordBuilder.market(fee: "0.001")
    b.send(1, at: 10)
    b.accept(1, at: 10.2)
    for (total, quantity, quote, arrives) in [("4", "4", "8", firstArrives), ("10", "6", "12", 10.5)] {
      b.tell(
        10.3, "event",
        RecordBuilder.event(1, "TRADE", total == "10" ? "filled" : "partially_filled", "AIX/USDT", "buy") + [
          ("last_qty", .string(quantity)), ("last_price", "2"), ("last_quote", .string(quote)),
          ("filled_qty", .string(total)), ("filled_quote", .string(total == "10" ? "20" : "8")), ("fee", "0.001"),
          ("fee_asset", "USDT"), ("delivered", .bool(true)), ("arrives", .string(RecordBuilder.time(arrives))),
        ])
    }
    b.log(12, "ORDER_UPDATE", [("client_order_id", "c1"), ("status", "FILLED"), ("filled_qty", "10")])
    b.log(
      12, "ORDER_FILLED",
      RecordBuilder.ids(1) + [
        ("order_id", "o1"), ("filled_qty", "10"), ("fee", "0.009"), ("fee_asset", "USDT"), ("side", "buy"),
      ])
    let verdict = try b.judge("fills-agree")
    #expect(verdict.outcome == outcome, "\(verdict.evidence)")
  }

  @Test func `In a stalled schedule what was told has its time to pass three threads`() throws {
    var b = bought(fee: "0.01", held: "9.99", at: 26.9)
    #expect(try b.judge("fills-agree").outcome == .fail)
    b.set("stall_free", .bool(false))
    #expect(try b.judge("fills-agree").outcome == .pass)
    #expect(try b.judge("position-costs").outcome == .pass)
    b = bought(fee: "0.01", held: "9.99", at: 27.1)
    b.set("stall_free", .bool(false))
    #expect(try b.judge("fills-agree").outcome == .fail)
  }

  // MARK: fills-agree

  @Test func `The log tells a fill as it was`() throws {
    let line = "\(Self.log):8: c1 ORDER_FILLED:"
    func words(_ change: (inout TradeStory) -> Void) throws -> [String] { try evidence("fills-agree", change) }
    #expect(try words { $0.filled.qty = "9" }.first == "\(line) filled_qty is 9, the venue had filled 10")
    #expect(try words { $0.filled.quote = "21" } == ["\(line) filled_quote is 21, the venue's trades make 20"])
    #expect(try words { $0.filled.average = "2.1" } == ["\(line) average_price is 2.1, the venue's trades make 2"])
    #expect(try words { $0.filled.fee = "0" } == ["\(line) fee is 0, the venue took 0.02"])
    #expect(try words { $0.filled.feeAsset = "AIX" } == ["\(line) fee_asset is AIX, the venue took USDT"])
    #expect(try words { $0.filled.order = "o7" } == ["\(line) order_id is o7, the venue's is o1"])
    #expect(
      try words { $0.updated = "5" }.first?.hasSuffix("ORDER_UPDATE: filled_qty is 5, the venue had filled 10") == true)
  }

  // MARK: venue-books and fills-at-market

  @Test func `The venue books by its own rules`() throws {
    let line = "logs/exchange.jsonl:7:"
    func words(_ change: (inout TradeStory) -> Void) throws -> [String] { try evidence("venue-books", change) }
    #expect(try words { $0.fee.amount = "0" }.first == "\(line) the fee of c1 is 0, a taker owes 0.02")
    #expect(try words { $0.isMaker = true }.first == "\(line) the fee of c1 is 0.02, a maker owes 0")
    #expect(try words { $0.fee.asset = "AIX" }.first == "\(line) the fee of c1 is taken in AIX, not in USDT")
    #expect(try words { $0.quote = "20.5" }.first == "\(line) 10 at 2 is 20, last_quote is 20.5")
    #expect(try words { $0.total = "9" }.first == "\(line) filled_qty of c1 is 9, its trades make 10")
    #expect(
      try words { $0.status = "PARTIALLY_FILLED" }.first == "\(line) 10 of 10 is filled, status is PARTIALLY_FILLED")
    #expect(
      try words { $0.afterBuy.locked = "0.02" }.first
        == "logs/exchange.jsonl:8: USDT is 79.98 free and 0.02 locked, the orders make 79.98 and 0")
    #expect(
      try words { $0.last.usdt = "100" } == [
        "logs/exchange.jsonl:13: USDT is 100 free and 0 locked, the orders make 100.959 and 0"
      ])
  }

  @Test func `The venue ends a user stream with its key, or when a fault asks for it`() throws {
    var b = TradeStory().builder()
    b.tell(50, "stream", [("type", "silent")])
    #expect(
      try b.judge("venue-books").evidence == [
        "the user stream ended at 2025-01-01T00:00:50.000000Z, its key was good since 2025-01-01T00:00:00.000000Z"
      ])
    let fired: [(key: String, value: JSON)] = [
      ("fault", "stream-key-expires"), ("site", "exchange.user_stream.connection"),
      ("timestamp", .string(RecordBuilder.time(50))),
    ]
    b.set("firings", .array([.object(fired)]))
    #expect(try b.judge("venue-books").outcome == .pass)
    var renewed = TradeStory().builder()
    renewed.tell(50, "request", [("id", .int(800)), ("call", "renew_stream")])
    renewed.tell(
      50.1, "reply", [("id", .int(800)), ("call", "renew_stream"), ("outcome", "error"), ("code", .int(-1125))])
    #expect(try renewed.judge("venue-books").outcome == .fail, "it lives an hour")
  }

  @Test func `An order that is over does not trade`() throws {
    var b = TradeStory().builder()
    b.tell(
      40, "event",
      [
        ("type", "TRADE"), ("client_order_id", "c1"), ("order_id", "o1"), ("symbol", "AIX/USDT"), ("side", "buy"),
        ("status", "FILLED"), ("delivered", .bool(true)),
      ])
    #expect(try b.judge("venue-books").evidence == ["logs/exchange.jsonl:13: TRADE of c1, which was over"])
  }

  @Test func `An order that is rejected after it was taken gives back what it held`() throws {
    var b = TradeStory().builder()
    b.askAgain(3, at: 40, qty: "5")
    for (type, quantity) in [("NEW", "0"), ("REJECTED", "0")] {
      b.tell(
        40.2, "event",
        [
          ("type", .string(type)), ("client_order_id", "c3"), ("order_id", "o3"), ("symbol", "AIX/USDT"),
          ("side", "buy"),
          ("status", .string(type)), ("filled_qty", .string(quantity)), ("delivered", .bool(true)),
        ])
    }
    #expect(try b.judge("venue-books").outcome == .pass)
    b.venue.removeAll { $0.line["type"]?.string == "REJECTED" }
    #expect(try b.judge("venue-books").outcome == .fail, "what is locked is missing at the end")
  }

  @Test func `A purchase at too high a price locks what it may cost, and gets the rest back`() throws {
    var story = TradeStory()
    story.limit = "2.5"
    #expect(try story.judge("venue-books").outcome == .pass)
    story.afterBuy.usdt = "74.975"
    #expect(try story.judge("venue-books").outcome == .fail)
  }

  @Test func `A fill lies within the book and the limit`() throws {
    let line = "logs/exchange.jsonl:7:"
    func words(_ change: (inout TradeStory) -> Void) throws -> [String] { try evidence("fills-at-market", change) }
    #expect(try words { $0.price = "2.01" } == ["\(line) c1 bought at 2.01, beyond its limit 2"])
    #expect(try words { $0.bookAtBuy.ask = "2.02" } == ["\(line) c1 bought at 2, the book began at 2.02"])
    #expect(
      try words {
        $0.isMaker = true
        $0.price = "1.99"
      } == [
        "\(line) c1 rested at 2 and bought at 1.99",
        "\(line) c1 rested and bought at 1.99, the other side of the book stood at 2",
      ])
  }

  @Test func `An order that the book reaches trades at once`() throws {
    var b = TradeStory().builder()
    b.askAgain(3, at: 40)
    b.tell(
      40.2, "event",
      [
        ("type", "NEW"), ("client_order_id", "c3"), ("order_id", "o3"), ("symbol", "AIX/USDT"), ("side", "buy"),
        ("status", "NEW"), ("bid", "1.99"), ("ask", "2"), ("delivered", .bool(true)),
      ])
    #expect(
      try b.judge("fills-at-market").evidence == [
        "c3: the book reaches it and nothing trades, at logs/exchange.jsonl:14"
      ])
    func outcome(firedAt seconds: Double) throws -> Outcome {
      b.set(
        "firings",
        .array([
          .object([
            ("fault", "late-fill"), ("site", "exchange.match"), ("timestamp", .string(RecordBuilder.time(seconds))),
          ])
        ]))
      return try b.judge("fills-at-market").outcome
    }
    #expect(try outcome(firedAt: 40.2) == .pass)
    #expect(try outcome(firedAt: 40.2003) == .fail, "in a simulation both are one moment")
    // On a real clock the decision and the match are two readings of it.
    b.set("carrier", .string("live"))
    #expect(try outcome(firedAt: 40.2003) == .pass && outcome(firedAt: 40.1997) == .pass)
    #expect(try outcome(firedAt: 40.4) == .fail)
  }
}
