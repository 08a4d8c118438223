/// What an account holds of one asset.
public struct Balance: Sendable, Hashable {
  /// Such as `USDT`, in capitals.
  public var asset: String
  /// Available for new orders.
  public var free: Decimal
  /// Held by open orders.
  public var locked: Decimal

  /// A balance as given; neither part is checked to be above zero.
  @inlinable
  public init(asset: String, free: Decimal, locked: Decimal = .zero) {
    self.asset = asset
    self.free = free
    self.locked = locked
  }
}
