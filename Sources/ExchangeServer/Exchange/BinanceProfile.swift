public import FakeExchange
import Trading

/// Binance's words for what the venue refuses, where the venue's own profiles do not have them.
public enum WireProfiles {
  /// The profile of a venue by name; nil for one that has no dialect.
  public static func named(_ name: String) -> VenueProfile? {
    switch name {
    case "binance": binance
    case "mexc": .mexc
    default: nil
    }
  }

  /// Names of venues that have a dialect.
  public static let names = ["binance", "mexc"]

  /// Binance spot; codes and texts of its page "Error codes".
  public static let binance: VenueProfile = {
    var profile = VenueProfile.mexc
    func refusal(_ code: Int, _ text: String, _ kind: VenueError.Kind, status: Int = 400) -> VenueError {
      VenueError(code: code, text: text, httpStatus: status, kind: kind)
    }
    let noBalance = refusal(
      -2010, "Account has insufficient balance for requested action.", .insufficientBalance)
    profile.name = "binance"
    profile.feeMode = .received
    profile.clientOrderIdMax = 36
    // A day's limit and more; the venue forgets no order.
    profile.ordersMax = 250_000
    profile.unknownSymbol = refusal(-1121, "Invalid symbol.", .unknownSymbol)
    profile.insufficientBalance = noBalance
    profile.oversold = noBalance
    profile.belowMinimum = refusal(-1013, notional, .invalidOrder)
    profile.aboveMaximum = refusal(-1013, "Filter failure: LOT_SIZE", .invalidOrder)
    profile.quantityStep = refusal(-1013, "Filter failure: LOT_SIZE", .invalidOrder)
    profile.priceTick = refusal(-1013, "Filter failure: PRICE_FILTER", .invalidOrder)
    profile.malformed = refusal(
      -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.", .invalidOrder)
    profile.duplicateClientId = refusal(-2010, "Duplicate order sent.", .duplicateClientId)
    profile.clientIdTooLong = refusal(
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
      .invalidOrder)
    profile.unknownOrder = refusal(-2013, "Order does not exist.", .unknownOrder)
    profile.wouldTake = refusal(-2010, "Order would immediately match and take.", .invalidOrder)
    profile.tooManyOrders = refusal(
      -1015, "Too many new orders; current limit is 160000 orders per 1 DAY.", .rateLimited, status: 429)
    profile.others = [
      refusal(-2011, "Unknown order sent.", .unknownOrder), refusal(-2010, "Market is closed.", .marketClosed),
      refusal(-1000, "An unknown error occurred while processing the request.", .other, status: 500),
      refusal(
        -1001, "Internal error; unable to process your request. Please try again.", .network, status: 503),
      refusal(
        -1003,
        "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
        .rateLimited, status: 429),
      refusal(
        -1006, "An unexpected response was received from the message bus. Execution status unknown.", .network,
        status: 500),
      lostReply,
      refusal(
        -1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", .network,
        status: 503),
      refusal(-1015, "Too many new orders; current limit is 50 orders per 10 SECOND.", .rateLimited, status: 429),
      refusal(-1016, "This service is no longer available.", .network, status: 503),
      refusal(-2015, "Invalid API-key, IP, or permissions for action.", .other, status: 401),
    ]
    return profile
  }()

  /// What stands before the smallest notional in the venue's text.
  static let notional = "Filter failure: NOTIONAL"

  /// The answer to an order of which Binance's gateway does not know what became.
  static let lostReply = VenueError(
    code: -1007,
    text: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    httpStatus: 504, kind: .timeout)

  /// A refusal that a fault file names by one venue's code, in the words of another: the one of the same kind.
  static func translated(_ code: String, to profile: VenueProfile) -> VenueError {
    let number = Int(code)
    if let known = profile.errors.first(where: { $0.code == number }) { return known }
    let other: VenueProfile = profile.name == "mexc" ? binance : .mexc
    guard let meant = other.errors.first(where: { $0.code == number }) else { return profile.error(code: code) }
    if let same = (profile.others + profile.errors).first(where: {
      $0.kind == meant.kind && $0.httpStatus == meant.httpStatus
    }) {
      return same
    }
    return profile.errors.first { $0.kind == meant.kind } ?? meant
  }
}
