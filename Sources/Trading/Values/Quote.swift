import Basics

/// The top of a market at one time.
public struct Quote: Sendable, Hashable {
  /// When the venue had these prices.
  public var time: Instant
  /// The market that is quoted.
  public var symbol: Symbol
  /// Price of the last trade.
  public var last: Decimal
  /// Highest price that somebody pays, quote asset; zero when there is no bid.
  public var bid: Decimal
  /// Lowest price that somebody asks, quote asset.
  public var ask: Decimal
  /// Base asset traded in 24 hours.
  public var volume: Decimal

  /// A quote as given; nothing says that `bid` is below `ask`, since faulty data must be represented as it is.
  @inlinable
  public init(time: Instant, symbol: Symbol, last: Decimal, bid: Decimal, ask: Decimal, volume: Decimal) {
    self.time = time
    self.symbol = symbol
    self.last = last
    self.bid = bid
    self.ask = ask
    self.volume = volume
  }

  /// Whether its prices can be those of a market: above zero, and the bid not above the ask.
  public var isUsable: Bool { bid.isPositive && last.isPositive && bid <= ask }

  /// The same quote with other prices.
  public func priced(last: Decimal, bid: Decimal, ask: Decimal) -> Quote {
    Quote(time: time, symbol: symbol, last: last, bid: bid, ask: ask, volume: volume)
  }

  /// `(ask - bid) / bid` in basis points, to three digits, as the field's ticks have it; zero when there is no bid.
  public var spreadBps: Decimal {
    guard bid.isPositive, let width = try? ask.subtracting(bid),
      let scaled = try? width.multiplied(by: Decimal(10_000), rounding: .halfEven),
      let spread = try? scaled.divided(by: bid, rounding: .halfEven)
    else { return .zero }
    return spread.rounded(toStep: Decimal(coefficient: Decimal.one.coefficient / 1000))
  }
}
