import Basics
import Trading

extension SplitMix {
  /// A value of any size up to 1e20 with any number of digits behind the point.
  mutating func decimal() -> Decimal {
    var coefficient = Int128(next()) * Int128(next() >> 20)
    for _ in 0..<(next() % 30) { coefficient /= 10 }
    return Decimal(coefficient: next() & 1 == 0 ? coefficient : -coefficient)
  }
}
