import Basics
import Synchronization
import Trading

/// Open, high, low and close with their volumes over some trades.
struct Bar: Sendable, Equatable {
  var open: Decimal
  var high: Decimal
  var low: Decimal
  var close: Decimal
  var base = Decimal.zero
  var quote = Decimal.zero
  /// Bought by the taker.
  var takerBase = Decimal.zero
  var takerQuote = Decimal.zero
  var firstId: Int
  var lastId: Int

  var count: Int { lastId - firstId + 1 }

  init(_ trade: PublicTrade) {
    (open, high, low, close) = (trade.price, trade.price, trade.price, trade.price)
    (firstId, lastId) = (trade.id, trade.id)
    add(volumesOf: trade)
  }

  private mutating func add(volumesOf trade: PublicTrade) {
    base += trade.quantity
    quote += trade.quote
    guard !trade.isBuyerMaker else { return }
    takerBase += trade.quantity
    takerQuote += trade.quote
  }

  mutating func add(_ trade: PublicTrade) {
    high = max(high, trade.price)
    low = min(low, trade.price)
    close = trade.price
    lastId = trade.id
    add(volumesOf: trade)
  }

  mutating func add(_ next: Bar) {
    high = max(high, next.high)
    low = min(low, next.low)
    close = next.close
    base += next.base
    quote += next.quote
    takerBase += next.takerBase
    takerQuote += next.takerQuote
    lastId = next.lastId
  }
}

/// Finished minutes that somebody has asked for, so that they are summed up once.
final class MinuteBars: Sendable {
  private struct Key: Hashable {
    var symbol: Symbol
    var minute: Int64
  }

  /// Minutes that are kept, about 60 MB; then all are forgotten and those that are wanted summed up again.
  private static let barsMax = 250_000
  private let kept = Mutex<[Key: Bar]>([:])

  func bar(_ symbol: Symbol, minute: Int64, make: () -> Bar?) -> Bar? {
    let key = Key(symbol: symbol, minute: minute)
    if let found = kept.withLock({ $0[key] }) { return found }
    guard let made = make() else { return nil }
    kept.withLock { kept in
      if kept.count >= Self.barsMax { kept.removeAll() }
      kept[key] = made
    }
    return made
  }

  func has(_ symbol: Symbol, minute: Int64) -> Bool {
    kept.withLock { $0[Key(symbol: symbol, minute: minute)] != nil }
  }

  func forget() { kept.withLock { $0.removeAll() } }
}

/// Candles and tickers, summed up from the public trades.
extension WireMarket {
  /// The bar of the trades in [from, to) that have happened by `now`; both are whole seconds since 1970.
  func bar(_ symbol: Symbol, from: Int64, to: Int64, by now: Instant) -> Bar? {
    var bar: Bar?
    var second = max(from, firstSecond)
    let nowSecond = now.nanoseconds / 1_000_000_000
    while second < to, second <= nowSecond {
      if second % 60 == 0, second + 60 <= min(to, nowSecond) {
        let start = second
        let minute = bars.bar(symbol, minute: second / 60) { whole(symbol, from: start) }
        if let minute { if bar == nil { bar = minute } else { bar?.add(minute) } }
        second += 60
        continue
      }
      if let trade = trade(symbol, second: second), trade.time <= now {
        if bar == nil { bar = Bar(trade) } else { bar?.add(trade) }
      }
      second += 1
    }
    return bar
  }

  private func whole(_ symbol: Symbol, from second: Int64) -> Bar? {
    var bar: Bar?
    for offset in 0..<60 as Range<Int64> {
      guard let trade = trade(symbol, second: second + offset) else { return nil }
      if bar == nil { bar = Bar(trade) } else { bar?.add(trade) }
    }
    return bar
  }

  /// The last 24 hours.
  func day(_ symbol: Symbol, at now: Instant) -> (bar: Bar, from: Instant)? {
    let second = now.nanoseconds / 1_000_000_000
    // Whole minutes, so that they are summed up once.
    let from = second - second % 60 - 86_400 + 60
    return bar(symbol, from: from, to: second + 1, by: now).map { ($0, Instant(nanoseconds: from * 1_000_000_000)) }
  }
}

/// How long a candle is.
struct CandleInterval: Sendable {
  /// As venues write it, such as `5m`.
  let name: String
  private let seconds: Int64

  private static let known: [String: Int64] = [
    "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14_400,
    "6h": 21_600, "8h": 28_800, "12h": 43_200, "1d": 86_400, "3d": 259_200, "1w": 604_800, "60m": 3600, "1M": 0,
    "1W": 604_800,
  ]

  init?(_ name: String) {
    guard let seconds = Self.known[name] else { return nil }
    self.name = name
    self.seconds = seconds
  }

  /// Seconds of it, of a month the most that it can have.
  var longest: Int64 { seconds == 0 ? 31 * 86_400 : seconds }

  /// Begin and end, in seconds since 1970, of the candle that holds a second.
  func bounds(_ second: Int64) -> (from: Int64, to: Int64) {
    if seconds == 0 {
      let date = CivilDate(daysSinceEpoch: second / 86_400)
      let from = CivilDate.daysSinceEpoch(year: date.year, month: date.month, day: 1)
      let to = CivilDate.daysSinceEpoch(
        year: date.month == 12 ? date.year + 1 : date.year, month: date.month == 12 ? 1 : date.month + 1, day: 1)
      return (from * 86_400, to * 86_400)
    }
    // Weeks begin on Monday; 1970 began on a Thursday.
    let shift: Int64 = seconds == 604_800 ? 4 * 86_400 : 0
    let from = (second - shift) / seconds * seconds + shift
    return (from, from + seconds)
  }
}

/// One candle.
struct Candle: Sendable, Equatable {
  var from: Int64
  var to: Int64
  var bar: Bar
}

extension WireMarket {
  /// Candles that begin in [from, to], at most `limit`: the first ones when a start is asked for, the last ones otherwise.
  /// All in seconds since 1970.
  func candles(
    _ symbol: Symbol, _ interval: CandleInterval, from: Int64?, to: Int64?, limit: Int, at now: Instant
  ) -> [Candle] {
    let nowSecond = now.nanoseconds / 1_000_000_000
    let first = (now.nanoseconds - Self.history.nanoseconds) / 1_000_000_000
    let last = min(to ?? nowSecond, nowSecond)
    var found: [Candle] = []
    func add(_ bounds: (from: Int64, to: Int64)) {
      if let bar = bar(symbol, from: bounds.from, to: bounds.to, by: now) {
        found.append(Candle(from: bounds.from, to: bounds.to, bar: bar))
      }
    }
    if let from {
      var bounds = interval.bounds(max(from, first))
      if bounds.from < max(from, first) { bounds = interval.bounds(bounds.to) }
      while bounds.from <= last, found.count < limit {
        add(bounds)
        bounds = interval.bounds(bounds.to)
      }
      return found
    }
    var bounds = interval.bounds(last)
    while found.count < limit, bounds.from >= first {
      add(bounds)
      bounds = interval.bounds(bounds.from - 1)
    }
    return found.reversed()
  }
}
