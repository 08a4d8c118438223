public import Basics
public import FakeExchange
import Synchronization
public import Trading

/// The market behind the wire at every tenth of a second: a pure function of (seed, symbol, time), or recorded quotes.
///
/// Times are whole slots of 100 ms since 1970, so that a server started later shows the same past. Everything that a client
/// can ask is derived from it: the book's levels follow the quotes, one public trade happens in every second at the bid or
/// the ask of its slot, and candles and tickers are sums of those trades.
public final class WireMarket: MarketSource {
  /// A price that was moved by hand.
  struct Move: Sendable {
    var symbol: Symbol
    var at: Int64
    /// Slots until it is there.
    var over: Int64
    var millionths: Int64
  }

  private enum Base: Sendable { case generated, recorded(TickReplayer), staged(MarketGenerator) }

  private struct Series: Sendable {
    let rules: MarketRules
    let price: Decimal
    let key: UInt64
  }

  /// Milliseconds of a slot.
  static let slotMilliseconds: Int64 = 100
  /// How far back trades and candles can be asked for.
  static let history = Duration.seconds(30 * 86_400)

  /// In the order they were given.
  public let symbols: [Symbol]
  /// The first time that has quotes; the past that candles need lies before the server's own start.
  public let start: Instant
  /// None: recorded quotes stand still at their end.
  public var end: Instant? { nil }
  private let base: Base
  private let series: [Symbol: Series]
  private let moves = Mutex<[Move]>([])
  let bars = MinuteBars()

  /// The generated market of a seed, with a past of 30 days before `start`.
  public init(seed: UInt64, symbols: [Symbol], start: Instant) {
    self.symbols = symbols
    self.start = Instant(nanoseconds: start.nanoseconds - Self.history.nanoseconds)
    base = .generated
    var series: [Symbol: Series] = [:]
    for symbol in symbols {
      series[symbol] = Series(
        rules: FieldMarkets.rules(symbol), price: FieldMarkets.typicalPrice(symbol),
        key: Mixing.mix(seed) ^ Mixing.mix(Mixing.hash(symbol.description)))
    }
    self.series = series
  }

  /// Recorded quotes that begin at `start`; before it the first of each stands.
  public init(recorded: TickReplayer, seed: UInt64, start: Instant) {
    symbols = recorded.symbols
    self.start = Instant(nanoseconds: start.nanoseconds - Self.history.nanoseconds)
    base = .recorded(recorded)
    var series: [Symbol: Series] = [:]
    for symbol in recorded.symbols {
      series[symbol] = Series(
        rules: recorded.rules(symbol) ?? FieldMarkets.rules(symbol), price: .one,
        key: Mixing.mix(seed) ^ Mixing.mix(Mixing.hash(symbol.description)))
    }
    self.series = series
  }

  /// A market with falls at given times, which has no past: its first trade is the one of its first second.
  init(staged: MarketGenerator, seed: UInt64) {
    symbols = staged.symbols
    start = staged.start
    base = .staged(staged)
    var series: [Symbol: Series] = [:]
    for symbol in staged.symbols {
      series[symbol] = Series(
        rules: staged.rules(symbol) ?? FieldMarkets.rules(symbol), price: .one,
        key: Mixing.mix(seed) ^ Mixing.mix(Mixing.hash(symbol.description)))
    }
    self.series = series
  }

  /// The rules of a symbol; nil for one that is not in `symbols`.
  public func rules(_ symbol: Symbol) -> MarketRules? { series[symbol]?.rules }

  /// Bid and ask of the time's slot, and the price of the last public trade.
  public func quote(_ symbol: Symbol, at time: Instant) -> Quote? {
    guard time >= start, let series = series[symbol] else { return nil }
    let slot = Self.slot(time)
    let (bid, ask) = top(symbol, series, slot)
    let last = lastTrade(symbol, at: time)?.price ?? bid
    return Quote(
      time: Instant(nanoseconds: slot * Self.slotMilliseconds * 1_000_000), symbol: symbol, last: last, bid: bid,
      ask: ask,
      volume: Decimal(86_400))
  }

  /// Moves a price by so many millionths from now on, evenly over a time; at most a thousand moves are kept.
  ///
  /// - Returns: false for an unknown symbol, a move that would leave nothing, or too many moves.
  public func move(_ symbol: Symbol, millionths: Int, over: Duration, at now: Instant) -> Bool {
    guard series[symbol] != nil, (-900_000...9_000_000).contains(millionths) else { return false }
    return moves.withLock { moves in
      guard moves.count < 1000 else { return false }
      moves.append(
        Move(
          symbol: symbol, at: Self.slot(now) + 1,
          over: max(1, over.nanoseconds / (Self.slotMilliseconds * 1_000_000)), millionths: Int64(millionths)))
      return true
    }
  }

