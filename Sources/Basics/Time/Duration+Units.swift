extension Duration {
  /// Whole nanoseconds, rounded towards zero; saturates beyond 292 years.
  @inlinable public var nanoseconds: Int64 {
    // Below nine seconds the division is one of 64 bits, by a constant.
    if let small = Int64(exactly: attoseconds) { return small / 1_000_000_000 }
    return Int64(clamping: attoseconds / 1_000_000_000)
  }

  /// A duration of whole nanoseconds; every `Int64` fits.
  @inlinable public init(nanoseconds: Int64) {
    self = .nanoseconds(nanoseconds)
  }

  /// Seconds with a fraction, for statistics and text; to the nanosecond up to 104 days.
  /// Milliseconds with a fraction, for statistics and text; to the nanosecond up to 104 days.
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
  @inlinable public var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
