import Basics

/// One trade of an order.
public struct Fill: Sendable, Hashable {
  public var tradeId: String
  public var orderId: String
  public var clientOrderId: String
  public var symbol: Symbol
  public var side: Side
  public var price: Decimal
  /// Base asset.
  public var quantity: Decimal
  /// Quote asset, before the fee.
  public var quote: Decimal
  /// Nil when the venue does not say.
  public var fee: Fee?
  /// Whether the order was resting in the book.
  public var isMaker: Bool
  public var time: Instant

  public init(
    tradeId: String, orderId: String, clientOrderId: String, symbol: Symbol, side: Side, price: Decimal,
    quantity: Decimal, quote: Decimal, fee: Fee?, isMaker: Bool, time: Instant
  ) {
    self.tradeId = tradeId
    self.orderId = orderId
    self.clientOrderId = clientOrderId
    self.symbol = symbol
    self.side = side
    self.price = price
    self.quantity = quantity
    self.quote = quote
    self.fee = fee
    self.isMaker = isMaker
    self.time = time
  }
}
