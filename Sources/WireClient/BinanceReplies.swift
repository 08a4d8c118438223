import Basics
import HTTP
import Trading

/// What Binance's answers and events say, in the words of the client port; nil where a member is missing or of another type.
enum BinanceReplies {
  // MARK: Failures

  static func failure(_ failure: WireCaller.Failure) -> CallFailure {
    switch failure {
    case .notSent(let why):
      .venue(VenueError(code: 0, text: "not sent: \(why)", httpStatus: 0, kind: .notSent))
    case .lost(let why): .unknownOutcome(why)
    case .deadline: .unknownOutcome("deadline")
    }
  }

  /// The answer as its reader has it, or the refusal in it.
  static func read<Answer>(_ response: HTTPResponse, _ read: (JSON) -> Answer?) -> Result<Answer, CallFailure> {
    let json = try? JSON.parse(response.body)
    guard response.status == 200 else { return .failure(.venue(refusal(response, json))) }
    guard let json, let answer = read(json) else { return .failure(.unknownOutcome("unreadable reply")) }
    return .success(answer)
  }

  private static func refusal(_ response: HTTPResponse, _ json: JSON?) -> VenueError {
    let status = response.status
    let pause = response.fields["retry-after"].flatMap { Int($0) }.map { Duration.seconds(min(max(0, $0), 86_400)) }
    guard let code = json?["code"]?.int, let text = json?["msg"]?.string else {
      return VenueError(
        code: status, text: "the answer is a page, not the venue's", httpStatus: status, kind: .other,
        retryAfter: pause)
    }
    return VenueError(
      code: code, text: String(text.prefix(500)), httpStatus: status, kind: kind(code, text), retryAfter: pause)
  }

  /// Binance's page "Error codes"; -2010 has a text for each reason.
  static func kind(_ code: Int, _ text: String) -> VenueError.Kind {
    switch code {
    case -1001, -1006, -1008, -1016: .network
    case -1007: .timeout
    case -1003, -1015: .rateLimited
    case -1021: .clock
    case -1002, -1022, -2014, -2015: .unauthorized
    case -1121: .unknownSymbol
    case -1125, -2011, -2013: .unknownOrder
    case -1013, -1130 ... -1100, -2021, -2022: .invalidOrder
    case -2010:
      if text.contains("insufficient balance") {
        .insufficientBalance
      } else if text.contains("Duplicate order") {
        .duplicateClientId
      } else if text.contains("Market is closed") {
        .marketClosed
      } else {
        .invalidOrder
      }
    default: .other
    }
  }

  // MARK: Values

