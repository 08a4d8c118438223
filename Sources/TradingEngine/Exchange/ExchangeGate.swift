import Basics
import Trading

/// Every call to the venue goes through here: it ends in time for its caller, and no lock is held while it runs.
///
/// Calls run inside the activity `exchange.<call>`.
public protocol ExchangeGate: EnginePart {
  /// What to do with an answer to a placing for which the caller no longer waited.
  typealias LateAnswer = @Sendable (Result<OrderAck, CallFailure>) throws(Stopped) -> Void

  /// Sends the order; `.unknownOutcome` when no answer came in time. One that comes afterwards, or whose caller's thread has
  /// ended, is handed to `late` where the gate can still get it.
  func placeOrder(
    _ request: OrderRequest, late: @escaping LateAnswer
  ) throws(Stopped) -> Result<OrderAck, CallFailure>
  /// Asks the venue to take the order back.
  func cancelOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure>
  /// Asks where the order stands.
  func queryOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure>
  /// Asks for the trades of the order that the venue calls `orderId`, oldest first.
  func trades(symbol: Symbol, orderId: String, clientOrderId: String) throws(Stopped) -> Result<[Fill], CallFailure>
  /// Asks for the orders that can still fill.
  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure>
  /// Asks for the account's balances.
  func balances() throws(Stopped) -> Result<[Balance], CallFailure>
  /// Asks for quotes of `symbols`; the answer may lack some, and have any order.
  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure>
  /// Asks for the rules of all markets.
  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure>

  /// Asks for the venue's time, and stamps later requests by it; the answer is how far the engine's clock is behind.
  func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure>

  /// Opens the user stream anew; the answer is until when its key is good.
  func openStream() throws(Stopped) -> Result<Instant, CallFailure>

  /// Gives the user stream's key more time.
  func renewStream() throws(Stopped) -> Result<Instant, CallFailure>

  /// The engine ends: whoever waits for an order to be placed gets an answer by `placing`, every other caller by `others`.
  func hurry(placing: Instant, others: Instant) throws(Stopped)

  /// Ends the workers.
  func close() throws(Stopped)
}

extension ExchangeGate {
  /// As above, for a caller that has no use for a late answer.
  public func placeOrder(_ request: OrderRequest) throws(Stopped) -> Result<OrderAck, CallFailure> {
    try placeOrder(request) { _ in }
  }

  /// Nothing: the one connection there is stays open.
  public func openStream() throws(Stopped) -> Result<Instant, CallFailure> { .success(.distantFuture) }

  /// Nothing, as above.
  public func renewStream() throws(Stopped) -> Result<Instant, CallFailure> { .success(.distantFuture) }

  /// Nothing: the clock is taken for right.
  public func synchronizeClock() throws(Stopped) -> Result<Duration, CallFailure> { .success(.zero) }

  /// Nothing: every caller waits as long as ever.
  public func hurry(placing: Instant, others: Instant) throws(Stopped) {}
}
