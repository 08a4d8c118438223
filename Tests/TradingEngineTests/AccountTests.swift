import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// The engine's connection to its account: the stream and its key, and the clock.
@Suite struct EngineConnectionTests {
  @Test func `The key of the stream is renewed at half of its hour`() throws {
    let run = try EngineRun(
      for: .seconds(3700),
      settings: [("GLOBAL_TRADING", "False"), ("MD_POLL_MS", "60000"), ("ENGINE_CYCLE_MS", "10000")])
    #expect(run.calls.renewed == 2)
    #expect(run.calls.opened == 0)
    #expect(run.all("STREAM_LOST").isEmpty)
  }

  @Test func `A lost stream is opened again, and the open orders are asked for again`() throws {
    var habits = ScriptedVenue.Habits()
    habits.losesStream = true
    let run = try EngineRun(for: .seconds(20), script: { _ in .rest }, habits: habits)
    #expect(run.order(of: ["STREAM_LOST", "STREAM_OPENED"]) == ["STREAM_LOST", "STREAM_OPENED"])
    #expect(run.calls.opened == 1)
    // At the start, and behind the new connection.
    #expect(run.calls.openOrders == 2)
    let quiet = try EngineRun(for: .seconds(20), script: { _ in .rest })
    #expect(quiet.calls.openOrders == 1)
  }

  @Test func `A connection that is opened while the open orders are under way has them asked for again`() throws {
    var habits = ScriptedVenue.Habits()
    habits.losesStream = true
    habits.listDelay = .seconds(9)
    let run = try EngineRun(
      for: .seconds(40), price: { $1 < .seconds(3) ? Decimal(10) : ScriptedVenue.drop($0, .seconds(10)) },
      script: { _ in .rest }, habits: habits)
    let opened = try #require(run.all("STREAM_OPENED").first?["timestamp"]?.string)
    #expect(opened < (Instant.simulationEpoch + .seconds(9)).iso8601(), "\(opened)")
    #expect(run.calls.openOrders == 2)
  }

  @Test func `A wrong time is mended by the venue's, once, and the order is sent again`() throws {
    let run = try EngineRun(
      for: .seconds(30),
      script: { $0.number == 1 ? .refuse(ScriptedVenue.wrongTime) : .fill(parts: 1, gap: .zero) })
    #expect(run.calls.clock == 1)
    #expect(run.all("CLOCK_SYNCHRONIZED").compactMap { $0["offset_ms"]?.double } == [1000])
    #expect(run.placed.count == 2)
    #expect(run.all("ORDER_FILLED").count == 1)
  }

  @Test func `Rules are asked for again once an order breaks them, and not for lack of money`() throws {
    let broken = try EngineRun(
      for: .seconds(30), script: { $0.number == 1 ? .refuse(ScriptedVenue.badPrice) : .fill(parts: 1, gap: .zero) })
    #expect(broken.placed.count == 1)
    #expect(broken.calls.rules == 2)
    let poor = try EngineRun(for: .seconds(30), script: { _ in .refuse() })
    #expect(poor.calls.rules == 1)
  }
}

@Suite struct ForeignOrderTests {
  static let stranger = OrderReport(
    orderId: "X-9", clientOrderId: "by hand", symbol: ScriptedVenue.symbol("AIX"), side: .sell, status: .new,
    price: Decimal(20), quantity: Decimal(3), filledQuantity: .zero, filledQuote: .zero, fee: nil,
    updatedAt: .simulationEpoch)

  /// A venue on which somebody else has an order open when the engine starts.
  static var habits: ScriptedVenue.Habits {
    var habits = ScriptedVenue.Habits()
    habits.foreign = [stranger]
    return habits
  }

  @Test func `An order that somebody else left open is told once at the start and left alone`() throws {
    let run = try EngineRun(for: .seconds(30), habits: Self.habits)
    #expect(run.all("FOREIGN_ORDER").compactMap { $0["client_order_id"]?.string } == ["by hand"])
    #expect(run.all("FOREIGN_ORDER").first?["level"]?.string == "ERROR")
    #expect(!run.cancels.contains("by hand"))
  }

  @Test func `It is canceled where the setting says so`() throws {
    let run = try EngineRun(for: .seconds(30), settings: [("FOREIGN_ORDERS", "cancel")], habits: Self.habits)
    #expect(run.cancels.filter { $0 == "by hand" } == ["by hand"])
    #expect(run.all("FOREIGN_ORDER").compactMap { $0["status"]?.string } == ["NEW", "CANCELED"])
  }

  @Test func `Nobody is told of the engine's own orders`() throws {
    let run = try EngineRun(for: .seconds(60), script: { _ in .rest })
    #expect(run.all("FOREIGN_ORDER").isEmpty)
    #expect(!run.placed.isEmpty)
  }

  @Test func `A doubt is taken once, and comes back when nobody answers`() {
    let orders = ForeignOrders()
    let start = Instant.simulationEpoch
    #expect(orders.takeDoubt(at: start))
    #expect(!orders.takeDoubt(at: start))
    orders.doubt(afterFailureAt: start)
    #expect(!orders.takeDoubt(at: start + .seconds(9)))
    #expect(orders.takeDoubt(at: start + .seconds(10)))
  }

  @Test func `A cancel is tried six times, ten seconds apart, and not once the order is over`() {
    let orders = ForeignOrders()
    let start = Instant.simulationEpoch
    #expect(orders.meet(Self.stranger, cancels: true, at: start))
    #expect(!orders.meet(Self.stranger, cancels: true, at: start))
    let tries = (0..<100).count { !orders.due(at: start + .seconds(Int64($0))).isEmpty }
    #expect(tries == 6)
    var other = Self.stranger
    other.orderId = "X-10"
    #expect(orders.meet(other, cancels: true, at: start))
    other.status = .canceled
    #expect(!orders.meet(other, cancels: true, at: start))
    #expect(orders.due(at: start + .seconds(1)).isEmpty)
  }
}
