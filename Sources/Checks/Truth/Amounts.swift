import Trading

/// Sums and products of amounts from files, which may be beyond what can be counted.
extension Decimal {
  func times(_ other: Decimal, _ rounding: Rounding, of place: @autoclosure () -> String) throws(Unjudged) -> Decimal {
    do throws(ArithmeticError) { return try multiplied(by: other, rounding: rounding) } catch {
      throw Unjudged(reason: "amounts are too large to be multiplied, at \(place())")
    }
  }

  func over(_ other: Decimal, _ rounding: Rounding, of place: @autoclosure () -> String) throws(Unjudged) -> Decimal {
    do throws(ArithmeticError) { return try divided(by: other, rounding: rounding) } catch {
      throw Unjudged(reason: "amounts cannot be divided, at \(place())")
    }
  }

  /// So many hundredths of a percent of one.
  static func basisPoints(_ value: Decimal) -> Decimal { Decimal(coefficient: value.coefficient / 10_000) }
}
