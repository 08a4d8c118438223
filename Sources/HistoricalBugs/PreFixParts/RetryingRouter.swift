import Basics
import TradingEngine

/// The engine's router with the sending loop as it was: it sends again whatever went wrong, and only then tells of the failure.
final class RetryingRouter: OrderRouter {
  private let sending: RetryLoop
  private let placing: OrderPlacing

  init(_ parts: EngineAssembly) {
    sending = RetryLoop(parts)
    placing = OrderPlacing(parts)
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    guard let failure = try sending.send(intent) else { return }
    try fail(intent.id, failure)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) { try placing.fail(id, failure) }
}
