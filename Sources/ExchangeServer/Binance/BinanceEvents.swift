import Basics
import Trading

/// Events of market streams as Binance writes them.
enum BinanceEvents {
  static func json(_ name: StreamName, _ content: StreamContent, _ dialect: BinanceDialect) -> (
    event: String, json: JSON
  ) {
    let now = dialect.hub.now
    let symbol = name.symbol.map { JSON.string(WireExchange.name($0)) } ?? .null
    func event(_ kind: String, _ members: [(key: String, value: JSON)]) -> (String, JSON) {
      (kind, .object([("e", .string(kind)), ("E", BinanceJSON.milliseconds(now)), ("s", symbol)] + members))
    }
    switch content {
    case .trade(let trade):
      let isAggregate = name.kind == .aggregateTrade
      let ids: [(key: String, value: JSON)] =
        isAggregate ? [("a", .int(trade.id))] : [("t", .int(trade.id))]
      let range: [(key: String, value: JSON)] = isAggregate ? [("f", .int(trade.id)), ("l", .int(trade.id))] : []
      return event(
        isAggregate ? "aggTrade" : "trade",
        ids + [("p", BinanceJSON.text(trade.price)), ("q", BinanceJSON.text(trade.quantity))] + range + [
          ("T", BinanceJSON.milliseconds(trade.time)), ("m", .bool(trade.isBuyerMaker)), ("M", .bool(true)),
        ])
    case .book(let book):
      let (bid, ask) = (book.bids.first, book.asks.first)
      return (
        "bookTicker",
        .object([
          ("u", .int(book.updateId)), ("s", symbol), ("b", BinanceJSON.text(bid?.price ?? .zero)),
          ("B", BinanceJSON.text(bid?.quantity ?? .zero)), ("a", BinanceJSON.text(ask?.price ?? .zero)),
          ("A", BinanceJSON.text(ask?.quantity ?? .zero)),
        ])
      )
    case .levels(let book, let count):
      return (
        "depth",
        .object([
          ("lastUpdateId", .int(book.updateId)), ("bids", BinanceJSON.levels(book.bids.prefix(count))),
          ("asks", BinanceJSON.levels(book.asks.prefix(count))),
        ])
      )
    case .changes(let first, let last, let bids, let asks):
      return event(
        "depthUpdate",
        [("U", .int(first)), ("u", .int(last)), ("b", BinanceJSON.levels(bids)), ("a", BinanceJSON.levels(asks))])
    case .price:
      let price = name.symbol.map { dialect.averagePrice($0, now) } ?? .zero
      return event(
        "avgPrice",
        [("i", .string("5m")), ("w", BinanceJSON.text(price)), ("T", BinanceJSON.milliseconds(now))])
    case .day(let day): return ticker(symbol, day, now, isMini: name.kind == .miniTicker)
    case .all(let days):
      let isMini = name.kind == .allMiniTickers
      return (
        isMini ? "24hrMiniTicker" : "24hrTicker",
        .array(days.map { ticker(.string(WireExchange.name($0.symbol)), $0.day, now, isMini: isMini).1 })
      )
    case .candle(let candle, let interval, let isClosed):
      return event("kline", [("k", self.candle(symbol, candle, interval, isClosed))])
    }
  }

  private static func candle(_ symbol: JSON, _ candle: Candle, _ interval: String, _ isClosed: Bool) -> JSON {
    let bar = candle.bar
    return .object([
      ("t", .int(Int(candle.from * 1000))), ("T", .int(Int(candle.to * 1000 - 1))), ("s", symbol),
      ("i", .string(interval)), ("f", .int(bar.firstId)), ("L", .int(bar.lastId)), ("o", BinanceJSON.text(bar.open)),
      ("c", BinanceJSON.text(bar.close)), ("h", BinanceJSON.text(bar.high)), ("l", BinanceJSON.text(bar.low)),
      ("v", BinanceJSON.text(bar.base)), ("n", .int(bar.count)), ("x", .bool(isClosed)),
      ("q", BinanceJSON.text(bar.quote)), ("V", BinanceJSON.text(bar.takerBase)),
      ("Q", BinanceJSON.text(bar.takerQuote)),
      ("B", .string("0")),
    ])
  }

