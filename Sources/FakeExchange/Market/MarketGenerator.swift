import Basics
import Trading

/// Made-up market data: every quote is a pure function of (seed, symbol, step).
///
/// Prices wander less than 0.7 % by themselves, so that only scheduled drops fall through an entry trigger of 0.985 of the
/// 300 s peak. A drop happens within one step, holds for two to four steps (so that an entry still meets its price), then
/// the price rises by 1.3 % (two of three drops: take profit at 1.005) or falls by another 1.6 % (stop loss at 0.990) within
/// two to five steps, stays there and recovers. Parts per million are whole numbers; no floating point takes part.
public struct MarketGenerator: MarketSource {
  /// What the generator may do besides wandering and dropping.
  public struct Shape: Sendable, Equatable {
    /// About one step in 30 has a spread of 20 to 35 bps; never near a drop.
    public var hasWideSpreads: Bool
    /// About one poll in 60 brings the quote before it again; never near a drop.
    public var hasGaps: Bool

    /// A shape; both are on unless said otherwise.
    public init(hasWideSpreads: Bool = true, hasGaps: Bool = true) {
      self.hasWideSpreads = hasWideSpreads
      self.hasGaps = hasGaps
    }
  }

  private struct Drop: Sendable {
    let step: Int
    let depth: Int64
    /// Steps after which the price is back; nil: it takes its course.
    let steps: Int?
    /// Where it goes afterwards; nil: the draw says it.
    let course: Scenario.Course?
    let draw: UInt64
  }

  private final class Series: Sendable {
    let entry: FieldMarkets.Entry
    let key: UInt64
    let drops: [Drop]
    /// Volume of a day, in parts per million.
    let volumeUnit: Int128

    init(entry: FieldMarkets.Entry, key: UInt64, drops: [Drop]) {
      self.entry = entry
      self.key = key
      self.drops = drops
      let daily = Venue.quotient(Decimal(2_000_000 + Int(key % 3_000_000)), entry.price)
      volumeUnit = daily.coefficient / 1_000_000
    }
  }

  /// As given; the order of the venue's markets.
  public let symbols: [Symbol]
  /// Time of step 0.
  public let start: Instant
  /// None: there is a quote for every step.
  public var end: Instant? { nil }
  /// Time between two quotes.
  public let pollInterval: Duration
  private let shape: Shape
  private let interval: Int64
  /// In the order of `symbols`.
  private var series: [Series] = []

  /// Makes the market of a seed; `pollInterval` is at least 1 ms, a drop's depth lies in 0..<1.
  public init(
    seed: UInt64, symbols: [Symbol], drops: [Scenario.Drop] = [], start: Instant = .simulationEpoch,
    pollInterval: Duration = .milliseconds(2500), shape: Shape = Shape()
  ) {
    precondition(pollInterval >= .milliseconds(1), "a poll interval of at least 1 ms")
    self.symbols = symbols
    self.start = start
    self.pollInterval = pollInterval
    self.shape = shape
    interval = pollInterval.nanoseconds
    for symbol in symbols {
      let key = Mixing.mix(seed) ^ Mixing.mix(Mixing.hash(symbol.description))
      var own: [Drop] = []
      for (index, drop) in drops.enumerated() where drop.symbol == symbol {
        precondition(!drop.depth.isNegative && drop.depth < .one, "a drop's depth lies in 0..<1")
        let step = Int((drop.at.nanoseconds + interval - 1) / interval)
        let depth = Int64(drop.depth.coefficient / 1_000_000)
        let steps = drop.lasts.map { max(1, Int($0.nanoseconds / interval)) }
        own.append(Drop(step: step, depth: depth, steps: steps, course: drop.course, draw: Self.draw(key, 7, index)))
      }
      series.append(Series(entry: FieldMarkets.entry(symbol), key: key, drops: own))
    }
  }

  /// The market that a scenario describes.
  public init(_ scenario: Scenario, start: Instant = .simulationEpoch, shape: Shape = Shape()) {
    self.init(
      seed: scenario.seed, symbols: scenario.symbols, drops: scenario.drops, start: start,
      pollInterval: scenario.pollInterval, shape: shape)
  }

  /// The field's rules where the symbol is known there, made up from its name otherwise; nil for a symbol that is not
  /// in `symbols`.
  public func rules(_ symbol: Symbol) -> MarketRules? { series(symbol)?.entry.rules }

  /// The quote of the step that `time` falls into; it is in force until the next step.
  public func quote(_ symbol: Symbol, at time: Instant) -> Quote? {
    guard time >= start else { return nil }
    return quote(symbol, step: Int((time - start).nanoseconds / interval))
  }

  /// The quote of the step that `time` falls into, and when the next step begins.
  public func standing(_ symbol: Symbol, at time: Instant) -> (quote: Quote?, until: Instant) {
    guard time >= start else { return (nil, start) }
    let step = (time - start).nanoseconds / interval
    return (quote(symbol, step: Int(step)), start + Duration(nanoseconds: (step + 1) * interval))
  }

