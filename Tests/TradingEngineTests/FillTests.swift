import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct FillTests {
  /// Makes an engine that does not run, puts one intent on its books, and hands it to `body`.
  private func withIntent(
    _ body: @escaping @Sendable (EngineAssembly, OrderIntent) throws(Stopped) -> Void
  ) -> Simulation.Result {
    Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let parts = engine.parts
      parts.context.markets.learn([ScriptedVenue.rules(ScriptedVenue.symbol("AIX"))])
      let intent = OrderIntent(
        id: "i", decisionId: "d", market: 0, symbol: ScriptedVenue.symbol("AIX"), side: .buy, clientOrderId: "c",
        quantity: Decimal(4), price: Decimal(5), timeInForce: .gtc, quoteBudget: Decimal(21), startedAt: runtime.now,
        bid: Decimal(5), ask: Decimal(5))
      try parts.budget.adopt(venueFree: Decimal(100), version: 0)
      _ = try parts.budget.reserve(intent.quoteBudget, for: intent)
      try parts.intents.add(intent)
      try body(parts, intent)
    }
  }

  @Test func `Doubled and swapped reports are booked once`() {
    let seen = Box<[Position]>([])
    let left = Box<BudgetSnapshot?>(nil)
    _ = withIntent { parts, _ throws(Stopped) in
      try parts.fills.handle(.accepted(report(.partiallyFilled, "3")))
      try parts.fills.handle(.accepted(report(.partiallyFilled, "1")))
      try parts.fills.handle(.accepted(report(.partiallyFilled, "3")))
      seen.value = try parts.context.positions.all()
      try parts.fills.handle(.accepted(report(.filled, "4")))
      try parts.fills.handle(.accepted(report(.filled, "4")))
      seen.value += try parts.context.positions.all()
      left.value = try parts.budget.figures()
    }
    #expect(seen.value.map(\.quantity) == [Decimal(3), Decimal(4)])
    #expect(seen.value.map(\.cost) == [Decimal(15), Decimal(20)])
    #expect(left.value == BudgetSnapshot(free: Decimal(80), reserved: .zero))
  }

  @Test func `A fill after the intent is cleared is booked all the same`() {
    let left = Box<BudgetSnapshot?>(nil)
    let held = Box<[Position]>([])
    _ = withIntent { parts, intent throws(Stopped) in
      try parts.router.fail(intent.id, .notFound)
      try parts.router.fail(intent.id, .notFound)
      try parts.fills.handle(.accepted(report(.filled, "4")))
      held.value = try parts.context.positions.all()
      left.value = try parts.budget.figures()
      if parts.context.metrics.summary(at: parts.context.runtime.now).ordersFailed != 1 { held.value = [] }
    }
    #expect(held.value.map(\.quantity) == [Decimal(4)])
    #expect(left.value == BudgetSnapshot(free: Decimal(80), reserved: .zero))
  }

  @Test func `A part that filled before a cancel is kept`() {
    let held = Box<[Position]>([])
    let left = Box<BudgetSnapshot?>(nil)
    _ = withIntent { parts, _ throws(Stopped) in
      try parts.fills.apply(report(.partiallyCanceled, "1"), from: .cancelReply)
      held.value = try parts.context.positions.all()
      left.value = try parts.budget.figures()
    }
    #expect(held.value.map(\.quantity) == [Decimal(1)])
    #expect(left.value == BudgetSnapshot(free: Decimal(95), reserved: .zero))
  }

  @Test func `A strangers report is ignored`() {
    let held = Box<[Position]>([])
    _ = withIntent { parts, _ throws(Stopped) in
      var strange = report(.filled, "4")
      strange.clientOrderId = "somebody else's"
      try parts.fills.handle(.accepted(strange))
      held.value = try parts.context.positions.all()
    }
    #expect(held.value.map(\.quantity) == [.zero])
  }

  private func report(_ status: OrderStatus, _ filled: String) -> OrderReport {
    let quantity = ScriptedVenue.decimal(filled)
    let quote = (try? quantity.multiplied(by: Decimal(5), rounding: .down)) ?? .zero
    return OrderReport(
      orderId: "X", clientOrderId: "c", symbol: ScriptedVenue.symbol("AIX"), side: .buy, status: status,
      price: Decimal(5), quantity: Decimal(4), filledQuantity: quantity, filledQuote: quote,
      fee: Fee(asset: "USDT", amount: .zero), updatedAt: .simulationEpoch)
  }
}