  private static func ticker(
    _ symbol: JSON, _ day: StreamContent.Day, _ now: Instant, isMini: Bool
  ) -> (String, JSON) {
    let bar = day.bar
    let kind = isMini ? "24hrMiniTicker" : "24hrTicker"
    let head: [(key: String, value: JSON)] = [
      ("e", .string(kind)), ("E", BinanceJSON.milliseconds(now)), ("s", symbol),
    ]
    let prices: [(key: String, value: JSON)] = [
      ("c", BinanceJSON.text(bar.close)), ("o", BinanceJSON.text(bar.open)), ("h", BinanceJSON.text(bar.high)),
      ("l", BinanceJSON.text(bar.low)), ("v", BinanceJSON.text(bar.base)), ("q", BinanceJSON.text(bar.quote)),
    ]
    if isMini { return (kind, .object(head + prices)) }
    let average = (try? bar.quote.divided(by: bar.base, rounding: .halfEven)) ?? bar.close
    return (
      kind,
      .object(
        head + [
          ("p", BinanceJSON.text(bar.close - bar.open)), ("P", BinanceJSON.percent(bar.close - bar.open, of: bar.open)),
          ("w", BinanceJSON.text(average)), ("x", BinanceJSON.text(bar.open)),
          ("Q", BinanceJSON.text(day.last?.quantity ?? .zero)),
          ("b", BinanceJSON.text(day.book.bids.first?.price ?? .zero)),
          ("B", BinanceJSON.text(day.book.bids.first?.quantity ?? .zero)),
          ("a", BinanceJSON.text(day.book.asks.first?.price ?? .zero)),
          ("A", BinanceJSON.text(day.book.asks.first?.quantity ?? .zero)), ("O", BinanceJSON.milliseconds(day.from)),
          ("C", BinanceJSON.milliseconds(now)), ("F", .int(bar.firstId)), ("L", .int(bar.lastId)),
          ("n", .int(bar.count)),
        ] + prices)
    )
  }
}

/// Events of the user data stream as Binance writes them.
enum BinanceUserEvents {
  static func json(_ event: WireUserEvent, at now: Instant) -> (event: String, json: JSON) {
    switch event {
    case .order(let order, let kind, let fill): return ("executionReport", report(order, kind, fill, now))
    case .balances(let balances, let time):
      return (
        "outboundAccountPosition",
        .object([
          ("e", .string("outboundAccountPosition")), ("E", BinanceJSON.milliseconds(now)), ("u", .int(Int(time))),
          (
            "B",
            .array(
              balances.map {
                .object([
                  ("a", .string($0.asset)), ("f", BinanceJSON.text($0.free)), ("l", BinanceJSON.text($0.locked)),
                ])
              })
          ),
        ])
      )
    case .moved(let asset, let amount, let time):
      return (
        "balanceUpdate",
        .object([
          ("e", .string("balanceUpdate")), ("E", BinanceJSON.milliseconds(now)), ("a", .string(asset)),
          ("d", BinanceJSON.text(amount)), ("T", .int(Int(time))),
        ])
      )
    }
  }

  private static func report(_ order: WireOrder, _ kind: String, _ fill: WireFill?, _ now: Instant) -> JSON {
    let request = order.request
    let isOpen = !order.status.isTerminal
    let trade = fill?.fill
    return .object([
      ("e", .string("executionReport")), ("E", BinanceJSON.milliseconds(now)),
      ("s", .string(WireExchange.name(request.symbol))), ("c", .string(request.clientOrderId)),
      ("S", .string(request.side.wireName)), ("o", .string(request.type.wireName)),
      ("f", .string(BinanceJSON.timeInForce(order))), ("q", BinanceJSON.text(order.quantity)),
      ("p", BinanceJSON.text(request.price ?? .zero)), ("P", BinanceJSON.text(.zero)), ("F", BinanceJSON.text(.zero)),
      ("g", .int(-1)), ("C", .string(kind == "CANCELED" ? request.clientOrderId : "")), ("x", .string(kind)),
      ("X", .string(BinanceJSON.status(order.status))), ("r", .string(order.rejection == nil ? "NONE" : "REJECTED")),
      ("i", .int(order.id)), ("l", BinanceJSON.text(trade?.quantity ?? .zero)), ("z", BinanceJSON.text(order.filled)),
      ("L", BinanceJSON.text(trade?.price ?? .zero)), ("n", BinanceJSON.text(trade?.fee?.amount ?? .zero)),
      ("N", trade?.fee.map { .string($0.asset) } ?? .null), ("T", .int(Int(order.updatedAt))),
      ("t", .int(fill?.id ?? -1)), ("I", .int(order.id * 1000 + order.fills.count)), ("w", .bool(isOpen)),
      ("m", .bool(trade?.isMaker ?? false)), ("M", .bool(trade != nil)), ("O", .int(Int(order.createdAt))),
      ("Z", BinanceJSON.text(order.filledQuote)), ("Y", BinanceJSON.text(trade?.quote ?? .zero)),
      ("Q", BinanceJSON.text(request.quoteOrderQty ?? .zero)), ("W", .int(Int(order.createdAt))),
      ("V", .string("EXPIRE_TAKER")),
    ])
  }
}
