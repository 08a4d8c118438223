/// What the venue keeps of a fill.
public struct Fee: Sendable, Hashable {
  public var asset: String
  public var amount: Decimal

  public init(asset: String, amount: Decimal) {
    self.asset = asset
    self.amount = amount
  }
}
