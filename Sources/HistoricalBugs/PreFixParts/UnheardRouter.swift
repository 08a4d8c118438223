import Basics
import Trading
import TradingEngine

/// The router of the first fix of 9.1 and 9.2 (4d0ef46): it tells of a failure through a logger that has no such method.
///
/// `order_failed` was added to the class JsonlLogger; the router held a JsonlWriter, which can `write` and nothing else. The
/// call threw before the event was published, and the catch-all around the handler swallowed the error. Source: HISTORY
/// 1.0, steps 1 and 2.
final class UnheardRouter: OrderRouter {
  /// What the router's logger was.
  private struct JsonlWriter {
    /// Python's AttributeError.
    struct NoSuchMethod: Error {}

    func orderFailed(_ id: String, _ failure: OrderFailure) throws(NoSuchMethod) { throw NoSuchMethod() }
  }

  private let sending: RetryLoop
  private let bus: any EventBus
  private let budget: any BudgetLedger
  private let intents: any IntentBook
  private let writer = JsonlWriter()

  init(_ parts: EngineAssembly) {
    sending = RetryLoop(parts)
    bus = parts.bus
    budget = parts.budget
    intents = parts.intents
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    guard let failure = try sending.send(intent) else { return }
    try fail(intent.id, failure)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    guard let failed = try intents.settle(id) else { return }
    try budget.release(failed.intent, reason: "order_router_release|intent=\(id)|error=\(failure.text)")
    do throws(JsonlWriter.NoSuchMethod) { try writer.orderFailed(id, failure) } catch { return }
    try bus.publish(.orderFailed(OrderFailed(intentId: id, code: failure.code, reason: failure.text)))
  }
}
