import Basics
import Trading

/// What all orders of a market share.
final class MarketFacts: Sendable {
  let symbol: Symbol
  let names: AssetNames

  init(_ symbol: Symbol, _ names: AssetNames) {
    self.symbol = symbol
    self.names = names
  }
}

/// What stays the same of an order from the moment in which the venue takes it; the order and all that is told of it share one.
final class OrderFacts: EventSubject, @unchecked Sendable {
  /// Of all orders of the venue, from 0.
  let number: Int
  let clientOrderId: String
  let market: MarketFacts
  // Zero: none. The filters take only amounts above it, and an optional amount takes half as much room again.
  private let limit: Decimal
  private let amount: Decimal
  let acceptedAt: Instant
  /// What the market's source showed at that moment; nil: its book was empty.
  let shown: ShownQuote?
  let side: Side
  /// Its amount is of the quote asset.
  private let isByQuote: Bool

  /// `price` is zero where there is none; `amount` is of the base asset, or of the quote asset.
  init(
    _ number: Int, clientOrderId: String, market: MarketFacts, side: Side, price: Decimal, amount: Decimal,
    isByQuote: Bool, at time: Instant, shown: ShownQuote?
  ) {
    self.number = number
    self.clientOrderId = clientOrderId
    self.market = market
    self.side = side
    limit = price
    self.amount = amount
    self.isByQuote = isByQuote
    acceptedAt = time
    self.shown = shown
  }

  var symbol: Symbol { market.symbol }
  /// Nil: it takes any price.
  @inline(__always) var price: Decimal? { limit.isZero ? nil : limit }
  /// Base asset asked for; nil for a market order by quote amount.
  @inline(__always) var quantity: Decimal? { isByQuote ? nil : amount }
  /// Quote asset to spend or receive, for a market order by quote amount.
  @inline(__always) var quoteOrderQty: Decimal? { isByQuote ? amount : nil }

  /// The venue's name for the order.
  var orderId: String { Venue.numbered("X", number) }

  func report(_ status: OrderStatus, _ filled: Filled = Filled(), fee: Fee?, at time: Instant) -> OrderReport {
    OrderReport(
      orderId: orderId, clientOrderId: clientOrderId, symbol: symbol, side: side, status: status, price: price,
      quantity: quantity ?? filled.quantity, filledQuantity: filled.quantity, filledQuote: filled.quote, fee: fee,
      updatedAt: time)
  }
}

/// How far an order has come.
struct Filled: Sendable {
  var quantity = Decimal.zero
  var quote = Decimal.zero
  var feeAmount = Decimal.zero
  /// Column of the asset of its fees, or of the last one.
  private var column = Filled.none
  /// Fees in more than one asset have no single amount to report.
  private(set) var feeIsMixed = false

  private static var none: Int32 { -1 }

  @inline(__always)
  init(quantity: Decimal = .zero, quote: Decimal = .zero) {
    self.quantity = quantity
    self.quote = quote
  }

  /// Nil: it has paid none.
  @inline(__always) var feeAsset: Int? { column == Self.none ? nil : Int(column) }

  @inline(__always)
  mutating func add(fee asset: Int, _ amount: Decimal) {
    if column != Self.none, column != Int32(asset) { feeIsMixed = true }
    column = Int32(asset)
    feeAmount += amount
  }

  /// All fees so far; nil: none was taken, or in more than one asset.
  func fee(_ assets: [String]) -> Fee? {
    guard !feeIsMixed, let feeAsset else { return nil }
    return Fee(asset: assets[feeAsset], amount: feeAmount)
  }
}
