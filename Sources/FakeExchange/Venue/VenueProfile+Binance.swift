import Basics
import Trading

extension VenueProfile {
  /// Binance spot. Codes and texts: its spot API documentation, "Error codes" and "Filters"; limits: `exchangeInfo`. Where its
  /// documents give no status of a 5XX, 503 or 504 is taken.
  public static let binance: VenueProfile = {
    var profile = VenueProfile(
      name: "binance", feeMode: .received, clientOrderIdMax: 36, repliesCarryFee: false, ordersMax: 100_000,
      quantityMax: Decimal(1_000_000_000_000), priceMax: Decimal(1_000_000_000),
      unknownSymbol: refusal(-1121, "Invalid symbol.", .unknownSymbol),
      insufficientBalance: refusal(
        -2010, "Account has insufficient balance for requested action.", .insufficientBalance),
      oversold: refusal(-2010, "Account has insufficient balance for requested action.", .insufficientBalance),
      belowMinimum: filter("NOTIONAL"), aboveMaximum: filter("LOT_SIZE"), quantityStep: filter("LOT_SIZE"),
      priceTick: filter("PRICE_FILTER"),
      malformed: refusal(
        -1102, "Mandatory parameter was not sent, was empty/null, or malformed.", .invalidOrder),
      duplicateClientId: refusal(-2010, "Duplicate order sent.", .duplicateClientId),
      clientIdTooLong: refusal(
        -1100,
        "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
        .invalidOrder),
      unknownOrder: refusal(-2011, "Unknown order sent.", .unknownOrder),
      orderNotFound: refusal(-2013, "Order does not exist.", .unknownOrder),
      wouldTake: refusal(-2010, "Order would immediately match and take.", .invalidOrder),
      tooManyOrders: newOrders, priceTooFar: filter("PERCENT_PRICE_BY_SIDE"),
      tooManyOpenOrders: filter("MAX_NUM_ORDERS"), marketClosed: refusal(-2010, "Market is closed.", .marketClosed),
      noOpponent: refusal(
        -2010, "Order book liquidity is less than LOT_SIZE filter minimum quantity.", .invalidOrder),
      tooMuchWeight: VenueError(
        code: -1003,
        text: "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket "
          + "Streams for live updates to avoid polling the API.", httpStatus: 429, kind: .rateLimited),
      tooManyNewOrders: newOrders,
      banned: VenueError(
        code: -1003,
        text:
          "Way too much request weight used; IP banned. Please use WebSocket Streams for live updates to avoid bans.",
        httpStatus: 418, kind: .rateLimited),
      wrongTime: refusal(-1021, "Timestamp for this request is outside of the recvWindow.", .clock),
      replaceFailed: refusal(-2022, "Order cancel-replace failed.", .invalidOrder),
      replaceHalfDone: VenueError(
        code: -2021, text: "Order cancel-replace partially failed.", httpStatus: 409, kind: .invalidOrder),
      others: serverErrors)
    profile.documentsFeesFromReceived = true
    // `executionReport` has the commission of its trade, `n`, and none of the order.
    profile.eventsSumFees = false
    profile.belowQuantity = filter("LOT_SIZE")
    profile.saysMinimum = false
    profile.reusesClientIds = true
    profile.pricesAllowed = Decimal(coefficient: Decimal.one.coefficient / 5)...Decimal(5)
    profile.openOrdersMax = 200
    profile.hasCancelReplace = true
    profile.selfTradeEnd = .expiredInMatch
    profile.limits = VenueLimits(
      weightMax: 6000, window: .seconds(60), isPerCall: false,
      orderRates: [
        VenueLimits.OrderRate(ordersMax: 50, window: .seconds(10)),
        VenueLimits.OrderRate(ordersMax: 160_000, window: .seconds(86_400)),
      ])
    return profile
  }()

  /// Binance spot as older bots know it: the filters `MIN_NOTIONAL` and `PERCENT_PRICE`, 1200 of weight a minute, 100 orders in
  /// 10 s, and fees in the quote asset's place taken out of what is received.
  public static let binanceLegacy: VenueProfile = {
    var profile = binance
    profile.name = "binance-legacy"
    profile.belowMinimum = filter("MIN_NOTIONAL")
    profile.priceTooFar = filter("PERCENT_PRICE")
    profile.hasCancelReplace = false
    profile.limits = VenueLimits(
      weightMax: 1200, window: .seconds(60), isPerCall: false,
      orderRates: [VenueLimits.OrderRate(ordersMax: 100, window: .seconds(10))])
    return profile
  }()

  private static let newOrders = VenueError(
    code: -1015, text: "Too many new orders; current limit is 50 orders per 10 SECOND.", httpStatus: 429,
    kind: .rateLimited)

  private static let serverErrors = [
    VenueError(
      code: -1001, text: "Internal error; unable to process your request. Please try again.", httpStatus: 503,
      kind: .network),
    VenueError(
      code: -1006,
      text: "An unexpected response was received from the message bus. Execution status unknown.", httpStatus: 503,
      kind: .network),
    VenueError(
      code: -1007,
      text: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
      httpStatus: 504, kind: .timeout),
    VenueError(
      code: -1008,
      text: "Server is currently overloaded with other requests. Please try again in a few minutes.", httpStatus: 503,
      kind: .network),
    VenueError(code: -1016, text: "This service is no longer available.", httpStatus: 503, kind: .network),
    VenueError(
      code: -2015, text: "Invalid API-key, IP, or permissions for action.", httpStatus: 401, kind: .unauthorized),
    VenueError(code: -2014, text: "API-key format invalid.", httpStatus: 401, kind: .unauthorized),
    VenueError(code: -1022, text: "Signature for this request is not valid.", httpStatus: 400, kind: .unauthorized),
    VenueError(code: -1125, text: "This listenKey does not exist.", httpStatus: 400, kind: .unknownOrder),
    VenueError(code: 500, text: "Internal error", httpStatus: 500, kind: .other),
    VenueError(code: 503, text: "Service Unavailable", httpStatus: 503, kind: .network),
    VenueError(code: 504, text: "Gateway Time-out", httpStatus: 504, kind: .timeout),
  ]

  private static func refusal(_ code: Int, _ text: String, _ kind: VenueError.Kind) -> VenueError {
    VenueError(code: code, text: text, httpStatus: 400, kind: kind)
  }

  private static func filter(_ name: String) -> VenueError { refusal(-1013, "Filter failure: \(name)", .invalidOrder) }
}
