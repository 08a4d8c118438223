import Trading

/// What a stream of market data tells.
enum StreamKind: Hashable, Sendable {
  case trade, aggregateTrade, bookTicker, ticker, miniTicker, averagePrice
  case depth(isFast: Bool)
  case partialDepth(levels: Int, isFast: Bool)
  case candle(String)
  case allTickers, allMiniTickers
}

/// A stream by its name, such as `btcusdt@depth@100ms`.
struct StreamName: Hashable, Sendable {
  var text: String
  /// Nil for streams of all symbols.
  var symbol: Symbol?
  var kind: StreamKind

  /// Nil: no such stream.
  init?(_ text: String, _ exchange: WireExchange) {
    self.text = text
    switch text {
    // python-binance says how often.
    case "!ticker@arr", "!ticker@arr@1000ms": kind = .allTickers
    case "!miniTicker@arr", "!miniTicker@arr@1000ms": kind = .allMiniTickers
    default:
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == parts[0].lowercased(), let symbol = exchange.symbol(parts[0].uppercased()),
        let kind = Self.kind(String(parts[1]))
      else { return nil }
      (self.symbol, self.kind) = (symbol, kind)
    }
  }

  private static func kind(_ word: String) -> StreamKind? {
    switch word {
    case "trade": return .trade
    case "aggTrade": return .aggregateTrade
    case "bookTicker": return .bookTicker
    case "ticker": return .ticker
    case "miniTicker": return .miniTicker
    case "avgPrice": return .averagePrice
    case "depth", "depth@1000ms": return .depth(isFast: false)
    case "depth@100ms": return .depth(isFast: true)
    default: break
    }
    if word.hasPrefix("kline_") { return CandleInterval(String(word.dropFirst(6))).map { .candle($0.name) } }
    for levels in [5, 10, 20] {
      if word == "depth\(levels)" || word == "depth\(levels)@1000ms" {
        return .partialDepth(levels: levels, isFast: false)
      }
      if word == "depth\(levels)@100ms" { return .partialDepth(levels: levels, isFast: true) }
    }
    return nil
  }
}
