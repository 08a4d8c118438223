import Basics
import Trading

/// Every call to the venue goes through here: it ends in time for its caller, and no lock is held while it runs.
///
/// Calls run inside the activity `exchange.<call>`.
public protocol ExchangeGate: EnginePart {
  func placeOrder(_ request: OrderRequest) throws(Stopped) -> Result<OrderAck, CallFailure>
  func cancelOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure>
  func queryOrder(symbol: Symbol, clientOrderId: String) throws(Stopped) -> Result<OrderReport, CallFailure>
  func openOrders() throws(Stopped) -> Result<[OrderReport], CallFailure>
  func balances() throws(Stopped) -> Result<[Balance], CallFailure>
  func quotes(_ symbols: [Symbol]) throws(Stopped) -> Result<[Quote], CallFailure>
  func marketRules() throws(Stopped) -> Result<[MarketRules], CallFailure>

  /// The engine ends: whoever waits for an order to be placed gets an answer by `placing`, every other caller by `others`.
  func hurry(placing: Instant, others: Instant) throws(Stopped)

  /// Ends the workers.
  func close() throws(Stopped)
}

extension ExchangeGate {
  /// Nothing: every caller waits as long as ever.
  public func hurry(placing: Instant, others: Instant) throws(Stopped) {}
}