  /// Takes every move back.
  public func reset() {
    moves.withLock { $0 = [] }
    bars.forget()
  }

  /// Before it there are no trades.
  var firstSecond: Int64 { start.nanoseconds / 1_000_000_000 }

  static func slot(_ time: Instant) -> Int64 { time.nanoseconds / (slotMilliseconds * 1_000_000) }

  /// Bid and ask of a slot.
  func top(_ symbol: Symbol, slot: Int64) -> (bid: Decimal, ask: Decimal)? {
    if case .staged = base, slot < Self.slot(start) { return nil }
    return series[symbol].map { top(symbol, $0, slot) }
  }

  func key(_ symbol: Symbol) -> UInt64? { series[symbol]?.key }

  private func top(_ symbol: Symbol, _ series: Series, _ slot: Int64) -> (bid: Decimal, ask: Decimal) {
    let factor = moved(symbol, slot)
    let tick = series.rules.tick
    if let quote = given(symbol, Instant(nanoseconds: slot * Self.slotMilliseconds * 1_000_000)) {
      let bid = max(tick, Self.scaled(quote.bid, factor).floored(toStep: tick))
      return (bid, max(bid + tick, Self.scaled(quote.ask, factor).floored(toStep: tick)))
    }
    let middle = Self.scaled(Self.scaled(series.price, 1_000_000 + Self.wander(series.key, slot)), factor)
    let spread = 100 + Int64(series.key % 200) + Int64(Self.draw(series.key, 9, slot) % 150)
    let half = Decimal(coefficient: middle.coefficient * Int128(spread) / 2_000_000)
    let bid = max(tick, (middle - half).floored(toStep: tick))
    return (bid, max(bid + tick, (middle + half + tick - Decimal(coefficient: 1)).floored(toStep: tick)))
  }

  /// The quote of a market that is not drawn here.
  private func given(_ symbol: Symbol, _ time: Instant) -> Quote? {
    let found: Quote?
    switch base {
    case .generated: return nil
    case .recorded(let replayer): found = replayer.quote(symbol, at: time) ?? replayer.quotes(symbol).first
    case .staged(let generator): found = generator.quote(symbol, at: max(time, start))
    }
    return found ?? Quote(time: time, symbol: symbol, last: .one, bid: .one, ask: .one, volume: .zero)
  }

  private static func scaled(_ price: Decimal, _ millionths: Int64) -> Decimal {
    millionths == 1_000_000 ? price : Decimal(coefficient: max(1, price.coefficient * Int128(millionths) / 1_000_000))
  }

  private func moved(_ symbol: Symbol, _ slot: Int64) -> Int64 {
    moves.withLock { moves in
      var factor: Int64 = 1_000_000
      for move in moves where move.symbol == symbol && slot >= move.at {
        let part = min(slot - move.at + 1, move.over)
        factor = factor * (1_000_000 + move.millionths * part / move.over) / 1_000_000
      }
      return max(1, factor)
    }
  }

  /// Periods in slots and how far each moves the price, in millionths: days down to half a second.
  private static let octaves: [(period: Int64, amplitude: Int64)] = [
    (864_000, 20_000), (36_000, 6000), (3000, 2500), (400, 900), (50, 300), (5, 60),
  ]

  private static func wander(_ key: UInt64, _ slot: Int64) -> Int64 {
    var sum: Int64 = 0
    for (index, octave) in octaves.enumerated() {
      let (lattice, offset) = (slot / octave.period, slot % octave.period)
      let from = value(key, UInt64(index), lattice, octave.amplitude)
      let to = offset == 0 ? from : value(key, UInt64(index), lattice + 1, octave.amplitude)
      sum += from + (to - from) * offset / octave.period
    }
    return sum
  }

  private static func value(_ key: UInt64, _ stream: UInt64, _ index: Int64, _ amplitude: Int64) -> Int64 {
    Int64(draw(key, stream, index) % UInt64(2 * amplitude + 1)) - amplitude
  }

  /// Bits for one key, stream and index.
  static func draw(_ key: UInt64, _ stream: UInt64, _ index: Int64) -> UInt64 {
    Mixing.mix(key ^ (stream &* 0xD6E8_FEB8_6659_FD93), UInt64(bitPattern: index))
  }
}
