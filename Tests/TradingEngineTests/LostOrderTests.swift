import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// Orders that the venue took and then does not know.
@Suite struct LostOrderTests {
  private func run(unknownUntil: Duration, for duration: Duration, refreshEvery: String = "61") throws -> EngineRun {
    var habits = ScriptedVenue.Habits()
    habits.unknownUntil = unknownUntil
    return try EngineRun(
      for: duration,
      settings: [
        ("RECONCILE_AFTER_S", "1"), ("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "1"),
        ("BUDGET_REFRESH_INTERVAL_S", refreshEvery),
      ],
      price: { _, since in since < .seconds(10) ? Decimal(10) : ScriptedVenue.decimal("9.8") },
      script: { _ in .fillSilently }, habits: habits)
  }

  @Test func `An order that the venue took outlives many unlucky answers, and is made once`() throws {
    let run = try run(unknownUntil: .seconds(25), for: .seconds(40))
    #expect(run.placed.count == 1)
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.all("ORDER_FAILED").isEmpty)
    #expect(run.all("ORDER_LOST").isEmpty)
  }

  @Test func `An order that stays unknown is given up aloud, closes its symbol, and has its end when it turns up`()
    throws
  {
    let run = try run(unknownUntil: .seconds(90), for: .seconds(115))
    #expect(run.placed.count == 1, "nothing is bought beside an order that may live")
    let lost = try #require(run.all("ORDER_LOST").first)
    #expect(run.all("ORDER_LOST").count == 1)
    #expect(lost["level"]?.string == "ERROR")
    #expect(run.all("INTENT_CLEARED").map { $0["reason"]?.string } == ["lost"])
    #expect(run.all("GUARD_BLOCK").contains { $0["guard"]?.string == "lost" })
    #expect(run.pending.isEmpty)
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.all("ORDER_FAILED").isEmpty)
    #expect(run.overview?.positions.first?.isOpen == true)
  }

  @Test func `An order that the venue names again is asked for at once`() throws {
    let lost = LostOrders()
    let start = Instant.simulationEpoch
    let intent = OrderIntent(
      id: "i", decisionId: "d", market: 0, symbol: ScriptedVenue.symbol("AIX"), side: .buy, clientOrderId: "c",
      quantity: .one, price: .one, timeInForce: .gtc, quoteBudget: .one, startedAt: start, bid: .one, ask: .one)
    lost.watch(intent, wasTaken: false, at: start)
    #expect(lost.due(at: start + .seconds(2)).isEmpty)
    lost.hurry("another", at: start + .seconds(2))
    #expect(lost.due(at: start + .seconds(2)).isEmpty)
    lost.hurry(intent.clientOrderId, at: start + .seconds(2))
    #expect(lost.due(at: start + .seconds(2)).map(\.id) == [intent.id])
    #expect(lost.due(at: start + .seconds(3)).isEmpty)
  }

  @Test func `What a lost order may have cost is not taken from the venue's balance and then booked again`() throws {
    let run = try run(unknownUntil: .seconds(90), for: .seconds(105), refreshEvery: "5")
    let lost = try #require(run.events.firstIndex { $0["event_type"]?.string == "ORDER_LOST" })
    let filled = try #require(run.events.firstIndex { $0["event_type"]?.string == "ORDER_FILLED" })
    let between = run.events[lost..<filled].map { $0["event_type"]?.string }
    #expect(between.contains("BUDGET_REFRESH"))
    #expect(!between.contains("BUDGET_DRIFT_DETECTED"))
  }
}
