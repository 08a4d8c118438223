import Basics
import Trading

/// An order as the venue keeps it.
struct VenueOrder: Sendable {
  let id: Int
  let account: Int
  /// Position of its symbol in the venue.
  let market: Int
  let orderId: String
  let clientOrderId: String
  let symbol: Symbol
  let side: Side
  let type: OrderType
  let timeInForce: TimeInForce
  let price: Decimal?
  /// Base asset asked for; nil for a market order by quote amount.
  let quantity: Decimal?
  /// Quote asset to spend or receive, for a market order by quote amount.
  let quoteOrderQty: Decimal?
  var filledQuantity = Decimal.zero
  var filledQuote = Decimal.zero
  var feeAsset: String?
  var feeAmount = Decimal.zero
  /// Fees in more than one asset have no single amount to report.
  var feeIsMixed = false
  /// What the order still holds, of the quote asset for a buy and of the base asset for a sell.
  var locked = Decimal.zero
  var status = OrderStatus.new
  /// Where it stands in its book; nil: it does not, or it did until it was filled.
  var place: Int?
  /// A fault keeps it out of the book until then.
  var heldUntil: Instant?
  /// Parts that a fault lets trade only later.
  var partsLeft = 0
  /// Base asset that a fault lets trade at most; nil: all of it.
  var tradeMax: Decimal?
  var updatedAt: Instant
  /// Position of its last trade on the venue's tape; nil: it has not traded.
  var lastTrade: Int?

  init(id: Int, account: Int, market: Int, request: OrderRequest, at time: Instant) {
    self.id = id
    orderId = Venue.numbered("X", id)
    self.account = account
    self.market = market
    clientOrderId = request.clientOrderId
    symbol = request.symbol
    side = request.side
    type = request.type
    switch request.type {
    case .limit: timeInForce = request.timeInForce
    case .market: timeInForce = .ioc
    case .limitMaker: timeInForce = .gtc
    }
    price = request.type == .market ? nil : request.price
    quantity = request.quantity
    quoteOrderQty = request.quoteOrderQty
    updatedAt = time
  }

  /// The order as clients see it.
  @inline(__always)
  func report(withFee: Bool) -> OrderReport {
    let average =
      filledQuantity.isPositive ? try? filledQuote.divided(by: filledQuantity, rounding: .halfEven) : nil
    var fee: Fee?
    if withFee, !feeIsMixed, let feeAsset { fee = Fee(asset: feeAsset, amount: feeAmount) }
    return OrderReport(
      orderId: orderId, clientOrderId: clientOrderId, symbol: symbol, side: side, status: status, price: price,
      quantity: quantity ?? filledQuantity, filledQuantity: filledQuantity, filledQuote: filledQuote,
      averagePrice: average, fee: fee, updatedAt: updatedAt)
  }

  mutating func add(fee asset: String, _ amount: Decimal) {
    if let feeAsset, feeAsset != asset { feeIsMixed = true }
    feeAsset = asset
    feeAmount += amount
  }
}
