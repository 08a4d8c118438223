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
