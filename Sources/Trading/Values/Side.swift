/// The direction of an order; the raw value is how logs write it.
public enum Side: String, Sendable, Hashable {
  case buy, sell

  /// How venues and fault selectors write it: `BUY` or `SELL`.
  public var wireName: String { self == .buy ? "BUY" : "SELL" }

  /// The other side.
  public var opposite: Side { self == .buy ? .sell : .buy }
}
