import Basics
import Trading

/// Recorded market data: one JSON-lines file per symbol, as the field's `ticks` folder has it.
///
/// Between two ticks the earlier one stands, or prices move linearly in time where that is asked for; before a symbol's first tick
/// and after its last one it has no quote.
public struct TickReplayer: MarketSource {
  private struct Series: Sendable {
    let file: String
    let rules: MarketRules
    var quotes: [Quote]
  }

  /// In the order of the files' names.
  public let symbols: [Symbol]
  /// Time of the earliest tick, moved by `startingAt`.
  public let start: Instant
  /// Time of the latest tick, moved alike.
  public let end: Instant?
  /// What the record tells of the venue.
  public let venue: RecordedVenue
  private let series: [Symbol: Series]
  private let fill: Fill

  /// What stands between two quotes of a symbol.
  public enum Fill: String, Sendable, CaseIterable {
    /// The last one, unchanged: nothing is invented.
    case none
    /// Prices on the straight line from one to the next, rounded to the tick size.
    case linear
  }

  /// Longest recording; with it interpolation cannot overflow.
  public static let durationMax = Duration.seconds(86_400)

  /// Reads the tick files of a folder, and its `venue.json` where it has one; `startingAt` moves the first tick to that time (live sessions need it).
  ///
  /// - Throws: `MarketDataError` with the file, and the line where one is at fault.
  public init(folder: String, startingAt: Instant? = nil, fill: Fill = .none) throws(MarketDataError) {
    try self.init(
      files: try TickFiles.read(folder: folder), startingAt: startingAt, fill: fill,
      venue: try RecordedVenue.read(folder: folder))
  }

  /// Reads tick files that are in memory already.
  ///
  /// - Throws: `MarketDataError` for a line that is no tick or not after the one before it, two files of one symbol, or
  ///   more than a day of data.
  public init(
    files: [(name: String, bytes: [UInt8])], startingAt: Instant? = nil, fill: Fill = .none,
    venue: RecordedVenue = RecordedVenue()
  ) throws(MarketDataError) {
    var all: [Series] = []
    for file in files.sorted(by: { $0.name < $1.name }) {
      let quotes = try TickReplayer.parse(file.name, file.bytes)
      let symbol = quotes[0].symbol
      if let other = all.first(where: { $0.rules.symbol == symbol }) {
        throw .sameSymbol(file: file.name, other: other.file)
      }
      let rules = venue.rules[symbol] ?? TickReplayer.rules(symbol, quotes)
      all.append(Series(file: file.name, rules: rules, quotes: quotes))
    }
    guard let first = all.map({ $0.quotes[0].time }).min() else { throw .noFiles("market data") }
    let shift = startingAt.map { $0 - first } ?? .zero
    var last = first
    var series: [Symbol: Series] = [:]
    for one in Self.others(than: all, venue.otherPairs, from: first) { all.append(one) }
    for var one in all {
      let final = one.quotes[one.quotes.count - 1].time
      guard final - first <= TickReplayer.durationMax else {
        throw .line(file: one.file, line: one.quotes.count, reason: "is more than a day after the first tick")
      }
      last = max(last, final)
      if shift != .zero {
        for index in one.quotes.indices { one.quotes[index].time = one.quotes[index].time + shift }
      }
      series[one.rules.symbol] = one
    }
    symbols = all.map(\.rules.symbol)
    start = first + shift
    end = last + shift
    self.series = series
    self.fill = fill
    self.venue = venue
  }

  /// The record's rules, else the field's where it has the symbol; otherwise the tick size is the finest digit of the recorded prices.
  public func rules(_ symbol: Symbol) -> MarketRules? { series[symbol]?.rules }

  /// As `Fill` says between two ticks; nil before the first and after the last. O(log ticks).
  public func quote(_ symbol: Symbol, at time: Instant) -> Quote? { standing(symbol, at: time).quote }

