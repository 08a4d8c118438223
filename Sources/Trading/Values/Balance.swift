/// What an account holds of one asset.
public struct Balance: Sendable, Hashable {
  public var asset: String
  /// Available for new orders.
  public var free: Decimal
  /// Held by open orders.
  public var locked: Decimal

  public init(asset: String, free: Decimal, locked: Decimal = .zero) {
    self.asset = asset
    self.free = free
    self.locked = locked
  }
}
