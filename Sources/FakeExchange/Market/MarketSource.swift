import Basics
import Trading

/// Where the venue's prices come from; the same question always has the same answer.
public protocol MarketSource: Sendable {
  /// In the order they were given.
  var symbols: [Symbol] { get }
  /// The first time that has quotes.
  var start: Instant { get }
  /// When the data ends; nil for endless data. A session ends with it.
  var end: Instant? { get }
  /// The quote in force at a time; nil for an unknown symbol, before its first quote, or after a recording's last.
  func quote(_ symbol: Symbol, at time: Instant) -> Quote?
  /// The same, and the first moment after `time` at which the answer may be another one.
  func standing(_ symbol: Symbol, at time: Instant) -> (quote: Quote?, until: Instant)
  /// What the venue accepts on the symbol; nil for an unknown one.
  func rules(_ symbol: Symbol) -> MarketRules?
}

extension MarketSource {
  /// The quote, which may be another one a nanosecond later.
  public func standing(_ symbol: Symbol, at time: Instant) -> (quote: Quote?, until: Instant) {
    (quote(symbol, at: time), time + .nanoseconds(1))
  }
}

/// How deep the market maker's book is on each side of a quote.
public struct MarketDepth: Sendable, Equatable {
  /// Price levels on each side.
  public var levels: Int
  /// Quote asset offered at the best level; level n offers n times as much.
  public var notional: Decimal
  /// Distance between levels in basis points, at least one tick.
  public var spacingBps: Int
  /// Time after which eaten levels are full again though the quote stands still.
  public var refill: Duration

  /// A depth; as given by default, 30,000 of quote asset can be had at once, within eight basis points of the best
  /// price where the tick is no coarser.
  public init(
    levels: Int = 5, notional: Decimal = Decimal(2000), spacingBps: Int = 2, refill: Duration = .seconds(1)
  ) {
    self.levels = levels
    self.notional = notional
    self.spacingBps = spacingBps
    self.refill = refill
  }
}
