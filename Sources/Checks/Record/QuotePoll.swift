import Basics
import Trading

/// One poll for quotes, as the venue knows it.
public struct QuotePoll: Sendable {
  /// When the request was made.
  public var asked: Instant
  /// Symbols that were asked for.
  public var symbols: [String]
  /// When its caller had the answer; nil: it never had one.
  public var answered: Instant?
  /// Whether the answer brought quotes.
  public var isGood = false
  /// The quotes' own times.
  public var quotes: [(at: Instant, symbols: [String])] = []
  /// Whether the venue's history has prices of its quotes.
  var isPriced = false
  /// The quotes with their prices, where the venue's history has them.
  var prices: [QuotedPrice] = []

  /// Every poll of `fetch_tickers`, in the order of the requests.
  static func all(in lines: [SessionRecord.VenueLine]) -> [QuotePoll] {
    var polls: [QuotePoll] = []
    var index: [String: Int] = [:]
    var line = FieldIndex()
    for entry in lines where entry.kind == "request" || entry.kind == "reply" {
      line.load(entry)
      guard line.text(.call) == "fetch_tickers", let id = line.code(.id) else { continue }
      if entry.kind == "request" {
        index[id] = polls.count
        polls.append(
          QuotePoll(asked: entry.time, symbols: (line.value(.symbols)?.array ?? []).compactMap(\.string)))
      } else if let at = index[id] {
        polls[at].answer(line)
      }
    }
    return polls
  }

  private mutating func answer(_ line: FieldIndex) {
    answered = line.time
    isGood = line.text(.outcome) == "ok"
    let answered = line.time
    for group in line.value(.quotes)?.array ?? [] {
      guard let at = group["at"]?.string.flatMap({ Instant(iso8601: $0) }) else { continue }
      let symbols = (group[FieldName.symbols.rawValue]?.array ?? []).compactMap(\.string)
      quotes.append((at, symbols))
      func column(_ name: FieldName) -> [Decimal] { (group[name.rawValue]?.array ?? []).compactMap(\.decimal) }
      let (last, bid, ask) = (column(.last), column(.bid), column(.ask))
      guard last.count == symbols.count, bid.count == symbols.count, ask.count == symbols.count else { continue }
      isPriced = true
      // What can be no market's price is no quote: nobody may act on it.
      for (index, symbol) in symbols.enumerated()
      where bid[index].isPositive && last[index].isPositive && bid[index] <= ask[index] {
        prices.append(
          QuotedPrice(symbol: symbol, at: at, answered: answered, last: last[index], bid: bid[index], ask: ask[index]))
      }
    }
  }
}

extension SessionRecord {
  /// Whether the venue's history has every poll.
  func requirePolls() throws(Unjudged) {
    // One that grew until its session was killed has every poll until then, and nobody counted them.
    if run.isUnfinished { return }
    guard let summary = venue.last(where: { $0.kind == "summary" }) else {
      throw Unjudged(reason: "the venue did not count the polls")
    }
    let count = summary.value(.requests)?["fetch_tickers"]?.int ?? 0
    if count != polls.count {
      throw Unjudged(reason: "the venue's history has \(polls.count) of \(count) polls")
    }
  }
}
