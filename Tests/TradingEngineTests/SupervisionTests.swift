import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// Ends a thread before its waits: the first one after `from`, and as many more as `times` says.
private final class Killer: Interposer {
  private let runtime: Runtime
  private let thread: String
  private let from: Duration
  private let left: Box<Int>

  init(_ runtime: Runtime, _ thread: String, from: Duration, times: Int = 1) {
    (self.runtime, self.thread, self.from, left) = (runtime, thread, from, Box(times))
  }

  func atWait(_ condition: Condition) throws(Stopped) {
    guard runtime.threadName == thread, runtime.now > .simulationEpoch + from, left.value > 0 else { return }
    left.value -= 1
    throw .stopped
  }
}

@Suite struct SupervisionTests {
  private static let kept = [
    "log-writer", "state-writer", "budget-refresh", "order-router", "user-stream", "reconciler", "market-data",
    "heartbeat",
  ]

  @Test(arguments: kept) func `A thread that ends is started again and nothing is lost`(_ thread: String) throws {
    let run = try EngineRun(
      for: .seconds(60), settings: [("BUDGET_REFRESH_INTERVAL_S", "8")],
      interposer: { Killer($0, thread, from: .seconds(5)) })
    #expect(run.all("THREAD_RESTARTED").compactMap { $0["thread"]?.string } == [thread])
    #expect(run.summary?.threadsLost == 1)
    #expect(run.all("ORDER_FILLED").count == 2)
    #expect(run.all("BUDGET_REFRESH_TIMEOUT").count == (thread == "budget-refresh" ? 1 : 0))
    #expect(run.all("HEARTBEAT").compactMap { $0["seq"]?.int } == Array(1...(thread == "heartbeat" ? 13 : 12)))
    #expect(run.report?.leaked == [] && run.events.last?["event_type"]?.string == "SHUTDOWN_COMPLETE")
    #expect(run.stateFile?["pending_buy_intents"]?.members?.isEmpty == true)
  }

  @Test(arguments: kept) func `A thread that does not stay alive ends the engine in order`(_ thread: String) throws {
    let run = try EngineRun(
      for: .seconds(40), settings: [("BUDGET_REFRESH_INTERVAL_S", "3"), ("BUDGET_REFRESH_TIMEOUT_S", "1")],
      interposer: { Killer($0, thread, from: .seconds(5), times: 8) })
    let restarts = run.all("THREAD_RESTARTED").compactMap { $0["restarts"]?.int }
    #expect(restarts.prefix(5) == [1, 2, 3, 4, 5])
    #expect(run.all("THREAD_GIVEN_UP").compactMap { $0["thread"]?.string } == [thread])
    #expect(run.all("THREAD_GIVEN_UP").first?["level"]?.string == "ERROR")
    let types = run.events.compactMap { $0["event_type"]?.string }
    let after = types.firstIndex(of: "THREAD_GIVEN_UP").map { types[$0...] } ?? []
    #expect(!after.contains("DECISION_START") && !after.contains("ORDER_SENT"), "the engine has ended")
    #expect(run.report?.leaked == [] && run.events.last?["event_type"]?.string == "SHUTDOWN_COMPLETE")
    #expect(run.stateFile != nil)
  }

  @Test(arguments: ["exchange-place", "exchange-quotes", "exchange-query", "format-worker"])
  func `A worker that ends is replaced as often as it takes`(_ thread: String) throws {
    let run = try EngineRun(
      for: .seconds(60), symbols: ["AIX", "BLESS", "COAI"],
      script: { $0.request.side == .buy ? .fillSilently : .fill(parts: 1, gap: .zero) },
      interposer: { Killer($0, thread, from: .seconds(1), times: 3) })
    #expect(Set(run.all("THREAD_ENDED").compactMap { $0["thread"]?.string }) == [thread])
    #expect(run.summary?.threadsLost == run.all("THREAD_ENDED").count)
    #expect(run.all("ORDER_FILLED").count == 6 && run.pending.isEmpty)
    #expect(run.report?.leaked == [])
  }

  @Test func `An order whose thread ends over it is asked for`() throws {
    // The router waits for the worker that places the order.
    let run = try EngineRun(for: .seconds(30), interposer: { Killer($0, "order-router", from: .milliseconds(10_050)) })
    #expect(run.placed.count == 1)
    #expect(run.all("ORDER_OUTCOME_UNKNOWN").compactMap { $0["reason"]?.string } == ["the thread ended"])
    #expect(run.all("ORDER_FILLED").count == 1)
  }

  @Test func `A dead writer of the state still writes the last state`() throws {
    // It ends at each of its waits from shortly before the shutdown on.
    let run = try EngineRun(
      for: .seconds(12), interposer: { Killer($0, "state-writer", from: .milliseconds(11_900), times: 3) })
    let last = run.all("SHUTDOWN_STARTED").first?["timestamp"]?.string.flatMap { Instant(iso8601: $0) }
    let saved = run.stateFile?["last_update"]?.string.flatMap { Instant(iso8601: $0) }
    #expect(last != nil && (saved ?? .simulationEpoch) >= (last ?? .distantFuture))
  }

  @Test func `Orders of which nobody knows the end are named at the end`() throws {
    let run = try EngineRun(
      for: .seconds(12), settings: [("EXCHANGE_TIMEOUT_S", "600")], script: { _ in .hang(.seconds(500)) })
    #expect(run.all("INTENTS_LEFT_PENDING").map { $0["intents"]?.array?.compactMap(\.string) } == [["i-AIX_USDT-1"]])
  }
}
