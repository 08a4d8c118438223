import Basics
import Trading

/// Places each order once, tries passing refusals again, and tells of every failure.
final class ReportingRouter: OrderRouter {
  private let context: EngineContext
  private let placing: OrderPlacing
  private let log: EventLog
  private let gate: any ExchangeGate
  private let intents: any IntentBook

  init(_ parts: EngineAssembly) {
    context = parts.context
    placing = OrderPlacing(parts)
    log = parts.events
    gate = parts.exchange
    intents = parts.intents
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    if context.stopping.isRequested { return try fail(intent.id, .shutdown) }
    var backoff = context.settings.routerBackoff
    for attempt in 1...(context.settings.routerMaxRetries + 1) {
      guard try placing.begin(intent, attempt: attempt) != nil else { return }
      let refusal: VenueError
      switch try gate.placeOrder(intent.request) {
      case .success(let ack): return try placing.acknowledged(intent, ack)
      case .failure(.unknownOutcome(let why)): return try unknown(intent, why)
      case .failure(.venue(let error)): refusal = error
      }
      context.runtime.landmark(.orderRefused)
      if isUnclear(refusal, attempt) { return try unknown(intent, refusal.description) }
      if refusal.isPermanent || attempt > context.settings.routerMaxRetries {
        return try fail(intent.id, OrderFailure(refusal))
      }
      if try context.stopping.wait(until: context.runtime.now + backoff) {
        return try fail(intent.id, OrderFailure(refusal))
      }
      backoff = backoff + backoff
    }
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try placing.fail(id, failure)
  }

  /// The reconciler asks for the order by its client id; it is never sent again.
  private func unknown(_ intent: OrderIntent, _ why: String) throws(Stopped) {
    let now = context.runtime.now
    try intents.update(intent.id) { progress in
      if progress.phase == .placing { progress.phase = .unknown }
      progress.lastNews = now
    }
    try log.order(
      .warning, .orderOutcomeUnknown,
      [
        LogField(.intentId, .text(intent.id)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.reason, .text(why)),
      ])
  }

  /// A network error may hide a placed order, and so may "duplicate id" when an earlier try was answered with an error.
  private func isUnclear(_ error: VenueError, _ attempt: Int) -> Bool {
    switch error.kind {
    case .network, .timeout: true
    case .duplicateClientId: attempt > 1
    default: false
    }
  }
}
