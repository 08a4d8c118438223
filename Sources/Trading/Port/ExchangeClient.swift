import Basics

/// The port to a venue.
///
/// Every call takes an absolute deadline; after it the call answers `.unknownOutcome("deadline")`. A fault may make a call
/// ignore its deadline.
public protocol ExchangeClient: Sendable {
  /// Sends an order; a success says only that the venue has it.
  func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure>

  /// Takes an order out of the book and reports how far it was filled.
  func cancelOrder(symbol: Symbol, clientOrderId: String, deadline: Instant) throws(Stopped)
    -> Result<OrderReport, CallFailure>

  /// Tells where an order stands.
  func queryOrder(symbol: Symbol, clientOrderId: String, deadline: Instant) throws(Stopped)
    -> Result<OrderReport, CallFailure>

  /// Tells the trades of an order, oldest first: the second source of what was filled, and the one of its fees where a venue's
  /// other answers have none. The order is the one that the venue calls `orderId`.
  func trades(symbol: Symbol, orderId: String, clientOrderId: String, deadline: Instant) throws(Stopped)
    -> Result<[Fill], CallFailure>

  /// Tells all orders that can still fill, oldest first.
  func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure>

  /// Tells the account's balances, ordered by asset.
  func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure>

  /// Tells the top of the asked markets; symbols without a quote are left out, and the order is the venue's.
  func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure>

  /// Tells the rules of every market.
  func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure>

  /// Asks for the venue's time and stamps later requests by it; the answer is how far the client's clock is behind.
  func synchronizeClock(deadline: Instant) throws(Stopped) -> Result<Duration, CallFailure>

  /// Opens a connection for `userEvents` in place of the one there was; the answer is until when its key is good.
  func openStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure>

  /// Gives the key of the open connection more time; the answer is until when it is good.
  func renewStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure>

  /// Events of the account's own orders, in delivery order.
  var userEvents: any EventSource<UserEvent> { get }
}

extension ExchangeClient {
  /// Nothing: the one connection there is is never lost.
  public func openStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> { .success(.distantFuture) }

  /// Nothing, as above.
  public func renewStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    .success(.distantFuture)
  }

  /// Nothing: the client's clock is the venue's.
  public func synchronizeClock(deadline: Instant) throws(Stopped) -> Result<Duration, CallFailure> { .success(.zero) }
}
