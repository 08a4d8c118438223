import Basics
import Trading

/// One symbol's prices, as a poll brought them to the engine.
struct QuotedPrice: Sendable {
  var symbol: String
  /// When the venue had these prices.
  var at: Instant
  /// When the poll's caller had them.
  var answered: Instant
  var last: Decimal
  var bid: Decimal
  var ask: Decimal
}

/// What the venue told the engine of each symbol's prices, and when: the basis of every decision.
struct QuoteBook: Sendable {
  /// Of each symbol in the order of the answers.
  private var bySymbol: [String: [QuotedPrice]] = [:]

  /// Symbols with prices, in the order of their names.
  var symbols: [String] { bySymbol.keys.sorted() }

  init(_ polls: [QuotePoll]) {
    for poll in polls where poll.isGood {
      for price in poll.prices { bySymbol[price.symbol, default: []].append(price) }
    }
    for symbol in bySymbol.keys {
      bySymbol[symbol]?.sort { ($0.answered, $0.at) < ($1.answered, $1.at) }
    }
  }

  /// All prices of a symbol in the order of their answers.
  func prices(of symbol: String) -> [QuotedPrice] { bySymbol[symbol] ?? [] }

  /// What a decision at `time` can have been made on: the newest answer by then, and older ones that were the newest
  /// `slack` before, since whoever decides looks once and acts then. Oldest first. O(log quotes + answers in the slack).
  func candidates(_ symbol: String, at time: Instant, slack: Duration) -> ArraySlice<QuotedPrice> {
    let all = bySymbol[symbol] ?? []
    let end = all.firstIndex(after: time)
    guard end > 0 else { return [] }
    var start = end - 1
    while start > 0, all[start].answered + slack > time { start -= 1 }
    return all[start..<end]
  }

  /// The highest last price of a symbol within the time before a quote, of those that were answered from `start` on; the
  /// quote itself is among them. O(quotes in the time).
  func peak(before quote: QuotedPrice, within lookback: Duration, since start: Instant) -> Decimal? {
    let all = bySymbol[quote.symbol] ?? []
    var peak: Decimal?
    for other in all[..<all.firstIndex(after: quote.answered)].reversed() {
      if other.answered < start || other.answered + lookback < quote.at { break }
      if other.at + lookback >= quote.at { peak = max(peak ?? other.last, other.last) }
    }
    return peak
  }
}

extension [QuotedPrice] {
  /// The first element that was answered after `time`, by bisection.
  fileprivate func firstIndex(after time: Instant) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].answered > time { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
