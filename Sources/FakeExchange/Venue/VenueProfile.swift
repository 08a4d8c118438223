import Trading

/// What one venue says and accepts: codes, texts, limits and the asset of its fees.
///
/// Texts that the venue does not document are plain parameters; set the field to what you have seen.
public struct VenueProfile: Sendable {
  /// What settings and recordings call the venue.
  public var name: String
  /// In what fees are taken.
  public var feeMode: FeeMode
  /// Longest client order id, in bytes.
  public var clientOrderIdMax: Int
  /// Whether replies to query, cancel and open orders say the fee; an acknowledgement never does.
  public var repliesCarryFee: Bool
  /// Whether user events say the fees of the whole order so far; those of trades say the trade's own in any case.
  public var eventsSumFees = true
  /// Orders the venue remembers; the next one is refused with `tooManyOrders`.
  public var ordersMax: Int
  /// Whether its documents say that fees are taken out of what is received, whatever `feeMode` makes it do.
  public var documentsFeesFromReceived = false
  /// Whether a client order id is free again once its order has ended: then a request that is sent again by mistake trades again.
  public var reusesClientIds = false
  /// Whether the smallest notional and the quote asset are appended to the text of `belowMinimum`.
  public var saysMinimum = true
  /// How far a limit price may lie from the last price, as multiples of it; nil: anywhere (`PERCENT_PRICE`).
  public var pricesAllowed: ClosedRange<Decimal>?
  /// Open orders of one symbol at most (`MAX_NUM_ORDERS`).
  public var openOrdersMax = 500
  /// Requests and new orders that the venue takes.
  public var limits = VenueLimits(
    weightMax: 500, window: .seconds(10), isPerCall: true, orderRates: [])
  /// How old a request may be when it arrives; one from more than a second ahead is refused as well.
  public var recvWindow = Duration.seconds(60)
  /// Whether the venue takes an order back and places another in one call.
  public var hasCancelReplace = false
  /// How an order ends that would trade with another of its account.
  public var selfTradeEnd = OrderStatus.expired
  /// How long the key of a user stream lives without being renewed.
  public var streamKeyLife = Duration.seconds(3600)
  /// Largest quantity of an order, base asset; of a market order by quote amount, quote asset.
  public var quantityMax: Decimal
  /// Largest limit price, quote asset.
  public var priceMax: Decimal

  /// The venue has no such market.
  public var unknownSymbol: VenueError
  /// Too little quote asset for a buy.
  public var insufficientBalance: VenueError
  /// Too little base asset for a sell.
  public var oversold: VenueError
  /// The smallest notional and the quote asset are appended to its text.
  public var belowMinimum: VenueError
  /// Quantity, amount or price above the venue's largest.
  public var aboveMaximum: VenueError
  /// The quantity is no multiple of the market's step.
  public var quantityStep: VenueError
  /// The price is no multiple of the market's tick.
  public var priceTick: VenueError
  /// The request lacks a value, has one too many, or one that is not above zero.
  public var malformed: VenueError
  /// The account has used the client order id before.
  public var duplicateClientId: VenueError
  /// The client order id is empty or too long.
  public var clientIdTooLong: VenueError
  /// The account has no such open order on that market, when it is to be taken back.
  public var unknownOrder: VenueError
  /// The account has no such order on that market, when it is asked for.
  public var orderNotFound: VenueError
  /// A maker-only order would trade at once.
  public var wouldTake: VenueError
  /// The venue remembers `ordersMax` orders already.
  public var tooManyOrders: VenueError
  /// The price lies beyond `pricesAllowed`.
  public var priceTooFar: VenueError
  /// The symbol has `openOrdersMax` open orders of the account.
  public var tooManyOpenOrders: VenueError
  /// The quantity lies below the market's smallest; nil: `belowMinimum` says it.
  public var belowQuantity: VenueError?
  /// The market takes no orders.
  public var marketClosed: VenueError
  /// A market order finds nobody to trade with.
  public var noOpponent: VenueError
  /// More weight than the venue takes.
  public var tooMuchWeight: VenueError
  /// More new orders than the venue takes.
  public var tooManyNewOrders: VenueError
  /// The client went on after it was told to pause.
  public var banned: VenueError
  /// The request's time is too far from the venue's.
  public var wrongTime: VenueError
  /// `cancelReplace` failed in both parts, or in its second alone; venues without the call never say it.
  public var replaceFailed: VenueError
  /// The old order is taken back, the new one refused.
  public var replaceHalfDone: VenueError
  /// Further refusals that faults may name by code.
  public var others: [VenueError]

  /// The account's key may not do it, or not any more.
  var keyRevoked: VenueError { others.first { $0.kind == .unauthorized } ?? error(code: "-2015") }

  /// Every refusal that the profile can give.
  public var errors: [VenueError] {
    [
      unknownSymbol, insufficientBalance, oversold, belowMinimum, aboveMaximum, quantityStep, priceTick, malformed,
      duplicateClientId, clientIdTooLong, unknownOrder, orderNotFound, wouldTake, tooManyOrders, priceTooFar,
      tooManyOpenOrders, marketClosed, noOpponent, tooMuchWeight, banned, tooManyNewOrders, wrongTime, replaceFailed,
      replaceHalfDone,
    ] + (belowQuantity.map { [$0] } ?? []) + others
  }

  /// Every profile, the default first.
  public static let all = [mexc, binance, binanceLegacy]

  /// The profile of that name; nil: there is none.
  public static func named(_ name: String) -> VenueProfile? { all.first { $0.name == name } }

  /// The refusal with that code as a fault file writes it; an unknown code gives a refusal of kind `.other`.
  public func error(code: String) -> VenueError {
    let number = Int(code)
    if let known = errors.first(where: { $0.code == number }) { return known }
    // A code of the other venue means here what it means there.
    for other in VenueProfile.all where other.name != name {
      if let known = other.errors.first(where: { $0.code == number }) { return known }
    }
    // Codes of three digits are HTTP statuses that the venue's table has no text for.
    let status = number.flatMap { (403...599).contains($0) ? $0 : nil } ?? 400
    return VenueError(code: number ?? 0, text: number == nil ? code : "", httpStatus: status, kind: .other)
  }
}
