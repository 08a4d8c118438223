import Trading

/// SplitMix64, so that property tests draw the same numbers everywhere.
struct TestRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A value of any size up to 1e20 with any number of digits behind the point.
  mutating func decimal() -> Decimal {
    var coefficient = Int128(next()) * Int128(next() >> 20)
    for _ in 0..<(next() % 30) { coefficient /= 10 }
    return Decimal(coefficient: next() & 1 == 0 ? coefficient : -coefficient)
  }
}
