import Basics

/// Durations and windows: `250ms`, `0.5s`, `2s..10s`, `2s..`.
extension GrammarReader {
  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  /// 365 days.
  private static let durationMax: Int64 = 8760 * 3_600_000_000_000

  /// `bareUnit` stands in where no unit is written; nil: one must be.
  mutating func duration(bareUnit: String? = nil) throws(GrammarError) -> Duration {
    skipBlanks()
    let start = at
    let whole = digits()
    var fraction = ""
    // Two dots belong to a window.
    if peek == UInt8(ascii: "."), at + 1 < bytes.count, ASCII.isDigit(bytes[at + 1]) {
      at += 1
      fraction = digits()
    }
    guard !whole.isEmpty else {
      throw GrammarError(offset: start, message: "a duration is expected, such as 250ms or 2s")
    }
    let unitStart = at
    var unit = run { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    if unit.isEmpty, let bareUnit { unit = bareUnit }
    guard let known = Self.units.first(where: { $0.name == unit }) else {
      let names = Self.units.map(\.name)
      let what = unit.isEmpty ? "the duration has no unit" : "'\(unit)' is not a unit of time"
      throw GrammarError(
        offset: unitStart, message: "\(what); units are \(names.joined(separator: ", "))",
        meant: names.contains(unit.lowercased()) ? unit.lowercased() : nil)
    }
    guard let value = Self.nanoseconds(whole, fraction, known.nanoseconds), value <= Self.durationMax else {
      throw GrammarError(
        offset: start, message: "a duration is a whole number of nanoseconds and at most 365 days (8760h)")
    }
    skipBlanks()
    return Duration(nanoseconds: value)
  }

  mutating func window() throws(GrammarError) -> Fault.Window {
    skipBlanks()
    let start = at
    let from = try duration()
    guard take("..") else { throw error("a window is written '2s..10s', or '2s..' without an end") }
    skipBlanks()
    guard let byte = peek, ASCII.isDigit(byte) else { return Fault.Window(start: from) }
    let to = try duration()
    guard to > from else { throw GrammarError(offset: start, message: "the window ends before it begins") }
    return Fault.Window(start: from, end: to)
  }

  /// Nil: finer than a nanosecond, or too long.
  private static func nanoseconds(_ whole: String, _ fraction: String, _ unit: Int64) -> Int64? {
    var digits = Substring(fraction)
    while digits.last == "0" { digits.removeLast() }
    guard digits.utf8.count <= 18, let whole = Int64(whole), let part = Int64("0\(digits)") else { return nil }
    let denominator = digits.utf8.reduce(Int128(1)) { product, _ in product * 10 }
    let numerator = Int128(part) * Int128(unit)
    guard numerator % denominator == 0 else { return nil }
    return Int64(exactly: Int128(whole) * Int128(unit) + numerator / denominator)
  }
}

extension Duration {
  /// The shortest form that durations in faults are read from: `8s`, `250ms`, `90s`, `2m`.
  var faultText: String {
    let value = nanoseconds
    let units: [(name: String, size: Int64)] = [
      ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
    ]
    if value == 0 { return "0s" }
    for unit in units where value % unit.size == 0 { return "\(value / unit.size)\(unit.name)" }
    return "\(value)ns"
  }
}
