import Basics
import Trading
import TradingEngine

/// The router as it was, but for 9.1: it gives the unfilled budget back itself, then tells of the failure.
final class ReleasingRouter: OrderRouter {
  private let context: EngineContext

  init(_ context: EngineContext) { self.context = context }

  func wire() throws(Stopped) {
    context.routeIntents { [self] intent throws(Stopped) in try submit(intent) }
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    guard let failure = try RetryLoop(context: context).send(intent) else { return }
    try fail(intent.id, failure)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    guard let failed = try context.intents.settle(id) else { return }
    let budget = failed.intent.quoteBudget
    let unfilled = budget - min(budget, failed.progress.filledQuote + failed.progress.feeQuote)
    try context.budget.release(failed.intent.with(quoteBudget: unfilled), reason: "order_router_release")
    try context.logFailed(failed, failure)
    try context.bus.publish(
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
