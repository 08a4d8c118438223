import Basics
import FakeExchange
import Trading

/// Calls that everybody may make: rules, clock, book, trades, candles, tickers.
extension BinanceDialect {
  static let marketRoutes: [String: Route] = [
    "GET /api/v3/ping": Route(.open, 1) { _, _, _, _ in WireReply(.object([])) },
    "GET /api/v3/time": Route(.open, 1) { me, _, _, now in
      let outcome = me.exchange.call(.serverTime, account: 0, at: now)
      let skew = me.exchange.faults.clockSkew(.serverTime)
      var reply = WireReply(.object([("serverTime", BinanceJSON.milliseconds(now + (.zero - skew)))]))
      if case .refused(let error) = outcome.reply { reply = BinanceError(error).reply }
      reply.carry(outcome)
      return reply
    },
    "GET /api/v3/exchangeInfo": Route(.open, 20) { me, request, _, now throws(BinanceError) in
      try me.exchangeInfo(request, now)
    },
    "GET /api/v3/depth": Route(
      .open,
      by: { request in
        switch Int(request["limit"] ?? "100") ?? 100 {
        case ...100: 5
        case ...500: 25
        case ...1000: 50
        default: 250
        }
      }
    ) { me, request, _, now throws(BinanceError) in try me.depth(request, now) },
    "GET /api/v3/trades": Route(.open, 25) { me, request, _, now throws(BinanceError) in
      try me.trades(request, now, from: nil)
    },
    "GET /api/v3/historicalTrades": Route(.open, 25) { me, request, _, now throws(BinanceError) in
      try me.trades(request, now, from: try BinanceParameters(request, me.exchange).int("fromId"))
    },
    "GET /api/v3/aggTrades": Route(.open, 4) { me, request, _, now throws(BinanceError) in
      try me.aggregateTrades(request, now)
    },
    "GET /api/v3/klines": Route(.open, 2) { me, request, _, now throws(BinanceError) in
      try me.candles(request, now)
    },
    "GET /api/v3/uiKlines": Route(.open, 2) { me, request, _, now throws(BinanceError) in
      try me.candles(request, now)
    },
    "GET /api/v3/avgPrice": Route(.open, 2) { me, request, _, now throws(BinanceError) in
      let symbol = try BinanceParameters(request, me.exchange).symbol()
      let price = me.averagePrice(symbol, now)
      return WireReply(
        .object([
          ("mins", .int(5)), ("price", BinanceJSON.text(price)), ("closeTime", BinanceJSON.milliseconds(now)),
        ]))
    },
    "GET /api/v3/ticker/24hr": Route(.open, by: { $0["symbol"] == nil ? 80 : 2 }) {
      me, request, _, now throws(BinanceError) in
      try me.tickers(request, now) { me.dayTicker($0, now) }
    },
    "GET /api/v3/ticker/tradingDay": Route(.open, 4) { me, request, _, now throws(BinanceError) in
      try me.tickers(request, now) { me.dayTicker($0, now) }
    },
    "GET /api/v3/ticker/price": Route(.open, by: { $0["symbol"] == nil ? 4 : 2 }) {
      me, request, _, now throws(BinanceError) in
      try me.tickers(request, now) {
        .object([("symbol", .string(WireExchange.name($0.symbol))), ("price", BinanceJSON.text($0.last))])
      }
    },
    "GET /api/v3/ticker/bookTicker": Route(.open, by: { $0["symbol"] == nil ? 4 : 2 }) {
      me, request, _, now throws(BinanceError) in
      try me.tickers(request, now) { me.bookTicker($0, now) }
    },
  ]

  private func exchangeInfo(_ request: WireRequest, _ now: Instant) throws(BinanceError) -> WireReply {
    let symbols = try BinanceParameters(request, exchange).symbols() ?? exchange.market.symbols
    let outcome = exchange.call(.marketRules, account: 0, at: now)
    var reply: WireReply
    if case .refused(let error) = outcome.reply {
      reply = BinanceError(error).reply
    } else {
      reply = WireReply(
        .object([
          ("timezone", .string("UTC")), ("serverTime", BinanceJSON.milliseconds(now)),
          ("rateLimits", BinanceInfo.rateLimits(nil)), ("exchangeFilters", .array([])),
          (
            "symbols",
            .array(symbols.compactMap { symbol in exchange.rules(symbol).map { BinanceInfo.symbol($0) } })
          ),
        ]))
    }
    reply.carry(outcome)
    return reply
  }

