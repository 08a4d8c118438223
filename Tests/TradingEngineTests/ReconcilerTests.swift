import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct ReconcilerTests {
  @Test func `A fill that no event told is found by query`() throws {
    let run = try EngineRun(for: .seconds(30), script: { _ in .fillSilently })
    #expect(run.all("RECONCILE_MISSING_FILL").count == 1)
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.overview?.positions.first?.isOpen == true)
    #expect(run.pending.isEmpty)
  }

  @Test func `A fill without fee is still a fill`() throws {
    let run = try EngineRun(for: .seconds(30), script: { _ in .fillWithoutFee })
    #expect(run.all("ORDER_FILLED").count == 1)
    let position = try #require(run.overview?.positions.first)
    let request = try #require(run.placed.first)
    let quote = try (request.quantity ?? .zero).multiplied(by: request.price ?? .zero, rounding: .down)
    #expect(position.cost == quote + (try quote.multiplied(by: ScriptedVenue.decimal("0.0005"), rounding: .up)))
  }

  @Test func `A fee that nobody names is expected where the venue's documents say`() throws {
    var habits = ScriptedVenue.Habits()
    habits.documentsFeesFromReceived = true
    let run = try EngineRun(for: .seconds(30), script: { _ in .fillWithoutFee }, habits: habits)
    let position = try #require(run.overview?.positions.first)
    let quantity = try #require(run.placed.first?.quantity)
    let fee = try quantity.multiplied(by: ScriptedVenue.decimal("0.0005"), rounding: .up)
    #expect(position.quantity == quantity - fee)
    #expect(run.all("ORDER_FILLED").compactMap { $0["fee"]?.string } == ["\(fee)"])
  }

  @Test func `A fee that the answer does not name is taken from the trades`() throws {
    var habits = ScriptedVenue.Habits()
    habits.tradeFee = { Fee(asset: $0.symbol.base, amount: ScriptedVenue.decimal("0.001")) }
    let run = try EngineRun(for: .seconds(30), script: { _ in .fillWithoutFee }, habits: habits)
    let position = try #require(run.overview?.positions.first)
    let request = try #require(run.placed.first)
    #expect(position.quantity == (request.quantity ?? .zero) - ScriptedVenue.decimal("0.001"))
    #expect(
      position.cost == (try (request.quantity ?? .zero).multiplied(by: request.price ?? .zero, rounding: .down)))
    #expect(run.all("ORDER_FILLED").count == 1, "the fill does not wait for its fee")
  }

  @Test func `An estimated fee is mended when the venue tells it after all`() throws {
    var habits = ScriptedVenue.Habits()
    let asked = Box(0)
    habits.tradeFee = { report in
      asked.value += 1
      return asked.value < 3 ? nil : Fee(asset: report.symbol.base, amount: ScriptedVenue.decimal("0.001"))
    }
    let run = try EngineRun(for: .seconds(35), script: { _ in .fillWithoutFee }, habits: habits)
    let position = try #require(run.overview?.positions.first)
    let request = try #require(run.placed.first)
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(position.quantity == (request.quantity ?? .zero) - ScriptedVenue.decimal("0.001"))
    #expect(
      position.cost == (try (request.quantity ?? .zero).multiplied(by: request.price ?? .zero, rounding: .down)))
    #expect(asked.value == 3)
  }

  @Test func `An unknown outcome is queried and never sent again`() throws {
    let run = try EngineRun(for: .seconds(30), script: { _ in .unknown(isPlaced: true) })
    #expect(run.placed.count == 1)
    #expect(run.all("RECONCILE_UNKNOWN_RESOLVED").compactMap { $0["status"]?.string } == ["FILLED"])
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.all("ORDER_FAILED").isEmpty)
  }

  @Test func `A purchase that never arrived fails when its time is over`() throws {
    let run = try EngineRun(for: .seconds(60), script: { _ in .unknown(isPlaced: false) })
    #expect(run.placed.count == 1)
    #expect(run.queries >= 3)
    #expect(run.all("ORDER_FAILED").compactMap { $0["error_code"]?.string } == ["NOT_FOUND"])
    #expect(run.overview?.budget.reserved == .zero)
  }

  @Test func `A sale that never arrived is made again as soon as its coins are known to be there`() throws {
    var habits = ScriptedVenue.Habits()
    habits.base = Decimal(1000)
    let run = try EngineRun(
      for: .seconds(70),
      script: {
        $0.request.side == .sell && $0.at < .seconds(50) ? .unknown(isPlaced: false) : .fill(parts: 1, gap: .zero)
      }, habits: habits)
    #expect(run.all("ORDER_FAILED").compactMap { $0["error_code"]?.string } == ["NOT_FOUND"])
    #expect(run.placed.count { $0.side == .sell } == 2)
    #expect(run.all("POSITION_CLOSED").count == 1)
  }

  @Test func `A call that ignores its deadline blocks nobody and its fill is booked`() throws {
    let run = try EngineRun(
      for: .seconds(60), symbols: ["AIX", "BLESS"],
      price: { symbol, since in since < .seconds(10) ? Decimal(10) : ScriptedVenue.decimal("9.8") },
      script: {
        $0.request.symbol.base == "AIX" ? .hang(.seconds(25)) : .fill(parts: 1, gap: .zero)
      })
    #expect(run.all("ORDER_OUTCOME_UNKNOWN").count == 1)
    #expect(run.all("EXCHANGE_CALL_SLOW").isEmpty)
    #expect(run.overview?.positions.map(\.isOpen) == [true, true])
    #expect(run.placed.count { $0.symbol.base == "AIX" } == 1)
    #expect(run.result?.incidents.isEmpty == true)
  }

  @Test func `An intent the router never saw goes stale`() throws {
    final class IdleRouter: OrderRouter {
      let good: ReportingRouter
      init(_ parts: EngineAssembly) { good = ReportingRouter(parts) }
      func submit(_ intent: OrderIntent) throws(Stopped) {}
      func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) { try good.fail(id, failure) }
    }
    var parts = EngineParts()
    parts.router = { IdleRouter($0) }
    let run = try EngineRun(for: .seconds(90), parts: parts)
    #expect(run.all("STALE_INTENT_CLEANUP").first?["intents"]?.array?.count == 1)
    #expect(run.all("INTENT_CLEARED").first?["reason"]?.string == "stale")
    #expect(run.summary?.intentsStale == 1)
    #expect(run.summary?.staleIntentAgeSeconds.count == 1)
  }
}
