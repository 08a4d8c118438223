import Basics
import ChaosRuntime
import Checks
import Testing

@Suite struct MoneyCheckTests {
  /// One bought position of 10 AIX, known to both sides.
  private func bought() -> RecordBuilder {
    var b = RecordBuilder()
    b.balances(0, [("USDT", "100", "0"), ("AIX", "0", "0")])
    b.filledOrder(1, at: 1)
    b.log(2, "POSITION_OPENED", [("symbol", "AIX/USDT"), ("qty", "10"), ("cost", "20")])
    b.balances(101, [("USDT", "80", "0"), ("AIX", "4", "6")])
    b.save(100, positions: [("AIX/USDT", "10")])
    return b
  }

  @Test func `The ledger must balance in every line`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("funds-conserved").outcome == .inconclusive)
    b.tell(0, "ledger", [("step", .int(0)), ("totals", .object([])), ("conserved", .bool(true))])
    #expect(try b.judge("funds-conserved").outcome == .pass)
    b.tell(5, "ledger", [("step", .int(7)), ("totals", .object([])), ("conserved", .bool(false))])
    let verdict = try b.judge("funds-conserved")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["logs/exchange.jsonl:2 step 7"])
  }

  @Test func `Positions agree with balances and fills`() throws {
    #expect(try bought().judge("positions-agree").outcome == .pass)
    #expect(try RecordBuilder().judge("positions-agree").outcome == .inconclusive)
  }

  @Test func `A lost fill is a difference`() throws {
    var b = bought()
    b.send(2, at: 3, symbol: "BOX/USDT")
    b.accept(2, at: 3.1, symbol: "BOX/USDT")
    b.trade(2, at: 3.2, symbol: "BOX/USDT")
    b.balances(102, [("USDT", "60", "0"), ("AIX", "10", "0"), ("BOX", "10", "0")])
    let verdict = try b.judge("positions-agree")
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == [
        "BOX: the venue says 10, the engine says 0", "c2: the venue filled 10 BOX, the engine booked 0",
      ])
  }

  @Test func `A position that the venue does not have is a difference`() throws {
    var b = bought()
    b.save(100, positions: [("AIX/USDT", "10"), ("CAT/USDT", "1")])
    #expect(try b.judge("positions-agree").evidence == ["CAT: the venue says 0, the engine says 1"])
  }

  @Test func `A fee in the base asset is not held against the engine`() throws {
    var b = RecordBuilder()
    b.balances(0, [("USDT", "100", "0"), ("MX", "5", "0")])
    b.send(1, at: 1)
    b.accept(1, at: 1.1)
    b.trade(1, at: 1.2, fee: "0.01", feeAsset: "AIX")
    b.fill(1, at: 1.3)
    b.tell(2, "event", [("type", "BALANCE"), ("fee", "1"), ("fee_asset", "MX")])
    b.balances(101, [("USDT", "80", "0"), ("AIX", "9.99", "0"), ("MX", "4", "0")])
    b.save(100, positions: [("AIX/USDT", "9.99")])
    #expect(try b.judge("positions-agree").outcome == .pass)
  }

  @Test func `An opened position must be in the state file`() throws {
    var b = bought()
    b.log(3, "POSITION_OPENED", [("symbol", "DOG/USDT"), ("qty", "1"), ("cost", "1")])
    #expect(
      try b.judge("positions-agree").evidence == [
        "DOG/USDT: opened at \(RecordBuilder.eventsPath):7, not in the state file"
      ])
    b.log(4, "POSITION_CLOSED", [("symbol", "DOG/USDT"), ("qty", "1"), ("proceeds", "1")])
    #expect(try b.judge("positions-agree").outcome == .pass)
  }

  @Test func `Fills after the engines end are not its business`() throws {
    var b = bought()
    b.send(2, at: 90)
    b.accept(2, at: 90.1)
    b.trade(2, at: 101.5)
    b.balances(102, [("USDT", "60", "0"), ("AIX", "20", "0")])
    #expect(try b.judge("positions-agree").outcome == .pass)
  }

  @Test func `A session that was cut short says nothing of positions`() throws {
    var b = bought()
    b.set("shutdown", .object([("requested", .string(RecordBuilder.time(100))), ("completed", .null)]))
    #expect(try b.judge("positions-agree").outcome == .inconclusive)
    b.set("shutdown", nil)
    #expect(try b.judge("positions-agree").outcome == .inconclusive)
  }

  private func book(_ b: inout RecordBuilder, _ at: Double, _ type: String, _ key: String, _ amount: String) {
    b.log(at, type, [(key, .string(amount)), ("intent_id", "i1")])
  }

  @Test func `No intent gets back more than it gave`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("budget-balances").outcome == .inconclusive)
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_COMMITTED", "committed", "20")
    book(&b, 3, "BUDGET_RELEASED", "released", "5")
    #expect(try b.judge("budget-balances").outcome == .pass)
    book(&b, 4, "BUDGET_RELEASED", "released", "5")
    let verdict = try b.judge("budget-balances")
    #expect(verdict.outcome == .fail)
    #expect(
      verdict.evidence == ["i1: \(RecordBuilder.eventsPath):4 released 5, 0 was left of its reservation"])
  }

  @Test func `No intent spends more than it reserved`() throws {
    var b = RecordBuilder()
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_COMMITTED", "committed", "26")
    #expect(try b.judge("budget-balances").outcome == .fail)
  }

  @Test func `A fill after the release is paid from the free budget`() throws {
    var b = RecordBuilder()
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_RELEASED", "released", "25")
    book(&b, 3, "BUDGET_COMMITTED", "committed", "20")
    #expect(try b.judge("budget-balances").outcome == .pass)
  }

  @Test func `A correction of fees goes to the free budget`() throws {
    var b = RecordBuilder()
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_COMMITTED", "committed", "20")
    book(&b, 3, "BUDGET_COMMITTED", "committed", "-0.001")
    book(&b, 4, "BUDGET_RELEASED", "released", "5")
    b.save(100)
    #expect(try b.judge("budget-balances").outcome == .pass)
    book(&b, 4, "BUDGET_RELEASED", "released", "0.001")
    #expect(try b.judge("budget-balances").outcome == .fail, "it is not released once more")
  }

  @Test func `What is committed is what the venue took`() throws {
    var b = RecordBuilder.market()
    b.filledOrder(1, at: 1)
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_COMMITTED", "committed", "20")
    book(&b, 3, "BUDGET_RELEASED", "released", "5")
    #expect(try b.judge("budget-balances").outcome == .pass)
    b = RecordBuilder.market()
    b.filledOrder(1, at: 1)
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    book(&b, 2, "BUDGET_COMMITTED", "committed", "25")
    #expect(try b.judge("budget-balances").evidence == ["i1: committed 25, the venue took 20"])
  }

  @Test func `A reservation ends with its order`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 1.2)
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    let verdict = try b.judge("budget-balances")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.first?.hasPrefix("i1: 25 is still reserved, its order ended at ") == true)
  }

  /// Entries of 20 USDT at the venue's quote; the market wants 5 USDT and steps of 0.1 at least.
  @Test func `An entry that its market takes is not refused`() throws {
    func refused(_ size: String, minimum: String = "5") throws -> Verdict {
      var b = RecordBuilder.market()
      b.setting("POSITION_SIZE_USDT", .string(size))
      b.setting("MIN_ORDER_VALUE", .string(minimum))
      b.quote(9)
      b.log(10, "GUARD_BLOCK", [("symbol", "AIX/USDT"), ("guard", "size")])
      return try b.judge("valid-orders-sent")
    }
    #expect(try RecordBuilder.market().judge("valid-orders-sent").outcome == .inconclusive)
    #expect(try refused("4").outcome == .pass)
    #expect(try refused("20", minimum: "12").outcome == .pass)
    #expect(try refused("20").evidence == ["AIX/USDT: 4.9 at 2.01 refused at \(RecordBuilder.eventsPath):1"])
    var b = RecordBuilder.market()
    b.log(10, "GUARD_BLOCK", [("symbol", "AIX/USDT"), ("guard", "size")])
    #expect(try b.judge("valid-orders-sent").outcome == .inconclusive, "the venue had quoted nothing")
  }

  @Test func `What is still reserved is what the state file says`() throws {
    var b = RecordBuilder()
    book(&b, 1, "BUDGET_RESERVED", "reserved", "25")
    b.save(100)
    #expect(
      try b.judge("budget-balances").evidence == ["the log leaves 25 reserved, the state file says 0"])
    book(&b, 2, "BUDGET_RELEASED", "released", "25")
    #expect(try b.judge("budget-balances").outcome == .pass)
  }

  @Test func `Exposure stays within the limit of a symbol`() throws {
    var b = RecordBuilder()
    b.setting("MAX_PER_SYMBOL_USD", "60")
    #expect(try b.judge("exposure-within-limits").outcome == .inconclusive)
    for n in 1...3 { b.filledOrder(n, at: Double(n)) }
    #expect(try b.judge("exposure-within-limits").outcome == .pass)
    b.send(4, at: 4, side: "sell")
    b.trade(4, at: 4.1, side: "sell", qty: "15", quote: "30")
    b.filledOrder(5, at: 5)
    #expect(try b.judge("exposure-within-limits").outcome == .pass)
    b.filledOrder(6, at: 6)
    let verdict = try b.judge("exposure-within-limits")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["AIX/USDT: 70 of 60 at logs/exchange.jsonl:22"])
  }

  @Test func `What new rules make too little to be sold is no exposure from then on`() throws {
    func outcome(changedAt: Double?) throws -> Outcome {
      let symbols = (1...6).map { "S\($0)/USDT" }
      var b = RecordBuilder.market(symbols)
      b.setting("MAX_PER_SYMBOL_USD", "50")
      b.filledOrder(1, at: 1, symbol: "S1/USDT")
      b.send(7, at: 2, symbol: "S1/USDT", side: "sell")
      b.trade(7, at: 2.1, symbol: "S1/USDT", side: "sell", qty: "6", quote: "12")
      for n in 2...6 {
        if let changedAt, changedAt == Double(n) { b.rules(changedAt + 0.1, ["S1/USDT"], step: "10") }
        b.filledOrder(n, at: Double(n) + 1, symbol: "S\(n)/USDT")
      }
      if changedAt == 8 { b.rules(8, ["S1/USDT"], step: "10") }
      return try b.judge("exposure-within-limits").outcome
    }
    #expect(try outcome(changedAt: nil) == .fail)
    #expect(try outcome(changedAt: 5) == .pass)
    #expect(try outcome(changedAt: 8) == .fail, "it was too much when it was bought")
  }

  @Test func `Exposure stays within the limit of all symbols`() throws {
    var b = RecordBuilder()
    for n in 1...5 { b.filledOrder(n, at: Double(n), symbol: "S\(n)/USDT") }
    #expect(try b.judge("exposure-within-limits").outcome == .pass)
    b.filledOrder(6, at: 6, symbol: "S6/USDT")
    #expect(try b.judge("exposure-within-limits").evidence.count == 1)
    b.config = []
    b.set("limits", .object([]))
    #expect(try b.judge("exposure-within-limits").outcome == .inconclusive)
  }
}