  static func instant(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: Int64(clamping: milliseconds).multipliedReportingOverflow(by: 1_000_000).partialValue)
  }

  private static func decimal(_ json: JSON?) -> Decimal? { json?.string.flatMap { Decimal($0) } }

  private static func time(_ json: JSON?) -> Instant? { json?.int.map(instant) }

  private static func status(_ text: String?, filled: Decimal) -> OrderStatus {
    let status = text.flatMap { OrderStatus(rawValue: $0) } ?? .unknown
    return status == .canceled && filled.isPositive ? .partiallyCanceled : status
  }

  private static func side(_ json: JSON?) -> Side? {
    switch json?.string {
    case "BUY": .buy
    case "SELL": .sell
    default: nil
    }
  }

  static func ack(_ json: JSON) -> OrderAck? {
    guard let id = json["orderId"]?.int, let client = json["clientOrderId"]?.string,
      let time = time(json["transactTime"])
    else { return nil }
    return OrderAck(orderId: "\(id)", clientOrderId: client, acceptedAt: time)
  }

  /// An order as queries and cancels tell it.
  static func order(_ json: JSON, _ symbol: Symbol) -> OrderReport? {
    guard let id = json["orderId"]?.int, let own = json["clientOrderId"]?.string, let side = side(json["side"]),
      let filled = decimal(json["executedQty"]), let quote = decimal(json["cummulativeQuoteQty"]),
      let time = time(json["updateTime"] ?? json["transactTime"])
    else { return nil }
    let price = decimal(json["price"]).flatMap { $0.isZero ? nil : $0 }
    return OrderReport(
      orderId: "\(id)", clientOrderId: json["origClientOrderId"]?.string ?? own, symbol: symbol, side: side,
      status: status(json["status"]?.string, filled: filled), price: price,
      quantity: decimal(json["origQty"]) ?? .zero, filledQuantity: filled, filledQuote: quote,
      averagePrice: average(quote, filled), fee: nil, updatedAt: time)
  }

  /// The trades of one order, as `GET /api/v3/myTrades` tells them.
  static func trades(_ json: JSON, _ symbol: Symbol, _ clientOrderId: String) -> [Fill]? {
    guard let list = json.array else { return nil }
    var fills: [Fill] = []
    for trade in list {
      guard let id = trade["id"]?.int, let order = trade["orderId"]?.int, let price = decimal(trade["price"]),
        let quantity = decimal(trade["qty"]), let quote = decimal(trade["quoteQty"]), let time = time(trade["time"]),
        let isBuyer = trade["isBuyer"]?.bool, let isMaker = trade["isMaker"]?.bool
      else { return nil }
      let fee = trade["commissionAsset"]?.string.flatMap { asset in
        decimal(trade["commission"]).map { Fee(asset: asset, amount: $0) }
      }
      fills.append(
        Fill(
          tradeId: "\(id)", orderId: "\(order)", clientOrderId: clientOrderId, symbol: symbol,
          side: isBuyer ? .buy : .sell, price: price, quantity: quantity, quote: quote, fee: fee, isMaker: isMaker,
          time: time))
    }
    return fills
  }

  private static func average(_ quote: Decimal, _ filled: Decimal) -> Decimal? {
    filled.isPositive ? try? quote.divided(by: filled, rounding: .halfEven) : nil
  }

  static func balances(_ json: JSON) -> [Balance]? {
    guard let list = json["balances"]?.array else { return nil }
    var balances: [Balance] = []
    for item in list {
      guard let asset = item["asset"]?.string, let free = decimal(item["free"]), let locked = decimal(item["locked"])
      else { return nil }
      balances.append(Balance(asset: asset, free: free, locked: locked))
    }
    return balances.sorted { $0.asset < $1.asset }
  }

  static func quote(_ json: JSON, _ symbol: Symbol) -> Quote? {
    guard let last = decimal(json["lastPrice"]), let bid = decimal(json["bidPrice"]),
      let ask = decimal(json["askPrice"]), let time = time(json["closeTime"])
    else { return nil }
    return Quote(
      time: time, symbol: symbol, last: last, bid: bid, ask: ask, volume: decimal(json["volume"]) ?? .zero)
  }

  static func fees(_ json: JSON) -> [String: (maker: Decimal, taker: Decimal)]? {
    guard let list = json.array else { return nil }
    var fees: [String: (maker: Decimal, taker: Decimal)] = [:]
    for item in list {
      guard let name = item["symbol"]?.string, let maker = decimal(item["makerCommission"]),
        let taker = decimal(item["takerCommission"])
      else { return nil }
      fees[name] = (maker, taker)
    }
    return fees
  }

  static func rules(_ json: JSON, _ fees: [String: (maker: Decimal, taker: Decimal)]) -> [MarketRules]? {
    guard let list = json["symbols"]?.array else { return nil }
    var rules: [MarketRules] = []
    for item in list {
      guard let name = item["symbol"]?.string, let base = item["baseAsset"]?.string,
        let quote = item["quoteAsset"]?.string, let symbol = Symbol(base: base, quote: quote),
        let filters = item["filters"]?.array, let tick = filter(filters, "PRICE_FILTER", "tickSize"),
        let step = filter(filters, "LOT_SIZE", "stepSize"), let least = filter(filters, "LOT_SIZE", "minQty"),
        let notional = filter(filters, "NOTIONAL", "minNotional") ?? filter(filters, "MIN_NOTIONAL", "minNotional")
      else { return nil }
      let fee = fees[name] ?? (.zero, .zero)
      var market = MarketRules(
        symbol: symbol, tick: tick, step: step, minQuantity: least, minNotional: notional, takerFee: fee.taker,
        makerFee: fee.maker)
      market.takesFeeFromReceived = true
      rules.append(market)
    }
    return rules
  }

  private static func filter(_ filters: [JSON], _ type: String, _ member: String) -> Decimal? {
    decimal(filters.first { $0["filterType"]?.string == type }?[member])
  }

  // MARK: Events

  /// Nil for an event that says nothing to the engine.
  static func event(_ json: JSON, symbol: (String) -> Symbol?) -> UserEvent? {
    switch json["e"]?.string {
    case "executionReport":
      guard let symbol = json["s"]?.string.flatMap(symbol) else { return nil }
      return execution(json, symbol) ?? .stream(.unreadable)
    case "outboundAccountPosition":
      var balances: [Balance] = []
      for item in json["B"]?.array ?? [] {
        guard let asset = item["a"]?.string, let free = decimal(item["f"]), let locked = decimal(item["l"]) else {
          return .stream(.unreadable)
        }
        balances.append(Balance(asset: asset, free: free, locked: locked))
      }
      return .balance(balances)
    case "listenKeyExpired": return .stream(.lost("the listen key has expired"))
    case nil: return .stream(.unreadable)
    default: return nil
    }
  }

  private static func execution(_ json: JSON, _ symbol: Symbol) -> UserEvent? {
    guard let id = json["i"]?.int, let own = json["c"]?.string, let side = side(json["S"]),
      let filled = decimal(json["z"]), let quote = decimal(json["Z"]), let time = time(json["T"])
    else { return nil }
    // A cancel has an id of its own; the order's stands beside it.
    let client = json["C"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? own
    let report = OrderReport(
      orderId: "\(id)", clientOrderId: client, symbol: symbol, side: side,
      status: status(json["X"]?.string, filled: filled), price: decimal(json["p"]).flatMap { $0.isZero ? nil : $0 },
      quantity: decimal(json["q"]) ?? .zero, filledQuantity: filled, filledQuote: quote,
      averagePrice: average(quote, filled), fee: nil, updatedAt: time)
    switch json["x"]?.string {
    case "NEW": return .accepted(report)
    case "TRADE":
      guard let trade = json["t"]?.int, let price = decimal(json["L"]), let quantity = decimal(json["l"]),
        let amount = decimal(json["Y"])
      else { return nil }
      let fee = json["N"]?.string.flatMap { asset in decimal(json["n"]).map { Fee(asset: asset, amount: $0) } }
      return .trade(
        Fill(
          tradeId: "\(trade)", orderId: report.orderId, clientOrderId: client, symbol: symbol, side: side,
          price: price, quantity: quantity, quote: amount, fee: fee, isMaker: json["m"]?.bool ?? false, time: time),
        report)
    case "CANCELED", "EXPIRED": return .canceled(report)
    case "REJECTED":
      let reason = json["r"]?.string ?? ""
      return .rejected(report, VenueError(code: 0, text: reason, httpStatus: 0, kind: .invalidOrder))
    default: return nil
    }
  }
}