  func depth(_ request: WireRequest, _ now: Instant) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let limit = try parameters.limit(100, max: 5000)
    guard let book = exchange.book(symbol, at: now) else { throw .symbol }
    return WireReply(
      .object([
        ("lastUpdateId", .int(book.updateId)), ("bids", BinanceJSON.levels(book.bids.prefix(limit))),
        ("asks", BinanceJSON.levels(book.asks.prefix(limit))),
      ]))
  }

  func trades(_ request: WireRequest, _ now: Instant, from: Int?) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let limit = try parameters.limit(500, max: 1000)
    let last = exchange.market.lastTradeId(symbol, at: now)
    let first = max(exchange.market.firstTradeId(at: now), from ?? last - limit + 1)
    let ids = first...max(first, min(last, first + limit - 1))
    let found = first > last ? [] : ids.compactMap { exchange.market.trade(symbol, id: $0) }
    return WireReply(.array(found.map(BinanceJSON.trade)))
  }

  private func aggregateTrades(_ request: WireRequest, _ now: Instant) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let limit = try parameters.limit(500, max: 1000)
    func id(_ milliseconds: Int) -> Int {
      exchange.market.tradeId(symbol, from: Instant(nanoseconds: Int64(clamping: milliseconds) &* 1_000_000))
    }
    var last = exchange.market.lastTradeId(symbol, at: now)
    if let end = try parameters.int("endTime") { last = min(last, id(min(end, 1 << 42) + 1) - 1) }
    var first = last - limit + 1
    if let from = try parameters.int("fromId") {
      first = from
    } else if let start = try parameters.int("startTime") {
      first = id(min(start, 1 << 42))
    }
    first = max(first, exchange.market.firstTradeId(at: now))
    let found =
      first > last
      ? [] : (first...min(last, first + limit - 1)).compactMap { exchange.market.trade(symbol, id: $0) }
    return WireReply(.array(found.map(BinanceJSON.aggregateTrade)))
  }

  func candles(_ request: WireRequest, _ now: Instant) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    guard let word = request["interval"] else { throw .mandatory("interval") }
    guard let interval = CandleInterval(word) else { throw .interval }
    let limit = try parameters.limit(500, max: 1000)
    // Beginnings of candles, in milliseconds; both ends count.
    let from = try parameters.int("startTime").map { Int64((min($0, 1 << 42) + 999) / 1000) }
    let to = try parameters.int("endTime").map { Int64(min($0, 1 << 42) / 1000) }
    let found = exchange.market.candles(symbol, interval, from: from, to: to, limit: limit, at: now)
    return WireReply(.array(found.map(BinanceJSON.candle)))
  }

  func averagePrice(_ symbol: Symbol, _ now: Instant) -> Decimal {
    let second = now.nanoseconds / 1_000_000_000
    guard let bar = exchange.market.bar(symbol, from: second - 300, to: second + 1, by: now), bar.base.isPositive else {
      return .zero
    }
    return (try? bar.quote.divided(by: bar.base, rounding: .halfEven)) ?? .zero
  }

  /// The tickers of a poll, through the venue so that its faults act: each of the quotes that it tells, in its order.
  private func tickers(
    _ request: WireRequest, _ now: Instant, _ ticker: (Quote) -> JSON?
  ) throws(BinanceError) -> WireReply {
    let symbols = try BinanceParameters(request, exchange).symbols()
    let outcome = exchange.call(.quotes(symbols ?? exchange.market.symbols), account: 0, at: now)
    var reply: WireReply
    switch outcome.reply {
    case .refused(let error): reply = BinanceError(error).reply
    case .quotes(let quotes):
      let told = quotes.compactMap(ticker)
      reply = WireReply(request["symbol"] == nil ? .array(told) : told.first ?? .object([]))
    default: reply = WireReply(.array([]))
    }
    reply.carry(outcome)
    return reply
  }

  func bookTicker(_ quote: Quote, _ now: Instant) -> JSON? {
    guard let book = exchange.book(quote.symbol, at: now), let bid = book.bids.first, let ask = book.asks.first else {
      return nil
    }
    return .object([
      ("symbol", .string(WireExchange.name(quote.symbol))), ("bidPrice", BinanceJSON.text(quote.bid)),
      ("bidQty", BinanceJSON.text(bid.quantity)), ("askPrice", BinanceJSON.text(quote.ask)),
      ("askQty", BinanceJSON.text(ask.quantity)),
    ])
  }

  private func dayTicker(_ quote: Quote, _ now: Instant) -> JSON? {
    let symbol = quote.symbol
    guard let (day, from) = exchange.market.day(symbol, at: now), let book = exchange.book(symbol, at: now),
      let bid = book.bids.first, let ask = book.asks.first
    else { return nil }
    let last = exchange.market.lastTrade(symbol, at: now)
    let average = (try? day.quote.divided(by: day.base, rounding: .halfEven)) ?? day.close
    return .object([
      ("symbol", .string(WireExchange.name(symbol))), ("priceChange", BinanceJSON.text(day.close - day.open)),
      ("priceChangePercent", BinanceJSON.percent(day.close - day.open, of: day.open)),
      ("weightedAvgPrice", BinanceJSON.text(average)), ("prevClosePrice", BinanceJSON.text(day.open)),
      ("lastPrice", BinanceJSON.text(quote.last)), ("lastQty", BinanceJSON.text(last?.quantity ?? .zero)),
      ("bidPrice", BinanceJSON.text(quote.bid)), ("bidQty", BinanceJSON.text(bid.quantity)),
      ("askPrice", BinanceJSON.text(quote.ask)), ("askQty", BinanceJSON.text(ask.quantity)),
      ("openPrice", BinanceJSON.text(day.open)), ("highPrice", BinanceJSON.text(day.high)),
      ("lowPrice", BinanceJSON.text(day.low)), ("volume", BinanceJSON.text(day.base)),
      ("quoteVolume", BinanceJSON.text(day.quote)), ("openTime", BinanceJSON.milliseconds(from)),
      ("closeTime", BinanceJSON.milliseconds(quote.time)), ("firstId", .int(day.firstId)), ("lastId", .int(day.lastId)),
      ("count", .int(day.count)),
    ])
  }
}
