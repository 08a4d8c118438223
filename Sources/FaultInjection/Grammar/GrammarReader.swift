import Basics

/// A mistake in a plan, a window, or any other small text, by byte within that text.
struct GrammarError: Error {
  var offset: Int
  var message: String
  var meant: String?
}

/// Walks over a small text: plans, durations, selectors and one-line faults are read with it.
struct GrammarReader {
  let bytes: [UInt8]
  var at = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { at >= bytes.count }
  var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
  }

  mutating func take(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[at...].starts(with: wanted) else { return false }
    at += wanted.count
    return true
  }

  /// The longest run of bytes that `isMember` accepts; may be empty.
  mutating func run(_ isMember: (UInt8) -> Bool) -> String {
    let start = at
    while let byte = peek, isMember(byte) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// Bare text up to one of `ends`, without blanks around it.
  mutating func bare(until ends: StaticString) -> String {
    let stops = UnsafeBufferPointer(start: ends.utf8Start, count: ends.utf8CodeUnitCount)
    let start = at
    while let byte = peek, !stops.contains(byte) { at += 1 }
    var text = bytes[start..<at]
    while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  mutating func word() -> String {
    run { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
  }

  mutating func digits() -> String { run { ASCII.isDigit($0) } }

  /// Text in double quotes; `\"`, `\\` and `\u{hex}` are known in it. The opening quote is taken already.
  mutating func quoted() throws(GrammarError) -> String {
    let start = at - 1
    var text: [UInt8] = []
    while let byte = peek {
      at += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      if take("\"") {
        text.append(UInt8(ascii: "\""))
      } else if take("\\") {
        text.append(UInt8(ascii: "\\"))
      } else if take("u{") {
        let value = UInt32(run { ASCII.hexDigit($0) != nil }, radix: 16).flatMap { Unicode.Scalar($0) }
        guard let value, take("}") else { throw error("an escape is '\\u{hex}'") }
        text += Array(String(value).utf8)
      } else {
        throw error("known escapes are \\\" \\\\ \\u{hex}")
      }
    }
    throw GrammarError(offset: start, message: "the text is not closed")
  }

  /// A whole number from `min` up.
  mutating func count(_ name: String, min: Int) throws(GrammarError) -> Int {
    skipBlanks()
    let start = at
    guard let value = Int(digits()), value >= min, value <= Fault.countMax else {
      throw GrammarError(offset: start, message: "\(name) is a whole number from \(min) to \(Fault.countMax)")
    }
    skipBlanks()
    return value
  }

  func error(_ message: String, meant: String? = nil) -> GrammarError {
    GrammarError(offset: at, message: message, meant: meant)
  }
}

extension Fault {
  /// Largest count in a fault: `after`, `every`, `n*`, `fired_min`.
  static let countMax = 1_000_000_000
}
