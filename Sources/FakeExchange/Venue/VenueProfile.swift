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
  /// Whether replies to query, cancel and open orders say the fee; user events always do, an acknowledgement never.
  public var repliesCarryFee: Bool
  /// Orders the venue remembers; the next one is refused with `tooManyOrders`.
  public var ordersMax: Int
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
  /// The account has no such order on that market.
  public var unknownOrder: VenueError
  /// A maker-only order would trade at once.
  public var wouldTake: VenueError
  /// The venue remembers `ordersMax` orders already.
  public var tooManyOrders: VenueError
  /// Further refusals that faults may name by code.
  public var others: [VenueError]

  /// Every refusal that the profile can give.
  public var errors: [VenueError] {
    [
      unknownSymbol, insufficientBalance, oversold, belowMinimum, aboveMaximum, quantityStep, priceTick, malformed,
      duplicateClientId, clientIdTooLong, unknownOrder, wouldTake, tooManyOrders,
    ] + others
  }

  /// The refusal with that code as a fault file writes it; an unknown code gives a refusal of kind `.other`.
  public func error(code: String) -> VenueError {
    let number = Int(code)
    if let known = errors.first(where: { $0.code == number }) { return known }
    // Codes of three digits are HTTP statuses that the venue's table has no text for.
    let status = number.flatMap { (403...599).contains($0) ? $0 : nil } ?? 400
    return VenueError(code: number ?? 0, text: number == nil ? code : "", httpStatus: status, kind: .other)
  }

  /// MEXC spot v3, the field's venue. Codes: its error code page; `duplicateClientId`, `clientIdTooLong`, `quantityStep`,
  /// `priceTick` and `wouldTake` are undocumented there.
  public static let mexc = VenueProfile(
    name: "mexc", feeMode: .quote, clientOrderIdMax: 32, repliesCarryFee: true, ordersMax: 100_000,
    quantityMax: Decimal(1_000_000_000_000), priceMax: Decimal(1_000_000_000),
    unknownSymbol: VenueError(code: 10007, text: "bad symbol", httpStatus: 400, kind: .unknownSymbol),
    insufficientBalance: VenueError(
      code: 30004, text: "Insufficient position", httpStatus: 400, kind: .insufficientBalance),
    oversold: VenueError(code: 30005, text: "Oversold", httpStatus: 400, kind: .insufficientBalance),
    belowMinimum: VenueError(
      code: 30002, text: "The minimum transaction volume cannot be less than:", httpStatus: 400, kind: .invalidOrder),
    aboveMaximum: VenueError(
      code: 30003, text: "The maximum transaction volume cannot be greater", httpStatus: 400, kind: .invalidOrder),
    quantityStep: VenueError(code: 400, text: "amount scale is invalid", httpStatus: 400, kind: .invalidOrder),
    priceTick: VenueError(code: 30010, text: "no valid trade price", httpStatus: 400, kind: .invalidOrder),
    malformed: VenueError(
      code: 700_004, text: "Mandatory parameter was not sent or malformed", httpStatus: 400, kind: .invalidOrder),
    duplicateClientId: VenueError(
      code: 30_042, text: "clientOrderId already exists", httpStatus: 400, kind: .duplicateClientId),
    clientIdTooLong: VenueError(
      code: 700_008, text: "Illegal characters found in parameter 'newClientOrderId'", httpStatus: 400,
      kind: .invalidOrder),
    unknownOrder: VenueError(code: -2011, text: "Unknown order sent", httpStatus: 400, kind: .unknownOrder),
    wouldTake: VenueError(
      code: -2010, text: "Order would immediately match and take.", httpStatus: 400, kind: .invalidOrder),
    tooManyOrders: VenueError(code: 429, text: "Too Many Requests", httpStatus: 429, kind: .rateLimited),
    others: [
      VenueError(code: 30000, text: "suspended transaction for the symbol", httpStatus: 400, kind: .marketClosed),
      VenueError(code: 30016, text: "trading disabled", httpStatus: 400, kind: .marketClosed),
      VenueError(code: 500, text: "Internal error", httpStatus: 500, kind: .other),
      VenueError(code: 503, text: "Service not available", httpStatus: 503, kind: .network),
      VenueError(code: 504, text: "Gateway Time-out", httpStatus: 504, kind: .timeout),
    ])
}
