import ChaosRuntime
import Trading

/// The decision to trade, made once; everything about it is fixed.
public struct OrderIntent: Sendable {
  public var id: String
  public var decisionId: String
  /// Index of the symbol in `Markets`.
  public var market: Int
  public var symbol: Symbol
  public var side: Side
  public var clientOrderId: String
  /// Base asset, a multiple of the market's step.
  public var quantity: Decimal
  /// The limit price, a multiple of the market's tick.
  public var price: Decimal
  public var timeInForce: TimeInForce
  /// Quote asset reserved for it, fee included; zero for a sale.
  public var quoteBudget: Decimal
  public var startedAt: Instant
  public var bid: Decimal
  public var ask: Decimal

  public init(
    id: String, decisionId: String, market: Int, symbol: Symbol, side: Side, clientOrderId: String, quantity: Decimal,
    price: Decimal, timeInForce: TimeInForce, quoteBudget: Decimal, startedAt: Instant, bid: Decimal, ask: Decimal
  ) {
    self.id = id
    self.decisionId = decisionId
    self.market = market
    self.symbol = symbol
    self.side = side
    self.clientOrderId = clientOrderId
    self.quantity = quantity
    self.price = price
    self.timeInForce = timeInForce
    self.quoteBudget = quoteBudget
    self.startedAt = startedAt
    self.bid = bid
    self.ask = ask
  }

  /// The order that carries the intent out.
  public var request: OrderRequest {
    OrderRequest(
      clientOrderId: clientOrderId, symbol: symbol, side: side, type: .limit, timeInForce: timeInForce,
      quantity: quantity, price: price)
  }
}
