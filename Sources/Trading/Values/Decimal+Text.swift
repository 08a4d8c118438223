import Basics

extension Decimal {
  /// Reads `[+-]digits[.digits][e[+-]digits]` exactly; nil for other text and for values that 12 digits behind the point
  /// or 128 bits cannot hold.
  public init?(_ text: String) {
    var copy = text
    let value = copy.withUTF8 { Decimal($0) }
    guard let value else { return nil }
    self = value
  }

  /// Reads what the initialiser for text reads, where its bytes stand.
  public init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let value = Decimal.plain(bytes) {
      self = value
    } else if let value = Decimal.parse(bytes) {
      self.init(coefficient: value)
    } else {
      return nil
    }
  }

  /// 10^0 to 10^12.
  private static let powers: [Int128] = (0...scale).map { power in
    (0..<power).reduce(1) { product, _ in product * 10 }
  }

  /// `[-]digits[.digits]` of at most 18 digits, at most 12 of them behind the point: nearly every amount, and half of the width
  /// is enough to gather it. Nil for any other text.
  private static func plain(_ bytes: UnsafeBufferPointer<UInt8>) -> Decimal? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let start = isNegative ? 1 : 0
    guard bytes.count - start <= 19 else { return nil }
    var (value, point) = (UInt64(0), -1)
    for index in start..<bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      if digit < 10 {
        value = value * 10 + UInt64(digit)
      } else {
        guard bytes[index] == UInt8(ascii: "."), point < 0, index > start else { return nil }
        point = index
      }
    }
    let fraction = point < 0 ? 0 : bytes.count - point - 1
    let digits = bytes.count - start - (point < 0 ? 0 : 1)
    guard digits > 0, digits <= 18, point < 0 || fraction > 0, fraction <= scale else { return nil }
    let coefficient = Int128(value) &* powers[scale - fraction]
    return Decimal(coefficient: isNegative ? 0 - coefficient : coefficient)
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int128? {
    var index = 0
    var negative = false
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      negative = bytes[index] == UInt8(ascii: "-")
      index += 1
    }
    var value: Int128 = 0
    var digits = 0
    var fraction = 0
    var trailingZeros = 0
    var seenPoint = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: ".") {
        guard !seenPoint, digits > 0 else { return nil }
        seenPoint = true
        index += 1
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      digits += 1
      if seenPoint { fraction += 1 }
      // Zeros are held back so that "0.5000…" and "100…e-30" stay exact however many there are.
      if byte == UInt8(ascii: "0") {
        if value != 0 { trailingZeros += 1 }
      } else {
        guard let shifted = scaled(value, by: trailingZeros + 1) else { return nil }
        let (sum, overflow) = shifted.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
        guard !overflow else { return nil }
        value = sum
        trailingZeros = 0
      }
      index += 1
    }
    guard digits > 0, !(seenPoint && fraction == 0) else { return nil }
    guard let exponent = exponent(bytes, from: index) else { return nil }
    guard value != 0 else { return 0 }
    let power = exponent - fraction + trailingZeros + scale
    guard let coefficient = scaled(value, by: power) else { return nil }
    return negative ? 0 - coefficient : coefficient
  }

  /// The exponent behind the digits: 0 when there is none, nil when the rest of the text is not one.
  private static func exponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard start < bytes.count else { return 0 }
    guard bytes[start] == UInt8(ascii: "e") || bytes[start] == UInt8(ascii: "E") else { return nil }
    var index = start + 1
    var negative = false
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      negative = bytes[index] == UInt8(ascii: "-")
      index += 1
    }
    guard index < bytes.count, bytes.count - index <= 4 else { return nil }
    var value = 0
    for byte in bytes[index...] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return negative ? -value : value
  }

  /// `value` × 10^power, nil when it overflows or is not whole.
  private static func scaled(_ value: Int128, by power: Int) -> Int128? {
    if value == 0 { return 0 }
    guard power >= -38, power <= 38 else { return nil }
    var result = value
    if power >= 0 {
      for _ in 0..<power {
        let (next, overflow) = result.multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        result = next
      }
    } else {
      for _ in 0..<(-power) {
        let (quotient, remainder) = result.quotientAndRemainder(dividingBy: 10)
        if remainder != 0 { return nil }
        result = quotient
      }
    }
    return result
  }
}

extension Decimal: CustomStringConvertible {
  /// The shortest text that reads back as the same value; never an exponent.
  public var description: String {
    let magnitude = coefficient.magnitude
    let unit = Decimal.unit.magnitude
    let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: unit)
    var text = coefficient < 0 ? "-" : ""
    if let small = UInt64(exactly: whole) { text += String(small) } else { text += String(whole) }
    guard fraction != 0 else { return text }
    var rest = UInt64(truncatingIfNeeded: fraction)
    var width = Decimal.scale
    while rest % 10 == 0 {
      rest /= 10
      width -= 1
    }
    let digits = String(rest)
    text += "."
    for _ in digits.utf8.count..<width { text += "0" }
    return text + digits
  }
}

extension ByteWriter {
  /// Appends what `description` says, without making a string where the value is small enough.
  public mutating func decimal(_ value: Decimal) {
    guard let small = Int64(exactly: value.coefficient) else { return text(value.description) }
    fixed(small, places: Decimal.scale)
  }

  /// A number in quotes, as money stands in JSON.
  public mutating func quoted(_ value: Decimal) {
    byte(UInt8(ascii: "\""))
    decimal(value)
    byte(UInt8(ascii: "\""))
  }

  /// `"BASE/QUOTE"`; symbols hold letters, digits, - and _ only: nothing to escape.
  public mutating func quoted(_ symbol: Symbol) {
    byte(UInt8(ascii: "\""))
    text(symbol.base)
    byte(UInt8(ascii: "/"))
    text(symbol.quote)
    byte(UInt8(ascii: "\""))
  }
}
