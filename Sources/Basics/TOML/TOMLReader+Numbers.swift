/// Booleans, numbers, dates and times.
extension TOMLReader {
  mutating func bareValue() throws(SourceError) -> TOMLValue.Kind {
    let start = at
    while let byte = peek, Self.isTokenByte(byte) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "inf", "+inf": return .float(.infinity)
    case "-inf": return .float(-.infinity)
    case "nan", "+nan", "-nan": return .float(.nan)
    case "": throw error("a value is expected")
    default: break
    }
    if TOMLDate.date(bytes[start..<at]), peek == 0x20, let next = peek(1), ASCII.isDigit(next) {
      at += 1
      while let byte = peek, Self.isTokenByte(byte) { at += 1 }
    }
    if let kind = TOMLDate.kind(bytes[start..<at]) {
      return .dateTime(String(decoding: bytes[start..<at], as: UTF8.self), kind)
    }
    if let number = try number(text, start) { return number }
    throw notAValue(text, start)
  }

  private func notAValue(_ text: String, _ start: Int) -> SourceError {
    let lower = text.lowercased()
    if ["true", "false", "inf", "nan"].contains(lower) {
      return source.error(at: start, "'\(text)' is not a value", meant: lower)
    }
    if let first = text.utf8.first, ASCII.isDigit(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      return source.error(at: start, "'\(text)' is not a number, date or time")
    }
    return source.error(at: start, "'\(text)' is not a value; text stands in quotes: \"\(text)\"")
  }

  /// Nil: the text is no number.
  private func number(_ text: String, _ start: Int) throws(SourceError) -> TOMLValue.Kind? {
    let token = Array(text.utf8)
    guard let plain = Self.withoutUnderscores(token) else { return nil }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      let digits = plain.dropFirst(2)
      let first = token.count > 2 ? token[2] : UInt8(ascii: "_")
      guard first != UInt8(ascii: "_"), let sign = digits.first, ASCII.hexDigit(sign) != nil else { return nil }
      guard digits.allSatisfy({ ASCII.hexDigit($0).map { $0 < radix } ?? false }) else { return nil }
      return .integer(try integer(String(decoding: digits, as: UTF8.self), radix: radix, start))
    }
    guard let isFloat = Self.decimalShape(plain) else { return nil }
    let digits = String(decoding: plain, as: UTF8.self)
    if isFloat { return Double(digits).map { .float($0) } }
    return .integer(try integer(digits, radix: 10, start))
  }

  private func integer(_ digits: String, radix: Int, _ start: Int) throws(SourceError) -> Int64 {
    guard let value = Int64(digits, radix: radix) else {
      throw source.error(at: start, "the integer does not fit into 64 bits")
    }
    return value
  }

  /// `[+-]? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`; true: a float; nil: neither.
  private static func decimalShape(_ bytes: [UInt8]) -> Bool? {
    var at = 0
    func digits(from start: Int) -> Int { bytes[start...].prefix { ASCII.isDigit($0) }.count }
    func isSign(_ i: Int) -> Bool {
      i < bytes.count && (bytes[i] == UInt8(ascii: "+") || bytes[i] == UInt8(ascii: "-"))
    }
    if isSign(0) { at = 1 }
    let whole = digits(from: at)
    guard whole > 0, whole == 1 || bytes[at] != UInt8(ascii: "0") else { return nil }
    at += whole
    var isFloat = false
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      let fraction = digits(from: at + 1)
      guard fraction > 0 else { return nil }
      at += 1 + fraction
      isFloat = true
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += isSign(at + 1) ? 2 : 1
      let exponent = digits(from: min(at, bytes.count))
      guard exponent > 0 else { return nil }
      at += exponent
      isFloat = true
    }
    return at == bytes.count ? isFloat : nil
  }

  /// Nil: an underscore without a digit on both sides.
  private static func withoutUnderscores(_ token: [UInt8]) -> [UInt8]? {
    for i in token.indices where token[i] == UInt8(ascii: "_") {
      guard i > 0, i + 1 < token.count, ASCII.hexDigit(token[i - 1]) != nil, ASCII.hexDigit(token[i + 1]) != nil else {
        return nil
      }
      let isExponent = { (byte: UInt8) in byte | 0x20 == UInt8(ascii: "e") }
      if !token.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]),
        isExponent(token[i - 1]) || isExponent(token[i + 1])
      {
        return nil
      }
    }
    return token.filter { $0 != UInt8(ascii: "_") }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":"): true
    default: byte >= 0x80
    }
  }
}

/// The shapes of RFC 3339 that TOML knows, and whether such a day exists.
enum TOMLDate {
  static func kind(_ bytes: ArraySlice<UInt8>) -> TOMLValue.DateTimeKind? {
    if let end = time(bytes), end == bytes.endIndex { return .localTime }
    guard bytes.count >= 10, date(bytes.prefix(10)) else { return nil }
    let rest = bytes.dropFirst(10)
    guard let separator = rest.first else { return .localDate }
    guard [UInt8(ascii: "T"), UInt8(ascii: "t"), 0x20].contains(separator) else { return nil }
    guard let end = time(rest.dropFirst()) else { return nil }
    let offset = bytes[end...]
    if offset.isEmpty { return .localDateTime }
    if offset.count == 1, offset[end] | 0x20 == UInt8(ascii: "z") { return .offsetDateTime }
    guard offset.count == 6, offset[end] == UInt8(ascii: "+") || offset[end] == UInt8(ascii: "-") else { return nil }
    guard offset[end + 3] == UInt8(ascii: ":"), let hours = number(offset[(end + 1)..<(end + 3)]), hours <= 23,
      let minutes = number(offset[(end + 4)...]), minutes <= 59
    else { return nil }
    return .offsetDateTime
  }

  static func date(_ bytes: ArraySlice<UInt8>) -> Bool {
    let s = bytes.startIndex
    guard bytes.count == 10, bytes[s + 4] == UInt8(ascii: "-"), bytes[s + 7] == UInt8(ascii: "-"),
      let year = number(bytes[s..<(s + 4)]), let month = number(bytes[(s + 5)..<(s + 7)]),
      let day = number(bytes[(s + 8)...]), year >= 1, (1...12).contains(month)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }

  /// The index behind `HH:MM:SS[.fraction]`; nil: no time stands here.
  private static func time(_ bytes: ArraySlice<UInt8>) -> Int? {
    let s = bytes.startIndex
    guard bytes.count >= 8, bytes[s + 2] == UInt8(ascii: ":"), bytes[s + 5] == UInt8(ascii: ":"),
      let hours = number(bytes[s..<(s + 2)]), let minutes = number(bytes[(s + 3)..<(s + 5)]),
      let seconds = number(bytes[(s + 6)..<(s + 8)]), hours <= 23, minutes <= 59, seconds <= 59
    else { return nil }
    let end = s + 8
    guard end < bytes.endIndex, bytes[end] == UInt8(ascii: ".") else { return end }
    let fraction = bytes[(end + 1)...].prefix { ASCII.isDigit($0) }
    return fraction.isEmpty ? nil : fraction.endIndex
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ ASCII.isDigit($0) }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

}
