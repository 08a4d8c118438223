import Basics
import Trading

/// Runs calls on workers, so that every caller gets its answer in time even when the client ignores its deadline.
///
/// Each kind of call has one worker. One that is overdue is abandoned and replaced; while the second is overdue too, calls of
/// the kind are refused unsent. Sales, cancels and queries have as many as there are such calls at a time, so that what gets
/// the engine out of the market waits for nothing else. Nothing is locked while a call runs.
public final class DeadlineGate: ExchangeGate {
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

  /// A gate that has made no call; each kind of call starts its threads with its first.
  public init(_ parts: EngineAssembly) {
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

  /// Sends the order: a purchase on the one lane of purchases, a sale on any that is free.
  public func placeOrder(
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

  /// Asks the venue to take the order back.
  public func cancelOrder(
    symbol: Symbol, clientOrderId: String
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    let (client, deadline, limit) = times
    return try cancel.call(until: limit) { () throws(Stopped) in
      try client.cancelOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  /// Asks where the order stands.
  public func queryOrder(
    symbol: Symbol, clientOrderId: String
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    let (client, deadline, limit) = times
    return try query.call(until: limit) { () throws(Stopped) in
      try client.queryOrder(symbol: symbol, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  /// Asks for what an order has traded.
  public func trades(
    symbol: Symbol, orderId: String, clientOrderId: String
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    let (client, deadline, limit) = times
    return try trades.call(until: limit) { () throws(Stopped) in
      try client.trades(symbol: symbol, orderId: orderId, clientOrderId: clientOrderId, deadline: deadline)
    }
  }

  /// Asks for the orders that can still fill.
  public func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure> {
    let (client, deadline, limit) = times
    return try open.call(until: limit) { () throws(Stopped) in try client.openOrders(deadline: deadline) }
  }

  /// Asks for the account's balances.
  public func balances() throws(Stopped) -> Result<[Balance], CallFailure> {
    let (client, deadline, limit) = times
    return try account.call(until: limit) { () throws(Stopped) in try client.balances(deadline: deadline) }
  }

  /// Asks for quotes of `symbols`.
  public func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure> {
    let (client, deadline, limit) = times
    return try market.call(until: limit) { () throws(Stopped) in try client.quotes(symbols, deadline: deadline) }
  }

  /// Asks for the rules of all markets.
  public func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure> {
    let (client, deadline, limit) = times
    return try rules.call(until: limit) { () throws(Stopped) in try client.marketRules(deadline: deadline) }
  }

  /// Asks for the venue's time; how far the engine's clock is behind.
  public func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure> {
    let (client, deadline, limit) = times
    return try clock.call(until: limit) { () throws(Stopped) in
      try client.synchronizeClock(deadline: deadline)
    }
  }

  /// Opens the user stream anew; until when its key is good.
  public func openStream() throws(Stopped) -> Result<Instant, CallFailure> {
    let (client, deadline, limit) = times
    return try stream.call(until: limit) { () throws(Stopped) in
      try client.openStream(deadline: deadline)
    }
  }

  /// Gives the user stream's key more time.
  public func renewStream() throws(Stopped) -> Result<Instant, CallFailure> {
    let (client, deadline, limit) = times
    return try stream.call(until: limit) { () throws(Stopped) in
      try client.renewStream(deadline: deadline)
    }
  }

  /// Lets nobody wait beyond these times any more.
  public func hurry(placing: Instant, others: Instant) throws(Stopped) {
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

  /// Ends the workers.
  public func close() throws(Stopped) {
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
