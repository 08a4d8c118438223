import Basics
import Trading

/// The client port: each call is the venue's call of the same meaning.
extension ExchangeFront {
  /// Nominal 270 ms; a success says that the venue has the order, and nothing of its fills.
  public func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure> {
    try call(.place(request), deadline: deadline).map { reply in
      guard case .ack(let ack) = reply else { return ExchangeFront.mismatch(reply) }
      return ack
    }
  }

  /// Takes the order out of the book; the report has what was filled before.
  public func cancelOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try call(.cancel(symbol, clientOrderId: clientOrderId), deadline: deadline).map(ExchangeFront.report)
  }

  /// The order as the venue has it when the request arrives, which may be older than the user stream by the time of the
  /// answer.
  public func queryOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try call(.query(symbol, clientOrderId: clientOrderId), deadline: deadline).map(ExchangeFront.report)
  }

  /// The trades of an order when the request arrives, oldest first, each with its fee.
  public func trades(
    symbol: Symbol, orderId: String, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    let request = VenueRequest.trades(symbol, orderId: orderId, clientOrderId: clientOrderId)
    return try call(request, deadline: deadline).map { reply in
      guard case .trades(let fills) = reply else { return ExchangeFront.mismatch(reply) }
      return fills
    }
  }

  /// Orders that rest in a book, oldest first.
  public func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure> {
    try call(.openOrders, deadline: deadline).map { reply in
      guard case .reports(let reports) = reply else { return ExchangeFront.mismatch(reply) }
      return reports
    }
  }

  /// Balances that are not zero, by asset.
  public func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure> {
    try call(.balances, deadline: deadline).map { reply in
      guard case .balances(let balances) = reply else { return ExchangeFront.mismatch(reply) }
      return balances
    }
  }

  /// Quotes in force when the request arrives, in the order asked; a symbol that has none yet is left out.
  public func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure> {
    try call(.quotes(symbols), deadline: deadline).map { reply in
      guard case .quotes(let quotes) = reply else { return ExchangeFront.mismatch(reply) }
      return quotes
    }
  }

  /// Rules of every market of the venue, in the order of the market source.
  public func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure> {
    try call(.marketRules, deadline: deadline).map { reply in
      guard case .rules(let rules) = reply else { return ExchangeFront.mismatch(reply) }
      return rules
    }
  }

  /// Opens the user stream anew; events of the connection before that are still on their way come all the same.
  public func openStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    try call(.openStream, deadline: deadline).map(ExchangeFront.keyEnd)
  }

  /// Gives the key of the user stream its whole life again.
  public func renewStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    try call(.renewStream, deadline: deadline).map(ExchangeFront.keyEnd)
  }

  private static func keyEnd(_ reply: VenueReply) -> Instant {
    guard case .stream(let until) = reply else { return mismatch(reply) }
    return until
  }

  /// Stamps later requests by the venue's clock; half of the way there and back is taken for the way there.
  public func synchronizeClock(deadline: Instant) throws(Stopped) -> Result<Duration, CallFailure> {
    let asked = runtime.now
    switch try call(.serverTime, deadline: deadline) {
    case .failure(let failure): return .failure(failure)
    case .success(let reply):
      guard case .time(let time) = reply else { return .success(ExchangeFront.mismatch(reply)) }
      let skew = faults?.clockSkew(.serverTime) ?? .zero
      let halfway = Duration(nanoseconds: (runtime.now - asked).nanoseconds / 2)
      let offset = time - (asked + halfway + skew)
      state.withLock { $0.clockCorrection = offset }
      return .success(offset)
    }
  }

  private static func report(_ reply: VenueReply) -> OrderReport {
    guard case .report(let report) = reply else { return mismatch(reply) }
    return report
  }

  private static func mismatch<Answer>(_ reply: VenueReply) -> Answer {
    preconditionFailure("the venue answered another question: \(reply)")
  }
}
