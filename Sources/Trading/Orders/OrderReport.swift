import Basics

/// The state of an order as the venue tells it.
public struct OrderReport: Sendable, Hashable {
  public var orderId: String
  public var clientOrderId: String
  public var symbol: Symbol
  public var side: Side
  public var status: OrderStatus
  /// The limit price; nil for a market order.
  public var price: Decimal?
  /// Base asset asked for; zero when a market order said `quoteOrderQty` and nothing filled yet.
  public var quantity: Decimal
  /// Base asset filled so far.
  public var filledQuantity: Decimal
  /// Quote asset of the fills so far, before fees.
  public var filledQuote: Decimal
  /// `filledQuote / filledQuantity`; nil when nothing is filled.
  public var averagePrice: Decimal?
  /// Fees so far; nil when the venue does not say.
  public var fee: Fee?
  public var updatedAt: Instant

  public init(
    orderId: String, clientOrderId: String, symbol: Symbol, side: Side, status: OrderStatus, price: Decimal?,
    quantity: Decimal, filledQuantity: Decimal, filledQuote: Decimal, averagePrice: Decimal?, fee: Fee?,
    updatedAt: Instant
  ) {
    self.orderId = orderId
    self.clientOrderId = clientOrderId
    self.symbol = symbol
    self.side = side
    self.status = status
    self.price = price
    self.quantity = quantity
    self.filledQuantity = filledQuantity
    self.filledQuote = filledQuote
    self.averagePrice = averagePrice
    self.fee = fee
    self.updatedAt = updatedAt
  }
}
