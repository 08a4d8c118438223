import Trading

/// Floors quantities to the step and rounds prices to the tick, exactly.
public final class DecimalQuantizer: Quantizer {
  /// Needs nothing: the result is a function of the arguments.
  public init() {}

  /// The limit lies `slippageBps` above the ask, rounded down to the tick but not below the ask; the quantity is
  /// floored.
  public func entry(amount: Decimal, ask: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder? {
    guard let cap = shifted(ask, by: slippageBps)?.floored(toStep: rules.tick), cap.isPositive else { return nil }
    // An ask that is no multiple of the tick must not be undercut by the floor.
    let price = max(cap, ceiling(ask, rules.tick))
    guard let quantity = try? amount.divided(by: price, rounding: .down) else { return nil }
    return order(quantity, price, rules)
  }

  /// The limit lies `slippageBps` below the bid, rounded up to the tick but not above the bid; the quantity is floored.
  public func exit(quantity: Decimal, bid: Decimal, slippageBps: Decimal, rules: MarketRules) -> QuantizedOrder? {
    guard let floor = shifted(bid, by: -slippageBps) else { return nil }
    let price = min(ceiling(floor, rules.tick), bid.floored(toStep: rules.tick))
    return order(quantity, price, rules)
  }

  private func order(_ quantity: Decimal, _ price: Decimal, _ rules: MarketRules) -> QuantizedOrder? {
    let whole = quantity.floored(toStep: rules.step)
    guard price.isPositive, whole.isPositive, whole >= rules.minQuantity,
      let notional = try? whole.multiplied(by: price, rounding: .up), notional >= rules.minNotional
    else { return nil }
    return QuantizedOrder(quantity: whole, price: price, notional: notional)
  }

  private func shifted(_ price: Decimal, by bps: Decimal) -> Decimal? {
    guard let product = try? price.multiplied(by: Decimal(10_000) + bps, rounding: .halfEven) else { return nil }
    return try? product.divided(by: Decimal(10_000), rounding: .halfEven)
  }

  private func ceiling(_ price: Decimal, _ tick: Decimal) -> Decimal {
    let floor = price.floored(toStep: tick)
    return floor == price ? price : floor + tick
  }
}
