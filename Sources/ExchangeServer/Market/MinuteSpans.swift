import Basics
import Trading

/// Minutes of a symbol that an answer is summed up from: whole seconds since 1970.
struct MinuteSpan: Sendable, Equatable {
  var symbol: Symbol
  var from: Int64
  var to: Int64
}

/// A month of trades takes two seconds to sum up, and everybody would wait for whoever asked: it is done a little at a time, and
/// others are answered in between.
extension WireMarket {
  /// Minutes that are summed up at once: about two milliseconds.
  static let minutesAtOnce = 30

  /// Sums up some of the minutes that nobody has asked for before, and takes them out of the spans; true: all are there.
  func sumUp(_ spans: inout [MinuteSpan], by now: Instant) -> Bool {
    var left = Self.minutesAtOnce
    while let span = spans.first {
      var minute = (max(span.from, firstSecond) + 59) / 60
      let end = min(span.to, now.nanoseconds / 1_000_000_000) / 60
      while minute < end {
        if !bars.has(span.symbol, minute: minute) {
          guard left > 0 else {
            spans[0].from = minute * 60
            return false
          }
          left -= 1
          _ = bar(span.symbol, from: minute * 60, to: minute * 60 + 60, by: now)
        }
        minute += 1
      }
      spans.removeFirst()
    }
    return true
  }

  /// What `candles` of the same arguments are summed up from, and somewhat more.
  func span(
    _ symbol: Symbol, _ interval: CandleInterval, from: Int64?, to: Int64?, limit: Int, at now: Instant
  ) -> MinuteSpan {
    let nowSecond = now.nanoseconds / 1_000_000_000
    let first = (now.nanoseconds - Self.history.nanoseconds) / 1_000_000_000
    let end = interval.bounds(min(to ?? nowSecond, nowSecond)).to
    let length = Int64(limit) * interval.longest
    guard let from else { return MinuteSpan(symbol: symbol, from: max(first, end - length), to: end) }
    let start = max(first, from)
    return MinuteSpan(symbol: symbol, from: start, to: min(end, start + length + interval.longest))
  }
}

extension WireExchange {
  /// What the answer to a request is summed up from; none for most.
  func sums(_ request: WireRequest, at now: Instant) -> [MinuteSpan] {
    guard request.method == "GET" else { return [] }
    switch request.path {
    case "/api/v3/klines", "/api/v3/uiKlines":
      guard let symbol = request["symbol"].flatMap({ symbol($0) }),
        let interval = request["interval"].flatMap({ CandleInterval($0) })
      else { return [] }
      func second(_ name: String) -> Int64? { request[name].flatMap { Int64($0) }.map { $0 / 1000 } }
      let limit = min(1000, request["limit"].flatMap { Int($0) } ?? 500)
      return [
        market.span(symbol, interval, from: second("startTime"), to: second("endTime"), limit: limit, at: now)
      ]
    case "/api/v3/ticker/24hr", "/api/v3/ticker/tradingDay":
      let second = now.nanoseconds / 1_000_000_000
      let symbols = request["symbol"].map { name in symbol(name).map { [$0] } ?? [] } ?? market.symbols
      return symbols.map { MinuteSpan(symbol: $0, from: second - 86_400, to: second) }
    default: return []
    }
  }

  /// Does something when these minutes are summed up: at once where they are.
  func whenSummed(_ spans: [MinuteSpan], at now: Instant, _ action: @escaping (Instant) -> Void) {
    var spans = spans
    if market.sumUp(&spans, by: now) { return action(now) }
    later(.zero) { [weak self] now in self?.whenSummed(spans, at: now, action) }
  }
}
