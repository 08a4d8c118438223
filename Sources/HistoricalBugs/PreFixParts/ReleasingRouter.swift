import Basics
import Trading
import TradingEngine

/// The router as it was, but for 9.1: it gives the unfilled budget back itself, then tells of the failure.
final class ReleasingRouter: OrderRouter {
  private let sending: RetryLoop
  private let log: EventLog
  private let bus: any EventBus
  private let budget: any BudgetLedger
  private let intents: any IntentBook

  init(_ parts: EngineAssembly) {
    sending = RetryLoop(parts)
    log = parts.events
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
    let reserved = failed.intent.quoteBudget
    let unfilled = reserved - min(reserved, failed.progress.filledQuote + failed.progress.feeQuote)
    try budget.release(failed.intent.with(quoteBudget: unfilled), reason: "order_router_release")
    try log.failed(failed, failure)
    try bus.publish(
      .orderFailed(
        OrderFailed(
          intentId: id, symbol: failed.intent.symbol, side: failed.intent.side, code: failure.code,
          reason: Self.exchangeError(failure))))
  }

  /// The venue's words; an order that it ended came with none: the key was there, its value was None.
  private static func exchangeError(_ failure: OrderFailure) -> String? {
    let ends: [OrderStatus] = [.canceled, .partiallyCanceled, .expired]
    return ends.contains { $0.rawValue == failure.code } ? nil : failure.text
  }
}
