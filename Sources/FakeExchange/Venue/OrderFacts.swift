import Basics
import Trading

/// What stays the same of an order from the moment in which the venue takes it; the order and all that is told of it share one.
final class OrderFacts: Sendable {
  /// Of all orders of the venue, from 0.
  let number: Int
  let clientOrderId: String
  let symbol: Symbol
  let side: Side
  // Zero: none. The filters take only amounts above it, and an optional amount takes half as much room again.
  private let limit: Decimal
  private let base: Decimal
  let acceptedAt: Instant
  /// What the market's source showed at that moment; nil: its book was empty.
  let shown: ShownQuote?

  /// `price` and `quantity` are zero where there is none.
  init(
    _ number: Int, clientOrderId: String, symbol: Symbol, side: Side, price: Decimal, quantity: Decimal,
    at time: Instant,
    shown: ShownQuote?
  ) {
    self.number = number
    self.clientOrderId = clientOrderId
    self.symbol = symbol
    self.side = side
    limit = price
    base = quantity
    acceptedAt = time
    self.shown = shown
  }

  /// Nil: it takes any price.
  var price: Decimal? { limit.isZero ? nil : limit }
  /// Base asset asked for; nil for a market order by quote amount.
  var quantity: Decimal? { base.isZero ? nil : base }

  /// The venue's name for the order.
  var orderId: String { Venue.numbered("X", number) }

  func report(_ progress: OrderProgress, at time: Instant) -> OrderReport {
    OrderReport(
      orderId: orderId, clientOrderId: clientOrderId, symbol: symbol, side: side, status: progress.status, price: price,
      quantity: quantity ?? progress.filledQuantity, filledQuantity: progress.filledQuantity,
      filledQuote: progress.filledQuote, fee: progress.fee, updatedAt: time)
  }
}

/// How far an order has come.
struct OrderProgress: Sendable {
  var status: OrderStatus
  var filledQuantity = Decimal.zero
  var filledQuote = Decimal.zero
  /// Nil: none was taken, or in more than one asset.
  var fee: Fee?
}

/// One trade of an order, and the order after it.
final class TradeNews: Sendable {
  let order: OrderFacts
  let progress: OrderProgress
  /// Of all trades of the venue, from 1; both sides have the same.
  let number: Int
  let price: Decimal
  let quantity: Decimal
  let quote: Decimal
  let fee: Fee
  let isMaker: Bool
  let shown: ShownQuote?

  init(
    _ order: OrderFacts, _ progress: OrderProgress, number: Int, price: Decimal, quantity: Decimal, quote: Decimal,
    fee: Fee, isMaker: Bool, shown: ShownQuote?
  ) {
    self.order = order
    self.progress = progress
    self.number = number
    self.price = price
    self.quantity = quantity
    self.quote = quote
    self.fee = fee
    self.isMaker = isMaker
    self.shown = shown
  }

  func fill(at time: Instant) -> Fill {
    Fill(
      tradeId: Venue.numbered("T", number), orderId: order.orderId, clientOrderId: order.clientOrderId,
      symbol: order.symbol, side: order.side, price: price, quantity: quantity, quote: quote, fee: fee,
      isMaker: isMaker,
      time: time)
  }
}

/// An order that ended before it was filled.
final class EndNews: Sendable {
  let order: OrderFacts
  let progress: OrderProgress
  let shown: ShownQuote?

  init(_ order: OrderFacts, _ progress: OrderProgress, shown: ShownQuote?) {
    self.order = order
    self.progress = progress
    self.shown = shown
  }
}
