import Basics
import Trading

extension VenueProfile {
  /// MEXC spot v3, the field's venue. Codes: its error code page; `duplicateClientId`, `clientIdTooLong`, `quantityStep`,
  /// `priceTick` and `wouldTake` and the text of `banned` are undocumented there.
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
    orderNotFound: VenueError(code: -2011, text: "Unknown order sent", httpStatus: 400, kind: .unknownOrder),
    wouldTake: VenueError(
      code: -2010, text: "Order would immediately match and take.", httpStatus: 400, kind: .invalidOrder),
    tooManyOrders: VenueError(code: 429, text: "Too Many Requests", httpStatus: 429, kind: .rateLimited),
    priceTooFar: VenueError(code: 30010, text: "no valid trade price", httpStatus: 400, kind: .invalidOrder),
    tooManyOpenOrders: VenueError(
      code: 30029, text: "Cannot exceed the maximum order limit", httpStatus: 400, kind: .invalidOrder),
    marketClosed: VenueError(
      code: 30000, text: "suspended transaction for the symbol", httpStatus: 400, kind: .marketClosed),
    noOpponent: VenueError(code: 30025, text: "no exist opponent order", httpStatus: 400, kind: .invalidOrder),
    tooMuchWeight: VenueError(code: 429, text: "Too Many Requests", httpStatus: 429, kind: .rateLimited),
    tooManyNewOrders: VenueError(code: 429, text: "Too Many Requests", httpStatus: 429, kind: .rateLimited),
    banned: VenueError(code: 418, text: "IP banned", httpStatus: 418, kind: .rateLimited),
    wrongTime: VenueError(
      code: 700_003, text: "Timestamp for this request is outside of the recvWindow", httpStatus: 400, kind: .clock),
    replaceFailed: VenueError(code: 404, text: "Not Found", httpStatus: 404, kind: .invalidOrder),
    replaceHalfDone: VenueError(code: 404, text: "Not Found", httpStatus: 404, kind: .invalidOrder),
    others: [
      VenueError(code: 30016, text: "trading disabled", httpStatus: 400, kind: .marketClosed),
      VenueError(
        code: 30001, text: "current transaction direction is not allowed", httpStatus: 400, kind: .marketClosed),
      VenueError(code: 10072, text: "Invalid access key", httpStatus: 401, kind: .unauthorized),
      VenueError(code: 700_006, text: "IP non white list", httpStatus: 401, kind: .unauthorized),
      VenueError(code: 700_007, text: "No permission to access the endpoint", httpStatus: 401, kind: .unauthorized),
      VenueError(code: 602, text: "Signature verification failed", httpStatus: 400, kind: .unauthorized),
      VenueError(code: 403, text: "Access Denied", httpStatus: 403, kind: .other),
      VenueError(code: 500, text: "Internal error", httpStatus: 500, kind: .other),
      VenueError(code: 503, text: "Service not available", httpStatus: 503, kind: .network),
      VenueError(code: 504, text: "Gateway Time-out", httpStatus: 504, kind: .timeout),
    ])
}
