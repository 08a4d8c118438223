import Trading

/// Makes quantities and prices that the venue accepts.
public protocol Quantizer: EnginePart {
  /// A buy limit order of at most `amount` in the quote asset; nil when the market's minimum is not reached.
  func entry(amount: Decimal, ask: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder?

  /// A sell limit order of at most `quantity`; nil when the market's minimum is not reached.
  func exit(quantity: Decimal, bid: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder?
}

/// A quantity and a limit price that fit the market's rules.
public struct QuantizedOrder: Sendable, Equatable {
  /// Base asset, a multiple of the step.
  public var quantity: Decimal
  /// Quote asset for one unit of the base asset, a multiple of the tick.
  public var price: Decimal
  /// quantity × price, rounded up.
  public var notional: Decimal

  /// An order as given; nothing is rounded here.
  public init(quantity: Decimal, price: Decimal, notional: Decimal) {
    self.quantity = quantity
    self.price = price
    self.notional = notional
  }
}
