import Basics

/// Moments as logs and exports write them.
struct FieldTime: Sendable, Equatable {
  /// Places of a pattern such as `DD.MM.YYYY HH:mm:ss`; nil: whatever is recognised.
  var pattern: String?
  /// Nanoseconds of one unit of a plain number; nil: told by its size.
  var unit: Int64?
  /// Seconds that local time is ahead of UTC; nil: not known.
  var zone: Int?

  /// What was read.
  struct Reading: Equatable {
    var time: Instant
    /// The text names no zone, and none is known: UTC was assumed.
    var isWithoutZone = false
    /// The text itself names its zone, or is a count since 1970, which has none.
    var hasOwnZone = false
  }

  /// A text's moment; nil where it is none.
  func read(_ text: some StringProtocol) -> Reading? {
    if let number = Self.number(text) { return Reading(time: moment(number), hasOwnZone: true) }
    let bytes = Array(text.utf8)
    guard let parts = pattern.map({ Self.match(bytes, $0) }) ?? Self.recognised(bytes) else { return nil }
    guard let zone = parts.zone ?? zone else {
      return parts.instant(zone: 0).map { Reading(time: $0, isWithoutZone: true) }
    }
    return parts.instant(zone: zone).map { Reading(time: $0, hasOwnZone: parts.zone != nil) }
  }

  /// A number with or without a fraction, of 9 digits at least: a count since 1970.
  private static func number(_ text: some StringProtocol) -> (whole: Int64, fraction: Int64)? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts[0].utf8.count >= 9, let whole = Int64(parts[0]), whole > 0 else { return nil }
    guard parts.count == 2 else { return (whole, 0) }
    let digits = parts[1].prefix(9)
    guard !digits.isEmpty, let value = Int64(digits), value >= 0 else { return nil }
    var fraction = value
    for _ in digits.utf8.count..<9 { fraction *= 10 }
    return (whole, fraction)
  }

  /// By its size a count is one of seconds, milliseconds, microseconds or nanoseconds.
  private func moment(_ number: (whole: Int64, fraction: Int64)) -> Instant {
    let unit =
      self.unit
      ?? (number.whole < 100_000_000_000
        ? 1_000_000_000
        : number.whole < 100_000_000_000_000 ? 1_000_000 : number.whole < 100_000_000_000_000_000 ? 1000 : 1)
    let (product, isBeyond) = number.whole.multipliedReportingOverflow(by: unit)
    let fraction = number.fraction / (1_000_000_000 / max(1, min(unit, 1_000_000_000)))
    return Instant(nanoseconds: isBeyond ? .max : product.addingSaturated(unit == 1 ? 0 : fraction))
  }

  // MARK: Calendar texts

  struct Parts: Equatable {
    var year: Int64 = 0
    var month: Int64 = 0
    var day: Int64 = 0
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var nanoseconds: Int64 = 0
    var zone: Int?

    func instant(zone: Int) -> Instant? {
      let year = year < 100 ? year + 2000 : year
      guard (1970...2261).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
        second < 61
      else { return nil }
      let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
      guard CivilDate(daysSinceEpoch: days).day == day else { return nil }
      let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - Int64(zone)
      return Instant(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }
  }

  /// `2025-11-02T09:14:39.466588+00:00` and its kin: `/` or `.` between the parts of the date, two digits of the year,
  /// a blank in place of the T.
  private static func recognised(_ bytes: [UInt8]) -> Parts? {
    var reader = Digits(bytes)
    var parts = Parts()
    guard let first = reader.number(max: 4), reader.take("-/."), let second = reader.number(max: 2), reader.take("-/."),
      let third = reader.number(max: 4)
    else { return nil }
    if first.digits == 4 || third.digits <= 2 {
      (parts.year, parts.month, parts.day) = (first.value, second.value, third.value)
    } else {
      // 02.11.2025 is the second of November; 11/02/2025 may be either, and is not read without a pattern.
      guard bytes.contains(UInt8(ascii: ".")) else { return nil }
      (parts.day, parts.month, parts.year) = (first.value, second.value, third.value)
    }
    guard reader.take("T t") else { return reader.isAtEnd ? parts : nil }
    guard let hour = reader.number(max: 2), reader.take(":"), let minute = reader.number(max: 2) else { return nil }
    (parts.hour, parts.minute) = (hour.value, minute.value)
    if reader.take(":") {
      guard let second = reader.number(max: 2) else { return nil }
      parts.second = second.value
      if reader.take(".,") { parts.nanoseconds = reader.fraction() }
    }
    parts.zone = reader.zone()
    return reader.isAtEnd ? parts : nil
  }

  /// A pattern of YYYY, YY, MM, DD, HH, mm, ss, f (a fraction) and Z (a zone); anything else stands for itself.
  private static func match(_ bytes: [UInt8], _ pattern: String) -> Parts? {
    var reader = Digits(bytes)
    var parts = Parts()
    var rest = Array(pattern.utf8)[...]
    while let byte = rest.first {
      let run = rest.prefix { $0 == byte }.count
      rest = rest.dropFirst(run)
      switch byte {
      case UInt8(ascii: "f"): parts.nanoseconds = reader.fraction()
      case UInt8(ascii: "Z"): parts.zone = reader.zone() ?? parts.zone
      case UInt8(ascii: "Y"), UInt8(ascii: "M"), UInt8(ascii: "D"), UInt8(ascii: "H"), UInt8(ascii: "m"),
        UInt8(ascii: "s"):
        guard let number = reader.number(max: max(2, run)) else { return nil }
        switch byte {
        case UInt8(ascii: "Y"): parts.year = number.value
        case UInt8(ascii: "M"): parts.month = number.value
        case UInt8(ascii: "D"): parts.day = number.value
        case UInt8(ascii: "H"): parts.hour = number.value
        case UInt8(ascii: "m"): parts.minute = number.value
        default: parts.second = number.value
        }
      default:
        for _ in 0..<run where !reader.take(byte) { return nil }
      }
    }
    return reader.isAtEnd ? parts : nil
  }

  /// `UTC`, `UTC+8`, `(UTC+05:30)` within a header or a file's name; nil: none stands there.
  static func zone(in text: String) -> Int? {
    let upper = text.uppercased()
    for mark in ["UTC", "GMT"] {
      guard let found = upper.firstRange(of: mark) else { continue }
      var rest = upper[found.upperBound...].drop { $0 == " " || $0 == "_" }
      // A sign that a system does not allow in a name stands as an underscore or is left out: only + and - count.
      guard let sign = rest.first, sign == "+" || sign == "-" else { return 0 }
      rest = rest.dropFirst()
      let hours = rest.prefix { $0.isNumber }.prefix(2)
      guard let hour = Int(hours), hour <= 14 else { return 0 }
      var minutes = rest.dropFirst(hours.count)
      if minutes.first == ":" { minutes = minutes.dropFirst() }
      let minute = Int(minutes.prefix(2)).flatMap { $0 < 60 ? $0 : nil } ?? 0
      return (sign == "-" ? -1 : 1) * (hour * 3600 + minute * 60)
    }
    return nil
  }

  /// `Z`, `UTC`, `+08:00`, `-0530`; nil for other words.
  static func zone(named text: String) -> Int? {
    if text == "Z" || text.uppercased() == "UTC" { return 0 }
    var reader = Digits(Array(text.utf8))
    guard let zone = reader.zone(), reader.isAtEnd else { return nil }
    return zone
  }
}

