import Basics
import Trading

/// Stands in front of whatever gate the engine was put together with: runs each call in its activity, and leaves
/// EXCHANGE_CALL_SLOW behind when a caller waited beyond EXCHANGE_TIMEOUT_S.
final class TimedGate: ExchangeGate {
  /// A call that takes longer than this is slow; the field's quotes took 1.2 s at most, other calls 0.7 s (HISTORY 4).
  private static let slow = Duration.seconds(2)

  private let inner: any ExchangeGate
  private let context: EngineContext
  private let log: EventLog

  init(_ parts: EngineAssembly) {
    inner = parts.gate
    context = parts.context
    log = parts.events
  }

  func hurry(placing: Instant, others: Instant) throws(Stopped) { try inner.hurry(placing: placing, others: others) }
  func close() throws(Stopped) { try inner.close() }
  func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure> { try inner.synchronizeClock() }

  func placeOrder(
    _ request: OrderRequest, late: @escaping LateAnswer
  ) throws(Stopped) -> Result<OrderAck, CallFailure> {
    try timed("exchange.place_order", looksOnly: false) { () throws(Stopped) in
      try inner.placeOrder(request) { [self] answer throws(Stopped) in
        try heed(answer, of: "exchange.place_order", false)
        try late(answer)
      }
    }
  }

  func cancelOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try timed("exchange.cancel_order", looksOnly: false) { () throws(Stopped) in
      try inner.cancelOrder(symbol: symbol, clientOrderId: clientOrderId)
    }
  }

  func queryOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try timed("exchange.query_order") { () throws(Stopped) in
      try inner.queryOrder(symbol: symbol, clientOrderId: clientOrderId)
    }
  }

  func trades(
    symbol: Symbol, orderId: String, clientOrderId: String
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    try timed("exchange.order_trades") { () throws(Stopped) in
      try inner.trades(symbol: symbol, orderId: orderId, clientOrderId: clientOrderId)
    }
  }

  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure> {
    try timed("exchange.open_orders") { () throws(Stopped) in try inner.openOrders() }
  }

  func balances() throws(Stopped) -> Result<[Balance], CallFailure> {
    try timed("exchange.fetch_balance") { () throws(Stopped) in try inner.balances() }
  }

  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure> {
    try timed("exchange.fetch_tickers") { () throws(Stopped) in try inner.quotes(symbols) }
  }

  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure> {
    try timed("exchange.market_rules") { () throws(Stopped) in try inner.marketRules() }
  }

  func openStream() throws(Stopped) -> Result<Instant, CallFailure> {
    try timed("exchange.open_stream") { () throws(Stopped) in try inner.openStream() }
  }

  func renewStream() throws(Stopped) -> Result<Instant, CallFailure> {
    try timed("exchange.renew_stream") { () throws(Stopped) in try inner.renewStream() }
  }

  private func timed<Reply>(
    _ activity: StaticString, looksOnly: Bool = true, _ call: () throws(Stopped) -> Result<Reply, CallFailure>
  ) throws(Stopped) -> Result<Reply, CallFailure> {
    let start = context.runtime.now
    let kind = "\(activity)"
    if context.pauses.mustWait(kind, at: start) { return .failure(.venue(Self.notSent)) }
    if context.runtime.isUnderWay("exchange.", longerThan: Self.slow) { context.runtime.landmark(.callBesideASlowOne) }
    let reply = try context.runtime.activity(activity, call)
    let took = context.runtime.now - start
    if took > context.settings.exchangeTimeout {
      try log(
        .warning, .exchangeCallSlow,
        [
          LogField(.thread, context.runtime.threadName), LogField(.call, "\(activity)"),
          LogField(.tookMs, .number(took.milliseconds)),
        ])
    }
    try heed(reply, of: kind, looksOnly)
    return reply
  }

  /// What the venue says of the engine's pace and clock, whatever the call was about.
  private func heed<Reply>(
    _ reply: Result<Reply, CallFailure>, of call: String, _ looksOnly: Bool
  ) throws(Stopped) {
    var error: VenueError?
    if case .failure(.venue(let refusal)) = reply { error = refusal }
    if let pause = context.pauses.ended(call, looksOnly: looksOnly, error, at: context.runtime.now), let error {
      try log(
        .warning, .limitPause,
        [
          LogField(.call, .text(call)), LogField(.code, .integer(error.code)),
          LogField(.retryAfterS, .number(pause.seconds)),
        ])
    }
    if let error, error.kind == .invalidOrder { context.markets.doubt() }
    guard let error, error.kind == .clock else { return }
    // The request was not carried out; whoever made it asks again, by the right time.
    if case .success(let offset) = try inner.synchronizeClock() {
      try log(
        .warning, .clockSynchronized,
        [LogField(.call, .text(call)), LogField(.offsetMs, .number(offset.milliseconds))])
    }
  }

  /// What a caller is told whose call was not made.
  private static let notSent = VenueError(
    code: 0, text: "not sent: the venue asks for a pause", httpStatus: 0, kind: .notSent)
}
