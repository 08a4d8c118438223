import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct BudgetTests {
  @Test func `A slow refresh blocks the main loop for five seconds at most`() throws {
    let run = try EngineRun(for: .seconds(30), balanceDelay: .seconds(8))
    let first = try #require(run.all("BUDGET_REFRESH").first)
    #expect(first["blocked_ms"]?.double == 5000)
    #expect(first["timed_out"]?.bool == true)
    #expect(run.all("BUDGET_REFRESH_TIMEOUT").first?["timeout_s"]?.int == 5)
    #expect(run.summary?.budgetRefreshTimeouts == 1)
    #expect(run.overview?.budget.free.isPositive == true, "the late answer is adopted: nothing was booked meanwhile")
  }

  @Test func `An answer that is older than the books is not adopted`() throws {
    let run = try EngineRun(
      for: .seconds(60), settings: [("BUDGET_REFRESH_INTERVAL_S", "12"), ("BUDGET_REFRESH_TIMEOUT_S", "1")],
      price: { _, since in since < .seconds(10) ? Decimal(10) : ScriptedVenue.decimal("9.8") },
      script: { _ in .fill(parts: 3, gap: .seconds(7)) })
    let spent = run.sum("BUDGET_COMMITTED", "committed")
    #expect(spent.isPositive)
    let heartbeat = run.all("HEARTBEAT").first { ($0["uptime_s"]?.double ?? 0) > 34 }
    #expect(heartbeat?["budget_free"]?.string.flatMap { Decimal($0) } != nil)
  }

  @Test func `Releases and commits never touch another intent`() throws {
    var figures: [BudgetSnapshot] = []
    let seen = Box<[BudgetSnapshot]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let venue = ScriptedVenue(runtime)
      let engine = Engine(
        runtime: runtime, client: venue, symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let ledger = ReservationLedger(engine.parts)
      let (a, b) = (intent("a", runtime.now), intent("b", runtime.now))
      try ledger.adopt(venueFree: Decimal(100), version: 0)
      _ = try ledger.reserve(Decimal(30), for: a)
      _ = try ledger.reserve(Decimal(40), for: b)
      seen.value.append(try ledger.figures())
      try ledger.release(a, reason: "order_failed")
      try ledger.release(a, reason: "order_failed")
      seen.value.append(try ledger.figures())
      try ledger.commit(Decimal(45), for: b, orderId: "X")
      try ledger.release(b, reason: "order_filled")
      seen.value.append(try ledger.figures())
      let refused = try ledger.reserve(Decimal(56), for: a)
      let stale = try ledger.adopt(venueFree: Decimal(1), version: 0)
      seen.value.append(try ledger.figures())
      if refused || stale { seen.value.removeAll() }
    }
    figures = seen.value
    #expect(
      figures == [
        BudgetSnapshot(free: Decimal(30), reserved: Decimal(70)),
        BudgetSnapshot(free: Decimal(60), reserved: Decimal(40)),
        BudgetSnapshot(free: Decimal(55), reserved: .zero), BudgetSnapshot(free: Decimal(55), reserved: .zero),
      ])
  }

  @Test func `A balance that differs from the books is an event with numbers and a count`() {
    let (seen, drifts) = (Box<[Bool]>([]), Box(0))
    let disk = MemoryDisk()
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let ledger = ReservationLedger(engine.parts)
      for free in [100, 100, 90, 95] {
        seen.value.append(try ledger.adopt(venueFree: Decimal(free), version: ledger.version()))
      }
      drifts.value = engine.context.metrics.summary(at: runtime.now).budgetDrifts
      try engine.parts.log.close()
      try engine.parts.log.run()
    }
    #expect(seen.value == [true, true, true, true])
    #expect(drifts.value == 2)
    let log = String(decoding: disk.files.first { $0.path == "logs/events.jsonl" }?.bytes ?? [], as: UTF8.self)
    let lines = log.split(separator: "\n").map { $0.split(separator: "\"message\"")[0].dropFirst(43) }
    #expect(
      lines == [
        #""level":"ERROR","event_type":"BUDGET_DRIFT_DETECTED","books":"100","venue_free":"90","drift":"-10","#,
        #""level":"WARNING","event_type":"BUDGET_DRIFT_DETECTED","books":"90","venue_free":"95","drift":"5","#,
      ])
  }

  private func intent(_ id: String, _ time: Instant) -> OrderIntent {
    OrderIntent(
      id: id, decisionId: id, market: 0, symbol: ScriptedVenue.symbol("AIX"), side: .buy, clientOrderId: id,
      quantity: .one, price: .one, timeInForce: .gtc, quoteBudget: .one, startedAt: time, bid: .one, ask: .one)
  }
}

/// A value that a simulated run leaves to its test; one OS thread uses it.
final class Box<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}
