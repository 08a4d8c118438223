import Basics
import Trading

/// An order as the venue keeps it, for ever: what can be had from its market is not kept with it.
///
/// Its figures are read where it stands, so they are inlined: a call would be handed a copy of the whole.
struct VenueOrder: Sendable {
  /// What stays the same as long as it lives.
  let facts: OrderFacts
  // What a cancel looks at stands beside it, in one line of the cache.
  private var accountIndex: Int32
  private let marketIndex: Int32
  private var bookPlace = VenueOrder.none
  private var lastOnTape = VenueOrder.none
  let side: Side
  let type: OrderType
  let timeInForce: TimeInForce
  var status = OrderStatus.new
  /// What the order still holds, of the quote asset for a buy and of the base asset for a sell.
  var locked: Decimal
  var filled = Filled()
  var updatedAt: Instant

  private static var none: Int32 { -1 }

  init(_ facts: OrderFacts, account: Int, market: Int, request: OrderRequest, locked: Decimal) {
    self.facts = facts
    self.locked = locked
    accountIndex = Int32(account)
    marketIndex = Int32(market)
    side = request.side
    type = request.type
    switch request.type {
    case .limit: timeInForce = request.timeInForce
    case .market: timeInForce = .ioc
    case .limitMaker: timeInForce = .gtc
    }
    updatedAt = facts.acceptedAt
  }

  /// The venue's name for it.
  var orderId: String { facts.orderId }
  @inline(__always) var clientOrderId: String { facts.clientOrderId }

  @inline(__always) var account: Int { Int(accountIndex) }
  /// Position of its symbol in the venue.
  @inline(__always) var market: Int { Int(marketIndex) }
  /// Nil: it takes any price.
  @inline(__always) var price: Decimal? { facts.price }
  /// Base asset asked for; nil for a market order by quote amount.
  @inline(__always) var quantity: Decimal? { facts.quantity }
  /// Quote asset to spend or receive, for a market order by quote amount.
  @inline(__always) var quoteOrderQty: Decimal? { facts.quoteOrderQty }

  @inline(__always) var filledQuantity: Decimal { filled.quantity }
  @inline(__always) var filledQuote: Decimal { filled.quote }

  /// Where it stands in its book; nil: it does not, or it did until it was filled.
  @inline(__always) var place: Int? {
    get { bookPlace == Self.none ? nil : Int(bookPlace) }
    set { bookPlace = newValue.map { Int32($0) } ?? Self.none }
  }

  /// Position of its last trade on the venue's tape; nil: it has not traded.
  @inline(__always) var lastTrade: Int? { lastOnTape == Self.none ? nil : Int(lastOnTape) }

  /// Makes it nobody's: a forgotten order is found by no account until its page is given back.
  mutating func disown() { accountIndex = Self.none }

  /// Books a trade and its fee; an order by quote amount is filled when its owner says so.
  @inline(__always)
  mutating func fill(_ trade: KeptTrade, _ quote: Decimal, feeFromLocked: Bool, onTape place: Int) {
    if feeFromLocked { locked -= trade.feeAmount }
    filled.add(fee: Int(trade.feeAsset), trade.feeAmount)
    filled.quantity += trade.quantity
    filled.quote += quote
    updatedAt = trade.time
    lastOnTape = Int32(place)
    status = filled.quantity == facts.quantity ? .filled : .partiallyFilled
  }
}

/// What a fault makes of an order that the venue has taken.
struct HeldOrder: Sendable {
  /// The order stays out of the book until then; nil: it does not.
  var until: Instant?
  /// Parts that are let trade only later.
  var partsLeft = 0
  /// Base asset that is let trade at most; nil: all of it.
  var tradeMax: Decimal?
}
