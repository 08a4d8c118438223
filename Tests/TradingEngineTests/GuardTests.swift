import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct GuardTests {
  @Test func `No more symbols than allowed are bought`() throws {
    let run = try EngineRun(
      for: .seconds(30), symbols: ["AIX", "BLESS", "COAI", "S0", "S1"], script: { _ in .fill(parts: 1, gap: .zero) })
    #expect(run.placed.count == 3)
    let blocked = run.all("GUARD_BLOCK").filter { $0["guard"]?.string == "positions" }
    #expect(blocked.compactMap { $0["symbol"]?.string } == ["S0/USDT", "S1/USDT"])
  }

  @Test func `A standing block is logged once`() throws {
    let run = try EngineRun(for: .seconds(35), settings: [("MAX_SPREAD_BPS_ENTRY", "1")])
    #expect(run.all("GUARD_BLOCK").count == 1)
    #expect(run.placed.isEmpty)
  }

  @Test func `A symbol is bought once while its order or position is open`() throws {
    let run = try EngineRun(
      for: .seconds(38), settings: [("MAX_PER_SYMBOL_USD", "1000")],
      script: { _ in .fill(parts: 10, gap: .seconds(1)) })
    #expect(run.placed.count == 1)
  }

  @Test func `A failed exit rests and is tried again`() throws {
    let run = try EngineRun(
      for: .seconds(60),
      script: {
        $0.request.side == .buy ? .fill(parts: 1, gap: .zero) : .refuse()
      })
    let sells = run.all("ORDER_FAILED").count
    #expect((3...5).contains(sells), "one try every five seconds or so, not one per cycle: \(sells)")
    #expect(run.overview?.positions.first?.isOpen == true)
  }

  @Test func `Client ids are short and told apart`() throws {
    let ids = NumberedIds()
    let long = try #require(Symbol(base: "ABCDEFGHIJKLMNO", quote: "PQRSTUVWXYZABCD"))
    #expect(ids.clientOrderId(symbol: ScriptedVenue.symbol("AIX"), side: .buy, decision: 7) == "AIX_USDT-b7")
    #expect(ids.clientOrderId(symbol: long, side: .sell, decision: 123_456_789).utf8.count <= 32)
    let other = try #require(Symbol(base: "ABCDEFGHIJKLMNO", quote: "PQRSTUVWXYZABCE"))
    #expect(
      ids.clientOrderId(symbol: long, side: .buy, decision: 1)
        != ids.clientOrderId(symbol: other, side: .buy, decision: 1))
  }

  @Test(arguments: ["341.43", "0.07", "12.3456789", "5.912751925704197".prefix(14).description])
  func `Quantities and prices fit the rules`(_ amount: String) throws {
    let rules = ScriptedVenue.rules(ScriptedVenue.symbol("AIX"))
    let quantizer = DecimalQuantizer()
    let ask = ScriptedVenue.decimal("2.092182")
    if let order = quantizer.entry(
      amount: ScriptedVenue.decimal(amount), ask: ask, slippageBps: Decimal(20), rules: rules)
    {
      #expect(order.quantity.isMultiple(of: rules.step))
      #expect(order.price.isMultiple(of: rules.tick))
      #expect(order.price >= ask)
      #expect(order.notional <= ScriptedVenue.decimal(amount))
    } else {
      #expect(ScriptedVenue.decimal(amount) < .one, "only what is below the minimum has no order")
    }
    if let order = quantizer.exit(
      quantity: ScriptedVenue.decimal(amount), bid: ask, slippageBps: Decimal(20), rules: rules)
    {
      #expect(order.quantity <= ScriptedVenue.decimal(amount))
      #expect(order.quantity.isMultiple(of: rules.step) && order.price.isMultiple(of: rules.tick))
      #expect(order.price <= ask)
    }
  }

  @Test func `A drop is measured from the highest price of the lookback`() {
    var detector = DropDetector()
    let trigger = ScriptedVenue.decimal("0.985")
    for (second, price) in [(0, "10"), (10, "11"), (20, "10.9"), (30, "10.5")] {
      detector.add(
        ScriptedVenue.decimal(price), at: .simulationEpoch + .seconds(second), lookback: .seconds(15))
    }
    #expect(detector.peak == ScriptedVenue.decimal("10.9"))
    #expect(detector.isSignal(ScriptedVenue.decimal("10.73"), trigger: trigger))
    #expect(!detector.isSignal(ScriptedVenue.decimal("10.74"), trigger: trigger))
    detector.reset()
    #expect(detector.peak == nil)
    let last = Instant.simulationEpoch + .seconds(30)
    detector.add(ScriptedVenue.decimal("10.5"), at: last, lookback: .seconds(15))
    #expect(detector.peak == nil, "the quote of before the reset, told once more")
    detector.add(ScriptedVenue.decimal("10.2"), at: last + .seconds(10), lookback: .seconds(15))
    #expect(detector.peak == ScriptedVenue.decimal("10.2"))
  }
}
