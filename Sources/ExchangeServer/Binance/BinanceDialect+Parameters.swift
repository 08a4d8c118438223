/// Which parameters each call reads: Binance refuses what it does not read.
///
/// Source: Binance's pages of the REST API, and "Error codes" for -1101, -1104 and -1105. Calls that are not here, such as those of
/// /sapi, take whatever comes.
extension BinanceDialect {
  /// What every signed call reads besides its own.
  private static let signing = ["timestamp", "recvWindow", "signature"]
  private static let placing = [
    "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "newClientOrderId", "strategyId",
    "strategyType", "stopPrice", "trailingDelta", "icebergQty", "newOrderRespType", "selfTradePreventionMode",
    "pegPriceType", "pegOffsetValue", "pegOffsetType",
  ]

  /// By method and path.
  static let parameters: [String: Set<String>] = {
    let open: [String: [String]] = [
      "GET /api/v3/ping": [], "GET /api/v3/time": [],
      "GET /api/v3/exchangeInfo": ["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"],
      "GET /api/v3/depth": ["symbol", "limit", "symbolStatus"], "GET /api/v3/trades": ["symbol", "limit"],
      "GET /api/v3/historicalTrades": ["symbol", "limit", "fromId"],
      "GET /api/v3/aggTrades": ["symbol", "fromId", "startTime", "endTime", "limit"],
      "GET /api/v3/klines": ["symbol", "interval", "startTime", "endTime", "timeZone", "limit"],
      "GET /api/v3/uiKlines": ["symbol", "interval", "startTime", "endTime", "timeZone", "limit"],
      "GET /api/v3/avgPrice": ["symbol"],
      "GET /api/v3/ticker/24hr": ["symbol", "symbols", "type", "symbolStatus"],
      "GET /api/v3/ticker/tradingDay": ["symbol", "symbols", "timeZone", "type", "symbolStatus"],
      "GET /api/v3/ticker/price": ["symbol", "symbols", "symbolStatus"],
      "GET /api/v3/ticker/bookTicker": ["symbol", "symbols", "symbolStatus"],
    ]
    let signed: [String: [String]] = [
      "POST /api/v3/order": placing, "POST /api/v3/order/test": placing + ["computeCommissionRates"],
      "POST /api/v3/order/cancelReplace": placing + [
        "cancelReplaceMode", "cancelNewClientOrderId", "cancelOrigClientOrderId", "cancelOrderId", "cancelRestrictions",
        "orderRateLimitExceededMode",
      ],
      "GET /api/v3/order": ["symbol", "orderId", "origClientOrderId"],
      "DELETE /api/v3/order": ["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"],
      "GET /api/v3/openOrders": ["symbol"], "DELETE /api/v3/openOrders": ["symbol"],
      "GET /api/v3/allOrders": ["symbol", "orderId", "startTime", "endTime", "limit"],
      "GET /api/v3/myTrades": ["symbol", "orderId", "startTime", "endTime", "fromId", "limit"],
      "GET /api/v3/rateLimit/order": [], "GET /api/v3/account": ["omitZeroBalances"],
      "GET /api/v3/account/commission": ["symbol"],
    ]
    return open.mapValues { Set($0) }.merging(signed.mapValues { Set($0 + signing) }) { first, _ in first }
  }()

  /// Refuses what the call does not read, what is sent twice in one place, and what is empty.
  static func check(_ request: WireRequest, reads: Set<String>?) throws(BinanceError) {
    if let name = request.doubled { throw BinanceError(-1101, "Duplicate values for parameter '\(name)'.") }
    guard let reads else { return }
    var read = 0
    for item in request.items.items {
      guard reads.contains(item.name) else { continue }
      if item.value.isEmpty { throw BinanceError(-1105, "Parameter '\(item.name)' was empty.") }
      read += 1
    }
    let sent = request.items.items.count
    guard read < sent else { return }
    if reads.isEmpty { throw BinanceError(-1101, "Too many parameters; expected '0' and received '\(sent)'.") }
    throw BinanceError(-1104, "Not all sent parameters were read; read '\(read)' parameter(s) but was sent '\(sent)'.")
  }
}