  /// The quote of one step; a step that falls into a gap has the quote, and the time, of the step before it.
  public func quote(_ symbol: Symbol, step asked: Int) -> Quote? {
    guard asked >= 0, let series = series(symbol) else { return nil }
    var step = asked
    if shape.hasGaps {
      for _ in 0..<3 where step > 0 && isGap(series, step) { step -= 1 }
    }
    let tick = series.entry.rules.tick
    let middle = price(series, step)
    let half = Decimal(coefficient: middle.coefficient * Int128(spread(series, step)) / 2_000_000)
    let bid = max(tick, (middle - half).floored(toStep: tick))
    let ask = max(bid + tick, (middle + half + tick - Decimal(coefficient: 1)).floored(toStep: tick))
    let last = min(max(middle.rounded(toStep: tick), bid), ask)
    return Quote(
      time: start + Duration(nanoseconds: Int64(step) * interval), symbol: symbol, last: last, bid: bid, ask: ask,
      volume: volume(series, step))
  }

  /// O(symbols), which costs less than hashing a name for the few that a market has.
  private func series(_ symbol: Symbol) -> Series? { symbols.lastIndex(of: symbol).map { series[$0] } }

  private func price(_ series: Series, _ step: Int) -> Decimal {
    let wander =
      noise(series, 1, step, period: 40, amplitude: 2200) + noise(series, 2, step, period: 8, amplitude: 700)
      + noise(series, 3, step, period: 1, amplitude: 120)
    var coefficient = series.entry.price.coefficient * Int128(1_000_000 + wander) / 1_000_000
    for drop in series.drops where step >= drop.step {
      let (fall, move) = MarketGenerator.course(drop, step - drop.step)
      coefficient = coefficient * Int128(1_000_000 - fall) / 1_000_000 * Int128(1_000_000 + move) / 1_000_000
    }
    return Decimal(coefficient: max(coefficient, 1))
  }

  /// How far a drop has moved the price `k` steps after it: the fall, and the move after the fall, in parts per million.
  private static func course(_ drop: Drop, _ k: Int) -> (fall: Int64, move: Int64) {
    if let steps = drop.steps { return k < steps ? (drop.depth, 0) : (0, 0) }
    let hold = 2 + Int(drop.draw % 3)
    let ramp = 2 + Int(drop.draw >> 8 % 4)
    let plateau = 8
    let recovery = 48
    let target: Int64 =
      switch drop.course {
      case .falls: -16_000
      case .rises: 13_000
      case nil: drop.draw >> 16 % 3 == 0 ? -16_000 : 13_000
      }
    if k < hold { return (drop.depth, 0) }
    if k < hold + ramp { return (drop.depth, target * Int64(k - hold + 1) / Int64(ramp)) }
    let rest = k - hold - ramp - plateau
    if rest <= 0 { return (drop.depth, target) }
    if rest >= recovery { return (0, 0) }
    let left = Int64(recovery - rest)
    return (drop.depth * left / Int64(recovery), target * left / Int64(recovery))
  }

  private func spread(_ series: Series, _ step: Int) -> Int64 {
    let draw = Self.draw(series.key, 4, step)
    if shape.hasWideSpreads, draw % 32 == 0, !isNearDrop(series, step) { return 2000 + Int64(draw >> 8 % 1500) }
    return 200 + Int64(series.key % 500) + Int64(draw >> 8 % 300)
  }

  private func volume(_ series: Series, _ step: Int) -> Decimal {
    let share = 900_000 + noise(series, 5, step, period: 12, amplitude: 100_000)
    return Decimal(coefficient: series.volumeUnit * Int128(share)).floored(toStep: FieldMarkets.power(2))
  }

  private func isGap(_ series: Series, _ step: Int) -> Bool {
    Self.draw(series.key, 6, step) % 60 == 0 && !isNearDrop(series, step)
  }

  private func isNearDrop(_ series: Series, _ step: Int) -> Bool {
    series.drops.contains { step >= $0.step - 2 && step <= $0.step + 20 }
  }

  /// A value between ±amplitude that moves linearly between draws `period` steps apart.
  private func noise(_ series: Series, _ stream: UInt64, _ step: Int, period: Int, amplitude: Int64) -> Int64 {
    let (lattice, offset) = (step / period, step % period)
    let from = value(series, stream, lattice, amplitude)
    if offset == 0 { return from }
    let to = value(series, stream, lattice + 1, amplitude)
    return from + (to - from) * Int64(offset) / Int64(period)
  }

  private func value(_ series: Series, _ stream: UInt64, _ index: Int, _ amplitude: Int64) -> Int64 {
    Int64(Self.draw(series.key, stream, index) % UInt64(2 * amplitude + 1)) - amplitude
  }

  /// Bits for one key, stream and index, the same on every machine.
  private static func draw(_ key: UInt64, _ stream: UInt64, _ index: Int) -> UInt64 {
    Mixing.mix(key ^ (stream &* 0xD6E8_FEB8_6659_FD93), UInt64(bitPattern: Int64(index)))
  }
}