/// Digits of a text, from its start on.
private struct Digits {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func number(max: Int) -> (value: Int64, digits: Int)? {
    var value: Int64 = 0
    let start = at
    while at < bytes.count, at - start < max, ASCII.isDigit(bytes[at]) {
      value = value * 10 + Int64(bytes[at] - 0x30)
      at += 1
    }
    return at > start ? (value, at - start) : nil
  }

  mutating func take(_ any: StaticString) -> Bool {
    guard at < bytes.count else { return false }
    for i in 0..<any.utf8CodeUnitCount where bytes[at] == any.utf8Start[i] {
      at += 1
      return true
    }
    return false
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  /// In nanoseconds; digits behind the ninth are dropped.
  mutating func fraction() -> Int64 {
    var value: Int64 = 0
    var digits = 0
    while at < bytes.count, ASCII.isDigit(bytes[at]) {
      if digits < 9 { value = value * 10 + Int64(bytes[at] - 0x30) }
      digits += 1
      at += 1
    }
    for _ in min(9, digits)..<9 { value *= 10 }
    return value
  }

  /// Seconds ahead of UTC; nil: no zone stands here.
  mutating func zone() -> Int? {
    if take("Zz") { return 0 }
    guard at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") else { return nil }
    let sign = bytes[at] == UInt8(ascii: "-") ? -1 : 1
    at += 1
    guard let hour = number(max: 2) else { return nil }
    _ = take(":")
    let minute = number(max: 2)?.value ?? 0
    return sign * Int(hour.value * 3600 + minute * 60)
  }
}
