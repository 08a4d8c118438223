extension Duration {
  /// Whole nanoseconds, rounded towards zero; saturates beyond 292 years.
  @inlinable public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
  }

  @inlinable public init(nanoseconds: Int64) {
    self = .nanoseconds(nanoseconds)
  }

  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }
  @inlinable public var milliseconds: Double { Double(nanoseconds) / 1e6 }
}
