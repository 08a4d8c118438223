import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct ShutdownTests {
  @Test func `Open orders are canceled and everything is written`() throws {
    let run = try EngineRun(for: .seconds(12), script: { _ in .rest })
    #expect(run.report?.leaked == [])
    #expect(run.all("ORDER_FAILED").count == 1)
    #expect(run.stateFile?["pending_buy_intents"]?.members?.isEmpty == true)
    #expect(run.events.last?["event_type"]?.string == "SHUTDOWN_COMPLETE")
    #expect(run.all("METRICS_SUMMARY").count == 1)
    #expect(run.file("metrics/summary.json") != nil)
  }

  @Test func `A hanging call cannot hold up the shutdown`() throws {
    let run = try EngineRun(
      for: .seconds(12), settings: [("EXCHANGE_TIMEOUT_S", "600")], script: { _ in .hang(.seconds(500)) })
    let report = try #require(run.report)
    #expect(report.duration <= .seconds(10))
    #expect(report.leaked.contains("exchange-place"))
    #expect(run.all("SHUTDOWN_COMPLETE").first?["leaked"]?.array?.isEmpty == false)
    #expect(run.stateFile?["pending_buy_intents"]?["i-AIX_USDT-1"] != nil, "what is unclear stays on record")
  }

  @Test func `An order under way does not keep the others from being looked after`() throws {
    let run = try EngineRun(
      for: .milliseconds(10_600), symbols: ["AIX", "BLESS", "COAI"], script: { _ in .hang(.milliseconds(9_500)) })
    let report = try #require(run.report)
    #expect(run.all("ORDER_SENT").count == 3)
    #expect(run.placed.count == 1, "the first was under way and the others waited")
    #expect(report.leaked == [] && report.duration <= .seconds(10))
    #expect(run.all("ORDER_OUTCOME_UNKNOWN").count == 1)
    #expect(run.all("ORDER_FAILED").compactMap { $0["error_code"]?.string } == ["SHUTDOWN", "SHUTDOWN"])
  }

  @Test func `Every thread is named`() throws {
    let run = try EngineRun(for: .seconds(5))
    let names = run.all("ENGINE_START").first?["threads"]?.array?.compactMap(\.string) ?? []
    #expect(
      names == [
        "log-writer", "state-writer", "budget-refresh", "order-router", "user-stream", "reconciler", "market-data",
        "engine-main", "heartbeat",
      ])
  }

  @Test(arguments: [0, 1000]) func `Nothing of the engine outlives its run`(_ hang: Int) {
    #expect(Simulation.contextOfARun(formatterHang: .seconds(hang)) == nil)
  }
}

extension Simulation {
  /// Runs a short session and returns its context, which nobody else should hold.
  fileprivate static func contextOfARun(formatterHang: Duration) -> EngineContext? {
    let kept = Box<() -> EngineContext?>({ nil })
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      var parts = EngineParts()
      parts.formatter = { HangingFormatter($0, PlainFormatter(), for: formatterHang, when: { _, call in call == 9 }) }
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], parts: parts,
        metrics: .init())
      kept.value = { [weak context = engine.context] in context }
      try engine.start()
      try runtime.sleep(.seconds(20))
      _ = try engine.shutdown()
    }
    return kept.value()
  }
}
