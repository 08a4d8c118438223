/// An exact decimal number: a 128-bit coefficient with a fixed scale of 12 digits behind the point.
///
/// Range: about ±1.7e26 with a resolution of 1e-12. Money, prices and quantities are of this type; binary floating
/// point never touches them.
@frozen
public struct Decimal: Hashable, Comparable, Sendable {
  // In two halves: an Int128 stands on multiples of 16 bytes only, for which the allocator takes a slower way with every box
  // and array that holds an amount.
  @usableFromInline let low: UInt64
  @usableFromInline let high: Int64

  /// The value in units of 10^-12.
  @inlinable public var coefficient: Int128 {
    Int128(truncatingIfNeeded: high) << 64 | Int128(truncatingIfNeeded: low)
  }

  /// Digits behind the decimal point that the coefficient carries.
  public static let scale = 12

  /// 10^12, the coefficient of one.
  @inlinable static var unit: Int128 { 1_000_000_000_000 }

  /// Makes the value `coefficient` × 10^-12.
  @inlinable
  public init(coefficient: Int128) {
    low = UInt64(truncatingIfNeeded: coefficient)
    high = Int64(truncatingIfNeeded: coefficient >> 64)
  }

  /// Makes the whole number `value`; every `Int` fits.
  @inlinable
  public init(_ value: Int) {
    self.init(coefficient: Int128(value) &* Decimal.unit)
  }

  /// Nothing at all; also what sums start from.
  @inlinable public static var zero: Decimal { Decimal(coefficient: 0) }

  /// The number 1: a whole share, a unit of an asset.
  @inlinable public static var one: Decimal { Decimal(coefficient: unit) }

  /// Whether the value is below zero.
  @inlinable public var isNegative: Bool { coefficient < 0 }

  /// Whether the value is above zero.
  @inlinable public var isPositive: Bool { coefficient > 0 }

  /// Whether the value is zero.
  @inlinable public var isZero: Bool { coefficient == 0 }

  /// The value without its sign; the most negative coefficient gives the largest value.
  @inlinable public var magnitude: Decimal {
    coefficient == Int128.min
      ? Decimal(coefficient: .max) : Decimal(coefficient: coefficient < 0 ? 0 &- coefficient : coefficient)
  }

  /// The nearest binary floating-point number; for display and statistics only, never for money.
  public var doubleValue: Double { Double(coefficient) / 1e12 }

  /// Equal in value: the scale is fixed, so that 1.0 and 1.00 are one coefficient.
  @inlinable
  public static func == (left: Decimal, right: Decimal) -> Bool {
    left.low == right.low && left.high == right.high
  }

  /// Exact, without rounding.
  @inlinable
  public static func < (left: Decimal, right: Decimal) -> Bool { left.coefficient < right.coefficient }
}
