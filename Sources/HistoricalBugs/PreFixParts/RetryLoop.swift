import Basics
import Trading
import TradingEngine

/// The router's sending loop before the fixes of 9.1 and 9.2.
///
/// It cannot tell a refusal for ever from one for now: whatever goes wrong, it sends the same order again. The counter goes
/// up before the limit is looked at, so ROUTER_MAX_RETRIES 3 means four sends; the pauses, 400 ms and 800 ms by default,
/// come only while the counter is below the limit. The thread that called waits all the time.
/// Source: HISTORY 2.3 and H-SERV-01, `services/order_router.py` before 4d0ef46.
struct RetryLoop: Sendable {
  private let context: EngineContext
  private let placing: OrderPlacing
  private let gate: any ExchangeGate

  init(_ parts: EngineAssembly) {
    context = parts.context
    placing = OrderPlacing(parts)
    gate = parts.exchange
  }

  /// Sends the order until the venue takes it; what went wrong with the last send, or nil when nothing is left to do.
  func send(_ intent: OrderIntent) throws(Stopped) -> OrderFailure? {
    let retriesMax = context.settings.routerMaxRetries
    var backoff = context.settings.routerBackoff
    var last: OrderFailure?
    var attempt = 0
    while attempt <= retriesMax {
      attempt += 1
      guard try placing.begin(intent, attempt: attempt) != nil else { return nil }
      switch try gate.placeOrder(intent.request) {
      case .success(let ack):
        try placing.acknowledged(intent, ack)
        return nil
      case .failure(.venue(let error)): last = OrderFailure(error)
      case .failure(.unknownOutcome(let why)):
        context.runtime.landmark(.outcomeUnknown)
        last = OrderFailure(code: "UNKNOWN", text: "UnknownOutcome:UNKNOWN:\(why)")
      }
      context.runtime.landmark(.orderRefused)
      if attempt < retriesMax {
        try context.runtime.sleep(backoff)
        backoff = backoff + backoff
      }
    }
    return last
  }
}
