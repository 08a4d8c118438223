import Basics
import FakeExchange
import Trading

/// Calls that everybody may make.
extension MEXCDialect {
  func symbol(_ request: WireRequest) throws(MEXCError) -> Symbol {
    guard let name = request["symbol"] else {
      throw MEXCError(700_004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    }
    guard let symbol = exchange.symbol(name) else { throw .symbol }
    return symbol
  }

  func info(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    let wanted = request["symbol"] == nil ? exchange.market.symbols : [try symbol(request)]
    let outcome = exchange.call(.marketRules, account: 0, at: now)
    if case .refused(let error) = outcome.reply {
      var reply = MEXCError(error).reply
      reply.carry(outcome)
      return reply
    }
    var reply = WireReply(
      .object([
        ("timezone", .string("CST")), ("serverTime", BinanceJSON.milliseconds(now)), ("rateLimits", .array([])),
        ("exchangeFilters", .array([])),
        ("symbols", .array(wanted.compactMap { exchange.market.rules($0) }.map(Self.rules))),
      ]))
    reply.carry(outcome)
    return reply
  }

  private static func digits(_ step: Decimal) -> Int {
    var (unit, count) = (Decimal.one, 0)
    while unit > step, count < Decimal.scale {
      (unit, count) = (Decimal(coefficient: unit.coefficient / 10), count + 1)
    }
    return count
  }

  private static func rules(_ rules: MarketRules) -> JSON {
    .object([
      ("symbol", .string(WireExchange.name(rules.symbol))), ("status", .string("1")),
      ("baseAsset", .string(rules.symbol.base)), ("baseAssetPrecision", .int(digits(rules.step))),
      ("quoteAsset", .string(rules.symbol.quote)), ("quotePrecision", .int(digits(rules.tick))),
      ("quoteAssetPrecision", .int(digits(rules.tick))), ("baseCommissionPrecision", .int(digits(rules.step))),
      ("quoteCommissionPrecision", .int(digits(rules.tick))),
      ("orderTypes", .array([.string("LIMIT"), .string("MARKET"), .string("LIMIT_MAKER")])),
      ("isSpotTradingAllowed", .bool(true)), ("isMarginTradingAllowed", .bool(false)),
      ("quoteAmountPrecision", .string(rules.minNotional.description)),
      ("baseSizePrecision", .string((rules.minQuantity.isPositive ? rules.minQuantity : rules.step).description)),
      ("permissions", .array([.string("SPOT")])), ("filters", .array([])), ("maxQuoteAmount", .string("2000000")),
      ("makerCommission", .string(rules.makerFee.description)),
      ("takerCommission", .string(rules.takerFee.description)),
      ("quoteAmountPrecisionMarket", .string(rules.minNotional.description)),
      ("maxQuoteAmountMarket", .string("100000")), ("fullName", .string(rules.symbol.base)), ("tradeSideType", .int(1)),
    ])
  }

  private static func levels(_ levels: some Sequence<BookFeed.Level>) -> JSON {
    .array(levels.map { .array([.string($0.price.description), .string($0.quantity.description)]) })
  }

  func depth(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    guard let book = exchange.book(try symbol(request), at: now) else { throw .symbol }
    let limit = min(max(1, Int(request["limit"] ?? "100") ?? 100), 5000)
    return WireReply(
      .object([
        ("lastUpdateId", .int(book.updateId)), ("bids", Self.levels(book.bids.prefix(limit))),
        ("asks", Self.levels(book.asks.prefix(limit))), ("timestamp", BinanceJSON.milliseconds(now)),
      ]))
  }

  func trades(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let limit = min(max(1, Int(request["limit"] ?? "500") ?? 500), 1000)
    let last = exchange.market.lastTradeId(symbol, at: now)
    let found = (0..<limit).compactMap { exchange.market.trade(symbol, id: last - $0) }
    return WireReply(
      .array(
        found.map { trade in
          .object([
            ("id", .null), ("price", .string(trade.price.description)), ("qty", .string(trade.quantity.description)),
            ("quoteQty", .string(trade.quote.description)), ("time", BinanceJSON.milliseconds(trade.time)),
            ("isBuyerMaker", .bool(trade.isBuyerMaker)), ("isBestMatch", .bool(true)),
            ("tradeType", .string(trade.isBuyerMaker ? "ASK" : "BID")),
          ])
        }))
  }

  func candles(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    guard let word = request["interval"], let interval = CandleInterval(word) else {
      throw MEXCError(-1120, "Invalid interval.")
    }
    func seconds(_ name: String) -> Int64? { request[name].flatMap { Int64($0) }.map { min($0, 1 << 42) / 1000 } }
    let found = exchange.market.candles(
      symbol, interval, from: seconds("startTime"), to: seconds("endTime"),
      limit: min(max(1, Int(request["limit"] ?? "500") ?? 500), 1000), at: now)
    return WireReply(
      .array(
        found.map { candle in
          let bar = candle.bar
          return .array(
            [.int(Int(candle.from * 1000))]
              + [bar.open, bar.high, bar.low, bar.close, bar.base].map { .string($0.description) }
              + [.int(Int(candle.to * 1000)), .string(bar.quote.description)])
        }))
  }

  func tickers(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    let isOne = request["symbol"] != nil
    let wanted = isOne ? [try symbol(request)] : exchange.market.symbols
    let outcome = exchange.call(.quotes(wanted), account: 0, at: now)
    guard case .quotes(let quotes) = outcome.reply else {
      if case .refused(let error) = outcome.reply {
        var reply = MEXCError(error).reply
        reply.carry(outcome)
        return reply
      }
      return WireReply(.array([]))
    }
    let kind = request.path.split(separator: "/").last.map(String.init) ?? ""
    let all = quotes.map { ticker($0, kind, now) }
    var reply = WireReply(isOne ? all.first ?? .object([]) : .array(all))
    reply.carry(outcome)
    return reply
  }

  private func ticker(_ quote: Quote, _ kind: String, _ now: Instant) -> JSON {
    let name: [(key: String, value: JSON)] = [("symbol", .string(WireExchange.name(quote.symbol)))]
    if kind == "price" { return .object(name + [("price", .string(quote.last.description))]) }
    let book = exchange.book(quote.symbol, at: now)
    let sides: [(key: String, value: JSON)] = [
      ("bidPrice", .string(quote.bid.description)),
      ("bidQty", .string((book?.bids.first?.quantity ?? .zero).description)),
      ("askPrice", .string(quote.ask.description)),
      ("askQty", .string((book?.asks.first?.quantity ?? .zero).description)),
    ]
    if kind == "bookTicker" { return .object(name + sides) }
    guard let (day, from) = exchange.market.day(quote.symbol, at: now) else { return .object(name + sides) }
    let share = (try? (day.close - day.open).divided(by: day.open, rounding: .halfEven)) ?? .zero
    let values: [(key: String, value: JSON)] = [
      ("priceChange", .string((day.close - day.open).description)), ("priceChangePercent", .string(share.description)),
      ("prevClosePrice", .string(day.open.description)), ("lastPrice", .string(quote.last.description)),
      ("openPrice", .string(day.open.description)), ("highPrice", .string(day.high.description)),
      ("lowPrice", .string(day.low.description)), ("volume", .string(day.base.description)),
      ("quoteVolume", .string(day.quote.description)), ("openTime", BinanceJSON.milliseconds(from)),
      ("closeTime", BinanceJSON.milliseconds(now)), ("count", .null),
    ]
    return .object(name + values + sides)
  }
}
