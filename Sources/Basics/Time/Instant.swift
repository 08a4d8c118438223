/// A moment, counted in nanoseconds since the Unix epoch.
///
/// Simulated time starts at `simulationEpoch` (or the first recorded tick); live time is the monotonic clock laid onto the
/// wall-clock moment at which the runtime was made, so that it never jumps.
public struct Instant: Comparable, Hashable, Sendable {
  /// Since 1970-01-01T00:00:00Z without leap seconds; negative before it.
  public var nanoseconds: Int64

  /// The moment so many nanoseconds after the Unix epoch.
  @inlinable public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// 2025-01-01T00:00:00Z: where simulated time begins.
  public static let simulationEpoch = Instant(nanoseconds: 1_735_689_600_000_000_000)
  /// The last moment that can be counted, in the year 2262: a deadline that never comes.
  public static let distantFuture = Instant(nanoseconds: .max)

  /// Whether `a` is earlier.
  @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The sum saturates at `distantFuture`, and at the earliest moment that can be counted.
  @inlinable public static func + (a: Instant, d: Duration) -> Instant {
    Instant(nanoseconds: a.nanoseconds.addingSaturated(d.nanoseconds))
  }

  /// Saturates beyond 292 years.
  @inlinable public static func - (a: Instant, b: Instant) -> Duration {
    let (difference, overflow) = a.nanoseconds.subtractingReportingOverflow(b.nanoseconds)
    return Duration(nanoseconds: overflow ? (a.nanoseconds < 0 ? .min : .max) : difference)
  }
}

extension Int64 {
  /// The sum, or the end of the range that it lies beyond.
  @inlinable public func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}

extension Instant: CustomStringConvertible {
  /// The moment as `iso8601()` writes it.
  public var description: String { iso8601() }

  /// UTC with microseconds, `2025-01-01T00:00:00.123456Z` (RFC 3339).
  public func iso8601() -> String {
    var text = ByteWriter(capacity: TimeStamp.length)
    text.time(self)
    return text.string
  }

  /// Reads what `iso8601()` writes (a fraction of 0 to 9 digits); nil for anything else, and for a moment that nanoseconds
  /// cannot count.
  public init?(iso8601 text: String) {
    let u = Array(text.utf8)
    guard u.count >= 20, u[4] == 0x2D, u[7] == 0x2D, u[10] == 0x54, u[13] == 0x3A, u[16] == 0x3A, u.last == 0x5A
    else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for i in range {
        guard u[i] >= 0x30, u[i] <= 0x39 else { return nil }
        value = value * 10 + Int64(u[i] - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
      let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    if u.count > 20 {
      guard u[19] == 0x2E, u.count <= 30, let digits = number(20..<(u.count - 1)) else { return nil }
      fraction = digits
      for _ in (u.count - 21)..<9 { fraction *= 10 }
    }
    let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
    guard CivilDate(daysSinceEpoch: days).day == day else { return nil }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    let (whole, isBeyond) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (total, isBeyondEnd) = whole.addingReportingOverflow(fraction)
    if isBeyond || isBeyondEnd { return nil }
    self.init(nanoseconds: total)
  }
}

extension Int64 {
  func flooredDivision(by divisor: Int64) -> Int64 {
    let (q, r) = quotientAndRemainder(dividingBy: divisor)
    return r < 0 ? q - 1 : q
  }
}
