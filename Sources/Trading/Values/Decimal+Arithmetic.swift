/// Why a decimal operation has no result.
public enum ArithmeticError: Error, Sendable, Equatable {
  /// The result lies outside the range of `Decimal`.
  case overflow
  /// The divisor is zero.
  case divisionByZero
}

/// Where a result goes that does not fit 12 digits behind the point.
public enum Rounding: Sendable, Equatable {
  /// Towards zero.
  case down
  /// Away from zero.
  case up
  /// To the nearest neighbour, ties to the even one.
  case halfEven
}

extension Decimal {
  /// The sum; throws `.overflow`.
  @inlinable
  public func adding(_ other: Decimal) throws(ArithmeticError) -> Decimal {
    let (sum, overflow) = coefficient.addingReportingOverflow(other.coefficient)
    guard !overflow else { throw .overflow }
    return Decimal(coefficient: sum)
  }

  /// The difference; throws `.overflow`.
  @inlinable
  public func subtracting(_ other: Decimal) throws(ArithmeticError) -> Decimal {
    let (difference, overflow) = coefficient.subtractingReportingOverflow(other.coefficient)
    guard !overflow else { throw .overflow }
    return Decimal(coefficient: difference)
  }

  /// The sum of values known to be small; overflow is the caller's mistake (`adding` is for data from outside).
  @inlinable
  public static func + (left: Decimal, right: Decimal) -> Decimal {
    let (sum, overflow) = left.coefficient.addingReportingOverflow(right.coefficient)
    precondition(!overflow, "Decimal sum out of range")
    return Decimal(coefficient: sum)
  }

  /// The difference of values known to be small; overflow is the caller's mistake.
  @inlinable
  public static func - (left: Decimal, right: Decimal) -> Decimal {
    let (difference, overflow) = left.coefficient.subtractingReportingOverflow(right.coefficient)
    precondition(!overflow, "Decimal difference out of range")
    return Decimal(coefficient: difference)
  }

  /// The value with the other sign; the most negative coefficient is the caller's mistake.
  @inlinable
  public static prefix func - (value: Decimal) -> Decimal { .zero - value }

  /// Adds values known to be small; overflow is the caller's mistake, as with `+`.
  @inlinable
  public static func += (left: inout Decimal, right: Decimal) { left = left + right }

  /// Subtracts values known to be small; overflow is the caller's mistake, as with `-`.
  @inlinable
  public static func -= (left: inout Decimal, right: Decimal) { left = left - right }

  /// The product, rounded to 12 digits behind the point; the intermediate has 256 bits. Throws `.overflow`.
  public func multiplied(by other: Decimal, rounding: Rounding) throws(ArithmeticError) -> Decimal {
    if let product = smallProduct(other, rounding) { return product }
    let (left, right) = (coefficient.magnitude, other.coefficient.magnitude)
    let negative = isNegative != other.isNegative
    let wide = Decimal.product(left, right)
    return try Decimal.quotient(wide.high, wide.low, Decimal.unit.magnitude, negative: negative, rounding)
  }

  /// The product of two values that are not negative and fit in half of the width, as amounts of every day do, if it does so too:
  /// then one multiplication and one division of the machine give it. Nil for others.
  private func smallProduct(_ other: Decimal, _ rounding: Rounding) -> Decimal? {
    guard high == 0, other.high == 0 else { return nil }
    let wide = low.multipliedFullWidth(by: other.low)
    let unit: UInt64 = 1_000_000_000_000
    guard wide.high < unit else { return nil }
    let (quotient, remainder) = unit.dividingFullWidth(wide)
    let isUp =
      switch rounding {
      case .down: false
      case .up: remainder != 0
      case .halfEven: remainder > unit / 2 || (remainder == unit / 2 && quotient & 1 == 1)
      }
    return Decimal(coefficient: Int128(quotient) + (isUp ? 1 : 0))
  }

  /// Amounts of every day fit in half of the width, where multiplying is cheap.
  private static func product(_ left: UInt128, _ right: UInt128) -> (high: UInt128, low: UInt128) {
    let (low, isWide) = left.multipliedReportingOverflow(by: right)
    if !isWide { return (0, low) }
    return left.multipliedFullWidth(by: right)
  }

  /// The quotient, rounded to 12 digits behind the point. Throws `.divisionByZero` and `.overflow`.
  public func divided(by other: Decimal, rounding: Rounding) throws(ArithmeticError) -> Decimal {
    guard !other.isZero else { throw .divisionByZero }
    let wide = Decimal.product(coefficient.magnitude, Decimal.unit.magnitude)
    let negative = isNegative != other.isNegative
    return try Decimal.quotient(wide.high, wide.low, other.coefficient.magnitude, negative: negative, rounding)
  }

  /// The largest multiple of `step` that is not above the value; a `step` of zero or below leaves the value alone.
  public func floored(toStep step: Decimal) -> Decimal {
    guard step.isPositive else { return self }
    if high == 0, step.high == 0 { return Decimal(coefficient: Int128(low - low % step.low)) }
    let remainder = coefficient % step.coefficient
    if remainder == 0 { return self }
    let towardsZero = coefficient &- remainder
    guard remainder < 0 else { return Decimal(coefficient: towardsZero) }
    let (floor, overflow) = towardsZero.subtractingReportingOverflow(step.coefficient)
    return Decimal(coefficient: overflow ? towardsZero : floor)
  }

  /// The nearest multiple of `step`, ties upwards; a `step` of zero or below leaves the value alone.
  public func rounded(toStep step: Decimal) -> Decimal {
    guard step.isPositive else { return self }
    let floor = floored(toStep: step)
    let above = coefficient &- floor.coefficient
    guard above >= step.coefficient &- above else { return floor }
    let (ceiling, overflow) = floor.coefficient.addingReportingOverflow(step.coefficient)
    return overflow ? floor : Decimal(coefficient: ceiling)
  }

  /// Whether the value is a whole number of steps; a `step` of zero or below divides everything.
  @inlinable
  public func isMultiple(of step: Decimal) -> Bool {
    // Most amounts fit in half of the width, where dividing costs a tenth.
    if high == 0, step.high == 0, step.low != 0 { return low % step.low == 0 }
    return !step.isPositive || coefficient % step.coefficient == 0
  }

  private static func quotient(
    _ high: UInt128, _ low: UInt128, _ divisor: UInt128, negative: Bool, _ rounding: Rounding
  ) throws(ArithmeticError) -> Decimal {
    guard high < divisor else { throw .overflow }
    var (result, remainder) =
      high == 0 ? low.quotientAndRemainder(dividingBy: divisor) : divisor.dividingFullWidth((high, low))
    let roundsUp: Bool
    switch rounding {
    case .down: roundsUp = false
    case .up: roundsUp = remainder != 0
    case .halfEven:
      let rest = divisor - remainder
      roundsUp = remainder > rest || (remainder == rest && result & 1 == 1)
    }
    if roundsUp {
      let (next, overflow) = result.addingReportingOverflow(1)
      guard !overflow else { throw .overflow }
      result = next
    }
    guard let value = Int128(exactly: result) else { throw .overflow }
    return Decimal(coefficient: negative ? 0 &- value : value)
  }
}
