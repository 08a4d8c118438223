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
    var (asked, told) = (SymbolLists(), SymbolLists())
    for entry in lines where entry.kind == "request" || entry.kind == "reply" {
      line.load(entry)
      guard line.text(.call) == "fetch_tickers", let id = line.code(.id) else { continue }
      if entry.kind == "request" {
        index[id] = polls.count
        polls.append(QuotePoll(asked: entry.time, symbols: line.raw(.symbols).map { asked.symbols($0) } ?? []))
      } else if let at = index[id] {
        polls[at].answer(line, &told)
      }
    }
    return polls
  }

  private mutating func answer(_ line: FieldIndex, _ lists: inout SymbolLists) {
    answered = line.time
    isGood = line.text(.outcome) == "ok"
    let answered = line.time
    if let raw = line.raw(.quotes), let groups = QuoteGroup.all(in: raw, &lists) {
      for group in groups {
        quotes.append((group.at, group.symbols))
        let (last, bid, ask) = group.columns
        add(group.symbols, last, bid, ask, at: group.at, answered: answered)
      }
      return
    }
    for group in line.value(.quotes)?.array ?? [] {
      guard let at = group["at"]?.string.flatMap({ Instant(iso8601: $0) }) else { continue }
      let symbols = (group[FieldName.symbols.rawValue]?.array ?? []).compactMap(\.string)
      quotes.append((at, symbols))
      func column(_ name: FieldName) -> [Decimal] { (group[name.rawValue]?.array ?? []).compactMap(\.decimal) }
      let (last, bid, ask) = (column(.last), column(.bid), column(.ask))
      guard last.count == symbols.count, bid.count == symbols.count, ask.count == symbols.count else { continue }
      add(symbols, last, bid, ask, at: at, answered: answered)
    }
  }

  private mutating func add(
    _ symbols: [String], _ last: [Decimal], _ bid: [Decimal], _ ask: [Decimal], at: Instant, answered: Instant
  ) {
    isPriced = true
    prices.reserveCapacity(prices.count + symbols.count)
    // What can be no market's price is no quote: nobody may act on it.
    for (index, symbol) in symbols.enumerated()
    where bid[index].isPositive && last[index].isPositive && bid[index] <= ask[index] {
      prices.append(
        QuotedPrice(symbol: symbol, at: at, answered: answered, last: last[index], bid: bid[index], ask: ask[index]))
    }
  }
}

/// Lists of symbols as they are read one after another: most are the one before.
struct SymbolLists {
  private var raw: ArraySlice<UInt8> = []
  private var last: [String] = []

  /// The texts of a JSON array.
  mutating func symbols(_ json: ArraySlice<UInt8>) -> [String] {
    if !raw.elementsEqual(json) {
      last = ((try? JSON.parse(json))?.array ?? []).compactMap(\.string)
      raw = json
    }
    return last
  }
}

/// Quotes of one time in an answer, read where their bytes stand.
private struct QuoteGroup {
  var at: Instant
  var symbols: [String]
  var columns: (last: [Decimal], bid: [Decimal], ask: [Decimal])

  /// Of an array of groups as our venue writes them; nil for any other text, which is for the reader of JSON.
  static func all(in json: ArraySlice<UInt8>, _ lists: inout SymbolLists) -> [QuoteGroup]? {
    var groups: [QuoteGroup] = []
    var reader = QuoteReader(json)
    guard reader.take("[") else { return nil }
    if reader.take("]") { return reader.isAtEnd ? groups : nil }
    while true {
      guard reader.take("{\"at\":"), let at = reader.text().flatMap({ Instant(iso8601: $0) }),
        reader.take(",\"symbols\":"), let range = reader.texts()
      else { return nil }
      let symbols = lists.symbols(json[range])
      guard reader.take(",\"last\":"), let last = reader.decimals(symbols.count), reader.take(",\"bid\":"),
        let bid = reader.decimals(symbols.count), reader.take(",\"ask\":"), let ask = reader.decimals(symbols.count),
        reader.take("}")
      else { return nil }
      groups.append(QuoteGroup(at: at, symbols: symbols, columns: (last, bid, ask)))
      if reader.take(",") { continue }
      return reader.take("]") && reader.isAtEnd ? groups : nil
    }
  }
}

/// Walks the text of quotes; whatever it does not expect it leaves where it is.
private struct QuoteReader {
  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(_ bytes: ArraySlice<UInt8>) { (self.bytes, at) = (bytes, bytes.startIndex) }

  var isAtEnd: Bool { at == bytes.endIndex }

  mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard at + count <= bytes.endIndex else { return false }
    for index in 0..<count where bytes[at + index] != word.utf8Start[index] { return false }
    at += count
    return true
  }

  /// The inside of a text of ASCII without escapes.
  private mutating func inside() -> Range<Int>? {
    guard take("\"") else { return nil }
    let start = at
    while at < bytes.endIndex, bytes[at] != 0x22 {
      guard bytes[at] >= 0x20, bytes[at] < 0x80, bytes[at] != 0x5C else { return nil }
      at += 1
    }
    let range = start..<at
    return take("\"") ? range : nil
  }

  mutating func text() -> String? { inside().map { String(decoding: bytes[$0], as: UTF8.self) } }

  /// An array of texts, of which at least one.
  mutating func texts() -> Range<Int>? {
    let start = at
    guard take("[") else { return nil }
    repeat { guard inside() != nil else { return nil } } while take(",")
    return take("]") ? start..<at : nil
  }

  /// An array of so many texts that are amounts.
  mutating func decimals(_ count: Int) -> [Decimal]? {
    guard take("[") else { return nil }
    var amounts: [Decimal] = []
    amounts.reserveCapacity(count)
    repeat {
      guard let range = inside() else { return nil }
      guard let amount = bytes[range].withUnsafeBufferPointer({ RecordLimits.decimal($0) }) else { return nil }
      amounts.append(amount)
    } while take(",")
    return amounts.count == count && take("]") ? amounts : nil
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
