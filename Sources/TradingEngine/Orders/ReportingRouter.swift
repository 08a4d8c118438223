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

  /// Should the thread end over an order, nobody knows what became of it: the reconciler asks.
  func submit(_ intent: OrderIntent) throws(Stopped) {
    do throws(Stopped) { try place(intent) } catch {
      if let phase = try intents.find(intent.id)?.progress.phase, phase == .created || phase == .placing {
        try unknown(intent, .unknownOutcome("the thread ended"))
      }
      throw error
    }
  }

  private func place(_ intent: OrderIntent) throws(Stopped) {
    if context.stopping.isRequested { return try fail(intent.id, .shutdown) }
    var backoff = context.settings.routerBackoff
    for attempt in 1...(context.settings.routerMaxRetries + 1) {
      guard try placing.begin(intent, attempt: attempt) != nil else { return }
      let failure: CallFailure
      let answer = try gate.placeOrder(intent.request) { [self] answer throws(Stopped) in
        try answered(late: answer, intent)
      }
      switch answer {
      case .success(let ack): return try placing.acknowledged(intent, ack)
      case .failure(let why): failure = why
      }
      if case .venue = failure { context.runtime.landmark(.orderRefused) }
      switch Self.failureClass(failure) {
      case .unknown: return try unknown(intent, failure)
      case .final: return try fail(intent.id, OrderFailure(failure))
      case .passing, .limit:
        guard attempt <= context.settings.routerMaxRetries else { return try fail(intent.id, OrderFailure(failure)) }
      }
      // While the venue asks for a pause the order waits with it; one that would be too old by then fails now.
      let resumed = context.pauses.end
      let now = context.runtime.now
      if resumed > now + context.settings.exchangeTimeout { return try fail(intent.id, OrderFailure(failure)) }
      if try context.stopping.wait(until: max(now + backoff, resumed)) {
        return try fail(intent.id, OrderFailure(failure))
      }
      backoff = backoff + backoff
    }
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try placing.fail(id, failure)
  }

  /// An answer that came when nobody waited for it. A refusal settles the order; what became of one that was taken is asked
  /// for anyway.
  private func answered(late answer: Result<OrderAck, CallFailure>, _ intent: OrderIntent) throws(Stopped) {
    guard case .failure(let failure) = answer, Self.failureClass(failure) == .final else { return }
    var refusal = OrderFailure(failure)
    refusal.isOfUntakenOrder = true
    try fail(intent.id, refusal)
  }

  /// The reconciler asks for the order by its client id; it is never sent again.
  private func unknown(_ intent: OrderIntent, _ failure: CallFailure) throws(Stopped) {
    context.runtime.landmark(.outcomeUnknown)
    let now = context.runtime.now
    try intents.update(intent.id) { progress in
      if progress.phase == .placing || progress.phase == .created { progress.phase = .unknown }
      progress.lastNews = now
    }
    try log.order(
      .warning, .orderOutcomeUnknown,
      [
        LogField(.intentId, .text(intent.id)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.reason, .text(failure.description)),
      ])
  }

  /// "Duplicate id" says that an order of that name is there: an earlier try of it, or the same request, doubled on its way.
  private static func failureClass(_ failure: CallFailure) -> FailureClass {
    if case .venue(let error) = failure, error.kind == .duplicateClientId { return .unknown }
    return failure.failureClass
  }
}
