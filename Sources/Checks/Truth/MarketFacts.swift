import Basics
import Trading

/// What the venue accepts and charges on one symbol.
struct MarketFacts: Sendable {
  var tick: Decimal
  var step: Decimal
  var minQuantity: Decimal
  var minNotional: Decimal
  /// Share of a fill.
  var takerFee: Decimal
  /// Share of a fill of an order that had waited in the book.
  var makerFee: Decimal

  /// Nil where a figure is missing, or a step is none.
  init?(_ json: JSON) {
    func figure(_ name: FieldName) -> Decimal? { json[name.rawValue]?.decimal }
    guard let tick = figure(.tick), let step = figure(.step), let minQuantity = figure(.minQty),
      let minNotional = figure(.minNotional), let takerFee = figure(.takerFee), let makerFee = figure(.makerFee),
      tick.isPositive, step.isPositive
    else { return nil }
    self.tick = tick
    self.step = step
    self.minQuantity = minQuantity
    self.minNotional = minNotional
    self.takerFee = takerFee
    self.makerFee = makerFee
  }

  /// The lowest price of the venue that is not below `price`.
  func ceiling(_ price: Decimal) -> Decimal {
    let floor = price.floored(toStep: tick)
    return floor == price ? price : floor + tick
  }

  /// Whether the venue takes an order of that size at that price; nil where the two cannot be multiplied.
  func takes(_ quantity: Decimal, at price: Decimal) -> Bool? {
    let whole = quantity.floored(toStep: step)
    guard let notional = try? whole.multiplied(by: price, rounding: .down) else { return nil }
    return whole.isPositive && whole >= minQuantity && notional >= minNotional
  }

  /// The same of exactly that quantity and price.
  func takes(_ quantity: Decimal, exactlyAt price: Decimal) -> Bool {
    quantity.isMultiple(of: step) && price.isMultiple(of: tick) && takes(quantity, at: price) != false
  }
}
