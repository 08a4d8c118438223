import Basics
import Trading

/// Runs calls on workers, so that every caller gets its answer in time even when the client ignores its deadline.
///
/// Each kind of call has one worker. One that is overdue is abandoned and replaced; while the second is overdue too, calls of
/// the kind are refused unsent. Sales, cancels and queries have as many as there are such calls at a time, so that what gets
/// the engine out of the market waits for nothing else. Nothing is locked while a call runs.
final class DeadlineGate: ExchangeGate {
  /// How much earlier than its caller the client is told to give up.
  private static let margin = Duration.milliseconds(50)
  /// Cancels, and queries, at a time.
  private static let lookupsMax = 16

  private let context: EngineContext
  private let place: CallLane<OrderAck>
  private let sell: LanePool<OrderAck>
  private let cancel: LanePool<OrderReport>
  private let query: LanePool<OrderReport>
  private let trades: LanePool<[Fill]>
  private let open: CallLane<[OrderReport]>
  private let account: CallLane<[Balance]>
  private let market: CallLane<[Quote]>
  private let rules: CallLane<[MarketRules]>
  private let clock: LanePool<Duration>
  private let stream: LanePool<Instant>

  init(_ parts: EngineAssembly) {
    context = parts.context
    place = CallLane(context, .exchangePlace)
    // A symbol has one sale at a time.
    sell = LanePool(context, .exchangeSell, lanesMax: context.markets.count)
    cancel = LanePool(context, .exchangeCancel, lanesMax: Self.lookupsMax)
    query = LanePool(context, .exchangeQuery, lanesMax: Self.lookupsMax)
    trades = LanePool(context, .exchangeTrades, lanesMax: Self.lookupsMax)
    open = CallLane(context, .exchangeOpen)
    account = CallLane(context, .exchangeBalance)
    market = CallLane(context, .exchangeQuotes)
    rules = CallLane(context, .exchangeRules)
    // Seldom needed: pools make their lane with the first call.
    clock = LanePool(context, .exchangeClock, lanesMax: 1)
    stream = LanePool(context, .exchangeStream, lanesMax: 1)
  }

  func placeOrder(
    _ request: OrderRequest, late: @escaping LateAnswer
  ) throws(Stopped) -> Result<OrderAck, CallFailure> {
    let (client, deadline, limit) = times
    let call: @Sendable () throws(Stopped) -> CallLane<OrderAck>.Answer = { () throws(Stopped) in
      try client.placeOrder(request, deadline: deadline)
    }
    return switch request.side {
    case .buy: try place.call(until: limit, late: late, call)
    case .sell: try sell.call(until: limit, late: late, call)
    }
  }

  func cancelOrder(
    symbol: Symbol, clientOrderId: String
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    let (client, deadline, limit) = times
    return try cancel.call(until: limit) { () throws(Stopped) in
      try client.cancelOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  func queryOrder(
    symbol: Symbol, clientOrderId: String
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    let (client, deadline, limit) = times
    return try query.call(until: limit) { () throws(Stopped) in
      try client.queryOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  func trades(
    symbol: Symbol, orderId: String, clientOrderId: String
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    let (client, deadline, limit) = times
    return try trades.call(until: limit) { () throws(Stopped) in
      try client.trades(symbol: symbol, orderId: orderId, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure> {
    let (client, deadline, limit) = times
    return try open.call(until: limit) { () throws(Stopped) in try client.openOrders(deadline: deadline) }
  }

  func balances() throws(Stopped) -> Result<[Balance], CallFailure> {
    let (client, deadline, limit) = times
    return try account.call(until: limit) { () throws(Stopped) in try client.balances(deadline: deadline) }
  }

  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure> {
    let (client, deadline, limit) = times
    return try market.call(until: limit) { () throws(Stopped) in try client.quotes(symbols, deadline: deadline) }
  }

  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure> {
    let (client, deadline, limit) = times
    return try rules.call(until: limit) { () throws(Stopped) in try client.marketRules(deadline: deadline) }
  }

  func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure> {
    let (client, deadline, limit) = times
    return try clock.call(until: limit) { () throws(Stopped) in
      try client.synchronizeClock(deadline: deadline)
    }
  }

  func openStream() throws(Stopped) -> Result<Instant, CallFailure> {
    let (client, deadline, limit) = times
    return try stream.call(until: limit) { () throws(Stopped) in
      try client.openStream(deadline: deadline)
    }
  }

  func renewStream() throws(Stopped) -> Result<Instant, CallFailure> {
    let (client, deadline, limit) = times
    return try stream.call(until: limit) { () throws(Stopped) in
      try client.renewStream(deadline: deadline)
    }
  }

  func hurry(placing: Instant, others: Instant) throws(Stopped) {
    try stream.hurry(until: others)
    try clock.hurry(until: others)
    try place.hurry(until: placing)
    try sell.hurry(until: placing)
    try cancel.hurry(until: others)
    try query.hurry(until: others)
    try trades.hurry(until: others)
    try open.hurry(until: others)
    try account.hurry(until: others)
    try market.hurry(until: others)
    try rules.hurry(until: others)
  }

  func close() throws(Stopped) {
    try stream.close()
    try clock.close()
    try place.close()
    try sell.close()
    try cancel.close()
    try query.close()
    try trades.close()
    try open.close()
    try account.close()
    try market.close()
    try rules.close()
  }

  private var times: (client: any ExchangeClient, deadline: Instant, limit: Instant) {
    let limit = context.runtime.now + context.settings.exchangeTimeout
    return (context.client, Instant(nanoseconds: limit.nanoseconds - Self.margin.nanoseconds), limit)
  }
}
