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
  public var quantity: Decimal
  public var price: Decimal
  /// quantity × price, rounded up.
  public var notional: Decimal

  public init(quantity: Decimal, price: Decimal, notional: Decimal) {
    self.quantity = quantity
    self.price = price
    self.notional = notional
  }
}
