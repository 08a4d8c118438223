import ChaosRuntime

/// The top of a market at one time.
public struct Quote: Sendable, Hashable {
  public var time: Instant
  public var symbol: Symbol
  /// Price of the last trade.
  public var last: Decimal
  public var bid: Decimal
  public var ask: Decimal
  /// Base asset traded in 24 hours.
  public var volume: Decimal

  public init(time: Instant, symbol: Symbol, last: Decimal, bid: Decimal, ask: Decimal, volume: Decimal) {
    self.time = time
    self.symbol = symbol
    self.last = last
    self.bid = bid
    self.ask = ask
    self.volume = volume
  }

  /// `(ask - bid) / mid` in basis points, to three digits; zero when there is no price.
  public var spreadBps: Decimal {
    guard let width = try? ask.subtracting(bid), let sum = try? ask.adding(bid), sum.isPositive,
      let scaled = try? width.multiplied(by: Decimal(20_000), rounding: .halfEven),
      let spread = try? scaled.divided(by: sum, rounding: .halfEven)
    else { return .zero }
    return spread.rounded(toStep: Decimal(coefficient: Decimal.one.coefficient / 1000))
  }
}
