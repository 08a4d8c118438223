/// What the venue keeps of a fill.
public struct Fee: Sendable, Hashable {
  /// What the fee is paid in, which the venue says; it need not be an asset of the market.
  public var asset: String
  /// In units of `asset`; what the account pays is above zero.
  public var amount: Decimal

  /// A fee as given.
  @inlinable
  public init(asset: String, amount: Decimal) {
    self.asset = asset
    self.amount = amount
  }
}
