/// What the venue accepts on one symbol and what it charges.
public struct MarketRules: Sendable, Hashable {
  /// The market that the rules are for.
  public var symbol: Symbol
  /// Prices are multiples of it.
  public var tick: Decimal
  /// Quantities are multiples of it.
  public var step: Decimal
  /// Smallest quantity, base asset.
  public var minQuantity: Decimal
  /// Smallest price × quantity, quote asset.
  public var minNotional: Decimal
  /// Share of a fill, 0.0005 is 0.05 %.
  public var takerFee: Decimal
  /// Share of a fill.
  public var makerFee: Decimal
  /// Whether the venue's documents say that it takes the fee of a purchase in base asset; a token of its own aside.
  public var takesFeeFromReceived = false

  /// Rules as given; a tick or a step of zero means that any price or quantity is a multiple.
  public init(
    symbol: Symbol, tick: Decimal, step: Decimal, minQuantity: Decimal, minNotional: Decimal, takerFee: Decimal,
    makerFee: Decimal
  ) {
    self.symbol = symbol
    self.tick = tick
    self.step = step
    self.minQuantity = minQuantity
    self.minNotional = minNotional
    self.takerFee = takerFee
    self.makerFee = makerFee
  }
}
