/// An order as the client asks for it.
public struct OrderRequest: Sendable, Hashable {
  /// The client's own name for the order; the venue refuses one it has seen.
  public var clientOrderId: String
  /// The market on which the order shall trade.
  public var symbol: Symbol
  /// Whether to buy or to sell the base asset.
  public var side: Side
  /// Limit, market, or one of the venue's other types.
  public var type: OrderType
  /// How long the unfilled rest of the order stays in the book.
  public var timeInForce: TimeInForce
  /// Base asset; nil only for a market order that says `quoteOrderQty`.
  public var quantity: Decimal?
  /// Quote asset per base asset; nil for a market order.
  public var price: Decimal?
  /// Quote asset to spend or to receive, for market orders.
  public var quoteOrderQty: Decimal?

  /// A request as given; the venue checks that the type has the quantity and the price that it needs.
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