  /// The same, and when the next tick follows; where prices move between two ticks, each moment has a quote of its own.
  public func standing(_ symbol: Symbol, at time: Instant) -> (quote: Quote?, until: Instant) {
    guard let series = series[symbol], let first = series.quotes.first, let last = series.quotes.last else {
      return (nil, .distantFuture)
    }
    guard time >= first.time else { return (nil, first.time) }
    guard time <= last.time else { return (nil, .distantFuture) }
    var (low, high) = (0, series.quotes.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if series.quotes[middle].time <= time { low = middle } else { high = middle }
    }
    let (from, soon) = (series.quotes[low], time + .nanoseconds(1))
    guard high < series.quotes.count else { return (from, soon) }
    guard fill == .linear else { return (from, series.quotes[high].time) }
    guard time > from.time else { return (from, soon) }
    return (TickReplayer.between(from, series.quotes[high], at: time, tick: series.rules.tick), soon)
  }

  /// The ticks of a symbol.
  public func quotes(_ symbol: Symbol) -> [Quote] { series[symbol]?.quotes ?? [] }

  private static func between(_ from: Quote, _ to: Quote, at time: Instant, tick: Decimal) -> Quote {
    let part = Int128((time - from.time).nanoseconds)
    let whole = Int128((to.time - from.time).nanoseconds)
    func middle(_ a: Decimal, _ b: Decimal) -> Decimal {
      let moved = (b.coefficient - a.coefficient) * part / whole
      return max(tick, Decimal(coefficient: a.coefficient + moved).rounded(toStep: tick))
    }
    let bid = middle(from.bid, to.bid)
    return Quote(
      time: time, symbol: from.symbol, last: middle(from.last, to.last), bid: bid,
      ask: max(bid, middle(from.ask, to.ask)), volume: from.volume)
  }

  /// Pairs of which a record tells only that they were polled: they have one price from the first tick to the last.
  private static func others(than all: [Series], _ count: Int, from first: Instant) -> [Series] {
    let known = Set(all.map(\.rules.symbol))
    guard count > 0, let quote = all.first?.rules.symbol.quote,
      let last = all.compactMap({ $0.quotes.last?.time }).max()
    else { return [] }
    // Half a thousandth to either side of the price.
    let half = Decimal(coefficient: Decimal.one.coefficient / 2000)
    return (1...count).compactMap { number in
      guard let symbol = Symbol("OTHER\(number)/\(quote)"), !known.contains(symbol) else { return nil }
      let quotes = (last > first ? [first, last] : [first]).map {
        Quote(time: $0, symbol: symbol, last: .one, bid: .one - half, ask: .one + half, volume: Decimal(1_000_000))
      }
      return Series(file: RecordedVenue.fileName, rules: FieldMarkets.rules(symbol), quotes: quotes)
    }
  }

  private static func parse(_ file: String, _ bytes: [UInt8]) throws(MarketDataError) -> [Quote] {
    var quotes: [Quote] = []
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      let quote: Quote
      do throws(TickLine.Reason) {
        quote = try TickLine.parse(line)
      } catch {
        throw .line(file: file, line: number, reason: error.text)
      }
      if let last = quotes.last {
        guard quote.symbol == last.symbol else {
          throw .line(
            file: file, line: number, reason: "symbol is \(quote.symbol), the lines before have \(last.symbol)")
        }
        guard quote.time > last.time else {
          throw .line(file: file, line: number, reason: "ts is not after the line before it")
        }
      }
      quotes.append(quote)
    }
    guard !quotes.isEmpty else { throw .empty(file) }
    return quotes
  }

  /// The field's rules where the symbol is known there; otherwise the tick size is the finest digit of the data.
  private static func rules(_ symbol: Symbol, _ quotes: [Quote]) -> MarketRules {
    var rules = FieldMarkets.rules(symbol)
    if FieldMarkets.symbols.contains(symbol) { return rules }
    var digits = 0
    for quote in quotes {
      for price in [quote.last, quote.bid, quote.ask] {
        while digits < Decimal.scale, !price.isMultiple(of: FieldMarkets.power(digits)) { digits += 1 }
      }
    }
    rules.tick = FieldMarkets.power(digits)
    return rules
  }
}
