import Basics
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct FlowTests {
  @Test func `A drop is bought and sold again in the right order`() throws {
    let run = try EngineRun(for: .seconds(60))
    #expect(run.result?.incidents.isEmpty == true)
    let flow = run.order(of: [
      "DECISION_START", "DECISION_END", "BUDGET_RESERVED", "INTENT_PENDING", "ORDER_SENT", "ORDER_ACK", "ORDER_UPDATE",
      "BUDGET_COMMITTED", "POSITION_OPENED", "ORDER_FILLED", "BUDGET_RELEASED", "INTENT_CLEARED",
    ])
    #expect(
      Array(flow.prefix(12)) == [
        "DECISION_START", "DECISION_END", "BUDGET_RESERVED", "INTENT_PENDING", "ORDER_SENT", "ORDER_ACK",
        "ORDER_UPDATE", "BUDGET_COMMITTED", "POSITION_OPENED", "ORDER_FILLED", "INTENT_CLEARED", "DECISION_START",
      ])
    #expect(run.all("POSITION_CLOSED").count == 1)
    #expect(run.all("DECISION_END").compactMap { $0["outcome"]?.string } == ["signal_detected", "take_profit"])
    #expect(run.placed.map(\.side) == [.buy, .sell])
    #expect(run.placed.allSatisfy { $0.clientOrderId.utf8.count <= 32 })
    #expect(run.overview?.budget.reserved == .zero)
    #expect(run.summary?.ordersSent == 2)
    #expect(run.summary?.ordersFilled == 2)
    #expect(run.report?.leaked == [])
    #expect(run.all("SHUTDOWN_COMPLETE").first?["leaked"]?.array == [])
  }

  @Test func `Budget is committed or released exactly once`() throws {
    let run = try EngineRun(for: .seconds(30), script: { _ in .fill(parts: 4, gap: .milliseconds(700)) })
    let reserved = run.sum("BUDGET_RESERVED", "reserved")
    #expect(run.all("ORDER_UPDATE").count == 4)
    #expect(reserved == run.sum("BUDGET_COMMITTED", "committed") + run.sum("BUDGET_RELEASED", "released"))
    #expect(run.overview?.budget.free == Decimal(1000) - run.sum("BUDGET_COMMITTED", "committed"))
  }

  @Test func `A refusal is one error line and a cooldown`() throws {
    let run = try EngineRun(for: .seconds(60), script: { _ in .refuse() })
    let failed = run.all("ORDER_FAILED")
    #expect(run.placed.count == 1, "permanent refusals are not tried again, and the symbol rests for 60 s")
    #expect(failed.count == 1)
    #expect(failed.first?["level"]?.string == "ERROR")
    #expect(failed.first?["error_code"]?.string == "30004")
    #expect(failed.first?["exchange_error"]?.string == "InsufficientBalance:30004:Insufficient position")
    #expect(run.all("INTENT_CLEARED").map { $0["reason"]?.string } == ["order_failed"])
    #expect(run.all("BUDGET_RELEASED").count == 1)
    #expect(run.all("COOLDOWN_SET").count == 1)
    #expect(run.overview?.budget == BudgetSnapshot(free: Decimal(1000), reserved: .zero))
    #expect(run.logText.contains("\"level\":\"ERROR\""))
  }

  @Test func `A passing refusal is tried again`() throws {
    let run = try EngineRun(
      for: .seconds(30),
      script: { $0.number < 3 ? .refuse(ScriptedVenue.busy) : .fill(parts: 1, gap: .zero) })
    #expect(run.placed.count == 3)
    #expect(run.all("ORDER_FILLED").count == 1)
    #expect(run.all("ORDER_FAILED").isEmpty)
  }

  @Test(arguments: [
    VenueError(code: 500, text: "Internal error", httpStatus: 500, kind: .other),
    VenueError(code: 30_042, text: "clientOrderId already exists", httpStatus: 400, kind: .duplicateClientId),
  ])
  func `An order that is answered with HTTP 500, or as a duplicate, is asked for and never sent again`(
    error: VenueError
  ) throws {
    let run = try EngineRun(for: .seconds(60), script: { _ in .refuse(error) })
    #expect(run.placed.count == 1)
    #expect(run.all("ORDER_OUTCOME_UNKNOWN").compactMap { $0["reason"]?.string } == [error.description])
    #expect(run.all("ORDER_FAILED").compactMap { $0["error_code"]?.string } == ["NOT_FOUND"])
    #expect(run.pending.isEmpty)
  }

  @Test func `An order that rests is canceled and fails`() throws {
    let run = try EngineRun(for: .seconds(50), script: { _ in .rest })
    #expect(run.all("ORDER_FAILED").compactMap { $0["error_code"]?.string } == ["CANCELED"])
    #expect(run.pending.isEmpty)
  }

  @Test func `Orders file has the order events only`() throws {
    let run = try EngineRun(for: .seconds(30))
    let lines = try (run.file(QueuedLog.ordersFile) ?? []).split(separator: 0x0A).map { try JSON.parse(Array($0)) }
    let events = run.events.filter { $0["event_type"]?.string?.hasPrefix("ORDER_") == true }
    #expect(!events.isEmpty)
    #expect(lines == events)
  }

  @Test func `The same seed gives the same bytes`() throws {
    let first = try EngineRun(for: .seconds(60), symbols: ["AIX", "BLESS", "COAI"])
    let second = try EngineRun(for: .seconds(60), symbols: ["AIX", "BLESS", "COAI"])
    #expect(first.logText == second.logText)
    #expect(first.stateFile == second.stateFile)
  }
}
