/// Walks one compact JSON object without building values: positions only, so that thousands of lines stay cheap.
///
/// It proves quoting, nesting and the shape of the top level; the inside of nested values is left to `JSON.parse`.
struct LineScanner {
  private let text: UnsafeBufferPointer<UInt8>
  private var at = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// Gives the positions of each member's name (without quotes) and value until `body` says false.
  ///
  /// - Returns: false when the text is no whole object; a walk that `body` ended early is not checked to its end.
  mutating func members(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool) -> Bool {
    skipSpace()
    guard take(0x7B) else { return false }
    skipSpace()
    if take(0x7D) { return isAtEnd }
    while true {
      skipSpace()
      guard let name = string() else { return false }
      skipSpace()
      guard take(0x3A) else { return false }
      skipSpace()
      guard let value = value() else { return false }
      if !body(name, value) { return true }
      skipSpace()
      if take(0x2C) { continue }
      return take(0x7D) && isAtEnd
    }
  }

  private var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return at == text.count
    }
  }

  private mutating func skipSpace() {
    while at < text.count, text[at] == 0x20 || text[at] == 0x0D || text[at] == 0x09 { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < text.count, text[at] == byte else { return false }
    at += 1
    return true
  }

  @inline(__always)
  private mutating func string() -> Range<Int>? {
    let count = text.count
    guard at < count, text[at] == 0x22 else { return nil }
    let start = at + 1
    var i = start
    while true {
      while i + 8 <= count {
        let found = Self.stops(UnsafeRawPointer(text.baseAddress.unsafelyUnwrapped + i).loadUnaligned(as: UInt64.self))
        i += found == 0 ? 8 : found.trailingZeroBitCount / 8
        if found != 0 { break }
      }
      guard i < count else { return nil }
      let byte = text[i]
      if byte == 0x22 {
        at = i + 1
        return start..<i
      }
      if byte < 0x20 { return nil }
      i += byte == 0x5C ? 2 : 1
    }
  }

  /// Where a quote, a backslash or a control character stands first in eight bytes: the lowest bit is in its byte.
  ///
  /// The borrow of a byte below the bound reaches its highest bit: S. E. Anderson, "Bit Twiddling Hacks", hasless.
  @inline(__always) private static func stops(_ bytes: UInt64) -> UInt64 {
    let word = UInt64(littleEndian: bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let isControl = (word &- ones &* 0x20) & ~word
    let isQuote = (quote &- ones) & ~quote
    let isBackslash = (backslash &- ones) & ~backslash
    return (isControl | isQuote | isBackslash) & (ones &* 0x80)
  }

  private mutating func value() -> Range<Int>? {
    guard at < text.count else { return nil }
    let start = at
    switch text[at] {
    case 0x22: return string().map { _ in start..<at }
    case 0x7B, 0x5B: return nested()
    default:
      while at < text.count, Self.isPlain(text[at]) { at += 1 }
      return at > start && isScalar(start..<at) ? start..<at : nil
    }
  }

  private mutating func nested() -> Range<Int>? {
    let start = at
    var depth = 0
    while at < text.count {
      switch text[at] {
      case 0x22:
        guard string() != nil else { return nil }
        continue
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D: depth -= 1
      default: break
      }
      at += 1
      if depth == 0 { return start..<at }
    }
    return nil
  }

  private func isScalar(_ range: Range<Int>) -> Bool {
    switch text[range.lowerBound] {
    case 0x2D, 0x30...0x39: isNumber(range)
    case 0x74: Self.equal(text, range, "true")
    case 0x66: Self.equal(text, range, "false")
    case 0x6E: Self.equal(text, range, "null")
    default: false
    }
  }

  /// A number as JSON writes it, below 10^18.
  private func isNumber(_ range: Range<Int>) -> Bool {
    var i = range.lowerBound
    func skipDigits() -> Int {
      let start = i
      while i < range.upperBound, text[i] >= 0x30, text[i] <= 0x39 { i += 1 }
      return i - start
    }
    if text[i] == 0x2D { i += 1 }
    let first = i
    let whole = skipDigits()
    guard whole > 0, whole <= 18, whole == 1 || text[first] != 0x30, range.count <= 64 else { return false }
    if i < range.upperBound, text[i] == 0x2E {
      i += 1
      if skipDigits() == 0 { return false }
    }
    if i == range.upperBound { return true }
    guard text[i] | 0x20 == 0x65 else { return false }
    let value = Double(String(decoding: UnsafeBufferPointer(rebasing: text[range]), as: UTF8.self))
    return value.map { abs($0) < 1e18 } ?? false
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x2B, 0x45: true
    default: false
    }
  }

  static func equal(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    let start = word.utf8Start
    for i in 0..<range.count where text[range.lowerBound + i] != start[i] { return false }
    return true
  }
}
