import Basics

/// One trade of an order.
public struct Fill: Sendable, Hashable {
  /// The venue's name for the trade; unique on its symbol. A fill that is delivered twice has the same one.
  public var tradeId: String
  /// The venue's name for the order that traded.
  public var orderId: String
  /// The client's name for the order that traded.
  public var clientOrderId: String
  /// The market on which the trade was made.
  public var symbol: Symbol
  /// Whether the account bought or sold the base asset.
  public var side: Side
  /// Quote asset for one unit of the base asset.
  public var price: Decimal
  /// Base asset.
  public var quantity: Decimal
  /// Quote asset, before the fee.
  public var quote: Decimal
  /// Nil when the venue does not say.
  public var fee: Fee?
  /// Whether the order was resting in the book.
  public var isMaker: Bool
  /// When the venue matched the orders, which is before anybody hears of it.
  public var time: Instant

  /// A fill as given; that `quote` is price × quantity is the venue's affair.
  @inlinable
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

extension Fill {
  /// What was paid for all of them; nil where one does not say, or they were paid in more than one asset.
  public static func fee(of fills: [Fill]) -> Fee? {
    guard let asset = fills.first?.fee?.asset else { return nil }
    var sum = Decimal.zero
    for fill in fills {
      guard let fee = fill.fee, fee.asset == asset, let next = try? sum.adding(fee.amount) else { return nil }
      sum = next
    }
    return Fee(asset: asset, amount: sum)
  }
}
