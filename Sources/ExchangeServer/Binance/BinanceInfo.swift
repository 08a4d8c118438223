import Basics
import Trading

/// What `exchangeInfo` says of a symbol and of the limits.
enum BinanceInfo {
  /// Digits of every asset.
  private static let precision = 8

  /// The rules that the venue enforces, PRICE_FILTER first: cryptofeed reads the first filter's tick size.
  static func symbol(_ rules: MarketRules) -> JSON {
    let least = rules.minQuantity.isPositive ? rules.minQuantity : rules.step
    let lots: (String) -> JSON = { name in
      .object([
        ("filterType", .string(name)), ("minQty", BinanceJSON.text(least)),
        ("maxQty", .string("1000000000000.00000000")), ("stepSize", BinanceJSON.text(rules.step)),
      ])
    }
    return .object([
      ("symbol", .string(WireExchange.name(rules.symbol))), ("status", .string("TRADING")),
      ("baseAsset", .string(rules.symbol.base)), ("baseAssetPrecision", .int(precision)),
      ("quoteAsset", .string(rules.symbol.quote)), ("quotePrecision", .int(precision)),
      ("quoteAssetPrecision", .int(precision)), ("baseCommissionPrecision", .int(precision)),
      ("quoteCommissionPrecision", .int(precision)),
      ("orderTypes", .array([.string("LIMIT"), .string("LIMIT_MAKER"), .string("MARKET")])),
      ("icebergAllowed", .bool(false)), ("ocoAllowed", .bool(false)), ("otoAllowed", .bool(false)),
      ("opoAllowed", .bool(false)), ("quoteOrderQtyMarketAllowed", .bool(true)), ("allowTrailingStop", .bool(false)),
      ("cancelReplaceAllowed", .bool(true)), ("amendAllowed", .bool(false)), ("pegInstructionsAllowed", .bool(false)),
      ("isSpotTradingAllowed", .bool(true)), ("isMarginTradingAllowed", .bool(false)),
      (
        "filters",
        .array([
          .object([
            ("filterType", .string("PRICE_FILTER")), ("minPrice", BinanceJSON.text(rules.tick)),
            ("maxPrice", .string("1000000000.00000000")), ("tickSize", BinanceJSON.text(rules.tick)),
          ]),
          lots("LOT_SIZE"), lots("MARKET_LOT_SIZE"),
          .object([
            ("filterType", .string("NOTIONAL")), ("minNotional", BinanceJSON.text(rules.minNotional)),
            ("applyMinToMarket", .bool(true)), ("maxNotional", .string("9000000000000.00000000")),
            ("applyMaxToMarket", .bool(false)), ("avgPriceMins", .int(0)),
          ]),
        ])
      ),
      ("permissions", .array([.string("SPOT")])), ("permissionSets", .array([.array([.string("SPOT")])])),
      ("defaultSelfTradePreventionMode", .string("EXPIRE_TAKER")),
      ("allowedSelfTradePreventionModes", .array([.string("EXPIRE_TAKER")])),
    ])
  }

  /// The limits, with what is used of them where an answer of the WebSocket API has it.
  static func rateLimits(_ used: RequestLimits?) -> JSON {
    func limit(_ type: String, _ interval: String, _ number: Int, _ limit: Int, _ count: Int?) -> JSON {
      .object(
        [
          ("rateLimitType", .string(type)), ("interval", .string(interval)), ("intervalNum", .int(number)),
          ("limit", .int(limit)),
        ] + (count.map { [("count", .int($0))] } ?? []))
    }
    return .array([
      limit("REQUEST_WEIGHT", "MINUTE", 1, RequestLimits.weightMax, used?.weight),
      limit("ORDERS", "SECOND", 10, RequestLimits.ordersMax, used?.orders),
      limit("ORDERS", "DAY", 1, RequestLimits.dayOrdersMax, used?.dayOrders),
    ])
  }
}
