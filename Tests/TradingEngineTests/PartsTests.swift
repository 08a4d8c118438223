import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// 9.1's original in small: failures are swallowed, a bare event remains.
private final class SilentRouter: OrderRouter {
  let context: EngineContext
  let bus: any EventBus
  let gate: any ExchangeGate
  init(_ parts: EngineAssembly) {
    context = parts.context
    bus = parts.bus
    gate = parts.exchange
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    if case .failure = try gate.placeOrder(intent.request) {
      try fail(intent.id, OrderFailure(code: "", text: ""))
    }
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try bus.publish(.orderFailed(OrderFailed(intentId: id)))
  }
}

/// 9.2's original bus: subscribers run on the publisher's thread.
private final class InlineBus: EventBus {
  private let handlers = Box<[(Topic, @Sendable (EngineEvent) throws(Stopped) -> Void)]>([])
  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) { handlers.value.append((topic, handler)) }
  func publish(_ event: EngineEvent) throws(Stopped) {
    for (topic, handler) in handlers.value where topic == event.topic { try handler(event) }
  }
  func start(on threads: EngineThreads) throws(Stopped) {}
  func serveRouterLane() throws(Stopped) {}
  func close() throws(Stopped) {}
  func forgetHandlers() { handlers.value = [] }
}

/// 9.4's original: the venue is called on the main loop.
private final class InlineRefresher: BudgetRefresher {
  let context: EngineContext
  init(_ parts: EngineAssembly) {
    context = parts.context
  }
  func refresh() throws(Stopped) -> RefreshOutcome {
    guard case .success = try context.client.balances(deadline: .distantFuture) else { return .failed }
    return .refreshed
  }
  func start(on threads: EngineThreads) throws(Stopped) {}
  func run() throws(Stopped) {}
  func close() throws(Stopped) {}
}

@Suite struct PartsTests {
  @Test func `A router that swallows failures leaves no error line`() throws {
    var parts = EngineParts()
    parts.router = { SilentRouter($0) }
    let run = try EngineRun(for: .seconds(30), parts: parts, script: { _ in .refuse() })
    #expect(run.all("ORDER_SENT").count == 1)
    #expect(run.all("ORDER_FAILED").isEmpty)
    #expect(run.all("INTENT_CLEARED").first?["reason"]?.string == "order_failed")
  }

  @Test func `An inline bus blocks the main loop`() throws {
    var parts = EngineParts()
    parts.bus = { _ in InlineBus() }
    let run = try EngineRun(for: .seconds(30), symbols: ["AIX", "BLESS"], parts: parts)
    let sent = run.all("ORDER_SENT").compactMap { $0["timestamp"]?.string }
    #expect(sent.count == 2)
    #expect(sent.first != sent.last, "the second decision waits for the first order's call")
    let good = try EngineRun(for: .seconds(30), symbols: ["AIX", "BLESS"])
    #expect(Set(good.all("ORDER_SENT").compactMap { $0["timestamp"]?.string }).count == 1)
  }

  @Test func `An inline refresh blocks its caller`() throws {
    var parts = EngineParts()
    parts.refresher = { InlineRefresher($0) }
    let run = try EngineRun(
      for: .seconds(30), parts: parts, balanceDelay: .seconds(8))
    #expect(run.all("BUDGET_REFRESH").first?["blocked_ms"]?.double == 8000)
  }

  @Test(arguments: 1...60) func `Books agree under every schedule`(_ seed: UInt64) throws {
    let run = try EngineRun(
      for: .seconds(90), symbols: ["AIX", "BLESS", "COAI", "S0"],
      settings: [("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "5"), ("MAX_CONCURRENT_POSITIONS", "4")],
      schedule: .explore(CoinStrategy(stallEvery: 400, stallMax: .milliseconds(300))), seed: seed,
      script: { attempt in
        switch attempt.request.clientOrderId.utf8.reduce(0, { $0 &+ Int($1) }) % 6 {
        case 0: .refuse()
        case 1: .fillSilently
        case 2: attempt.number == 1 ? .refuse(ScriptedVenue.busy) : .fill(parts: 2, gap: .milliseconds(200))
        case 3: .unknown(isPlaced: true)
        default: .fill(parts: 3, gap: .milliseconds(150))
        }
      })
    #expect(run.result?.incidents.isEmpty == true, "\(run.result?.incidents.first?.summary ?? "")")
    #expect(run.report?.leaked == [])
    let sent = run.all("ORDER_SENT").compactMap { $0["intent_id"]?.string }
    let ended = (run.all("ORDER_FILLED") + run.all("ORDER_FAILED")).compactMap { $0["intent_id"]?.string }
    #expect(!sent.isEmpty)
    #expect(Set(sent).count == sent.count)
    #expect(ended.sorted() == sent.sorted(), "every order ends exactly once")
    let reserved = run.sum("BUDGET_RESERVED", "reserved")
    #expect(reserved == run.sum("BUDGET_COMMITTED", "committed") + run.sum("BUDGET_RELEASED", "released"))
    #expect(Set(run.placed.map(\.clientOrderId)).count == Set(sent).count)
  }
}
