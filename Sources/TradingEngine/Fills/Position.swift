import Basics
import Trading

/// What the engine bought of one symbol and has not sold.
public struct Position: Sendable, Equatable {
  /// Base asset.
  public var quantity = Decimal.zero
  /// Quote asset paid for it, fees included.
  public var cost = Decimal.zero
  /// When its first part was bought.
  public var openedAt: Instant?
  /// Whether POSITION_OPENED was logged and POSITION_CLOSED not yet.
  public var isOpen = false

  /// Nothing held.
  public init() {}
}
