/// An order as the client asks for it.
public struct OrderRequest: Sendable, Hashable {
  /// The client's own name for the order; the venue refuses one it has seen.
  public var clientOrderId: String
  public var symbol: Symbol
  public var side: Side
  public var type: OrderType
  public var timeInForce: TimeInForce
  /// Base asset; nil only for a market order that says `quoteOrderQty`.
  public var quantity: Decimal?
  /// Quote asset per base asset; nil for a market order.
  public var price: Decimal?
  /// Quote asset to spend or to receive, for market orders.
  public var quoteOrderQty: Decimal?

  public init(
    clientOrderId: String, symbol: Symbol, side: Side, type: OrderType, timeInForce: TimeInForce = .gtc,
    quantity: Decimal? = nil, price: Decimal? = nil, quoteOrderQty: Decimal? = nil
  ) {
    self.clientOrderId = clientOrderId
    self.symbol = symbol
    self.side = side
    self.type = type
    self.timeInForce = timeInForce
    self.quantity = quantity
    self.price = price
    self.quoteOrderQty = quoteOrderQty
  }
}
