/// What an order may trade at; the raw value is how logs write it.
public enum OrderType: String, Sendable, Hashable {
  /// At its price or better.
  case limit
  /// At whatever the book offers.
  case market
  /// At its price and only as a maker; refused when it would match at once.
  case limitMaker = "limit_maker"

  /// How venues and fault selectors write it: `LIMIT`, `MARKET` or `LIMIT_MAKER`.
  public var wireName: String {
    switch self {
    case .limit: "LIMIT"
    case .market: "MARKET"
    case .limitMaker: "LIMIT_MAKER"
    }
  }
}

/// How long the unfilled part of an order lives; the raw value is how logs write it.
public enum TimeInForce: String, Sendable, Hashable {
  /// Until it is filled or canceled.
  case gtc
  /// Not at all: fill what is there, expire the rest.
  case ioc
  /// All at once or nothing.
  case fok

  /// How venues write it: `GTC`, `IOC` or `FOK`.
  public var wireName: String {
    switch self {
    case .gtc: "GTC"
    case .ioc: "IOC"
    case .fok: "FOK"
    }
  }
}
