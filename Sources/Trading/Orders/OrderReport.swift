import Basics

/// The state of an order as the venue reports it.
public struct OrderReport: Sendable, Hashable {
  /// The venue's name for the order.
  public var orderId: String
  /// The client's name, as the request had it.
  public var clientOrderId: String
  /// The market of the order.
  public var symbol: Symbol
  /// Whether the order buys or sells the base asset.
  public var side: Side
  /// Where the order stands at `updatedAt`.
  public var status: OrderStatus
  /// The limit price; nil for a market order.
  public var price: Decimal?
  /// Base asset asked for; zero when a market order said `quoteOrderQty` and nothing filled yet.
  public var quantity: Decimal
  /// Base asset filled so far.
  public var filledQuantity: Decimal
  /// Quote asset of the fills so far, before fees.
  public var filledQuote: Decimal
  /// Fees so far; nil when the venue does not say.
  public var fee: Fee?
  /// When the venue last changed the order.
  public var updatedAt: Instant

  /// A report as given; the figures are not checked against each other, so that what a faulty venue says can be represented.
  @inlinable
  public init(
    orderId: String, clientOrderId: String, symbol: Symbol, side: Side, status: OrderStatus, price: Decimal?,
    quantity: Decimal, filledQuantity: Decimal, filledQuote: Decimal, fee: Fee?, updatedAt: Instant
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
    self.fee = fee
    self.updatedAt = updatedAt
  }

  /// `filledQuote / filledQuantity`, rounded to 12 digits behind the point; nil when nothing is filled.
  public var averagePrice: Decimal? {
    filledQuantity.isPositive ? try? filledQuote.divided(by: filledQuantity, rounding: .halfEven) : nil
  }
}
