/// The direction of an order; the raw value is how logs write it.
public enum Side: String, Sendable, Hashable {
  /// To buy is to receive the base asset for the quote asset, to sell the other way round.
  case buy, sell

  /// How venues and fault selectors write it: `BUY` or `SELL`.
  public var wireName: String { self == .buy ? "BUY" : "SELL" }

  /// The other side.
  public var opposite: Side { self == .buy ? .sell : .buy }
}
