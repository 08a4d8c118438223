/// The four kinds of strings.
extension TOMLReader {
  /// The opening quote is taken already; so in the three that follow.
  mutating func basicString() throws(SourceError) -> String {
    let start = at - 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try escape(into: &text, isMultiline: false)
      case 0x0A, 0x0D: throw source.error(at: start, "the text is not closed on its line")
      default: try plain(byte, into: &text)
      }
    }
    throw source.error(at: start, "the text is not closed on its line")
  }

  mutating func literalString() throws(SourceError) -> String {
    let start = at - 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "'"):
        at += 1
        return String(decoding: text, as: UTF8.self)
      case 0x0A, 0x0D: throw source.error(at: start, "the text is not closed on its line")
      default: try plain(byte, into: &text)
      }
    }
    throw source.error(at: start, "the text is not closed on its line")
  }

  /// After three opening quotes.
  mutating func multilineString(quote: UInt8) throws(SourceError) -> String {
    let start = at - 3
    _ = takeNewline()
    var text: [UInt8] = []
    while let byte = peek {
      if byte == quote, peek(1) == quote, peek(2) == quote {
        at += 3
        // Up to two quotes may stand directly before the closing three.
        for _ in 0..<2 where take(quote) { text.append(quote) }
        return String(decoding: text, as: UTF8.self)
      }
      if takeNewline() {
        text.append(0x0A)
      } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        try escape(into: &text, isMultiline: true)
      } else {
        try plain(byte, into: &text)
      }
    }
    throw source.error(at: start, "the text is not closed; three quotes end it")
  }

  private mutating func plain(_ byte: UInt8, into text: inout [UInt8]) throws(SourceError) {
    if byte != 0x09, byte < 0x20 || byte == 0x7F {
      throw error("a control character in text is written as an escape")
    }
    text.append(byte)
    at += 1
  }

  private mutating func escape(into text: inout [UInt8], isMultiline: Bool) throws(SourceError) {
    let start = at
    at += 1
    if isMultiline, try skipLineEnd(start) { return }
    guard let byte = peek else { throw source.error(at: start, "the text ends in its escape") }
    at += 1
    switch byte {
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
    case UInt8(ascii: "u"): text += try codePoint(digits: 4, start)
    case UInt8(ascii: "U"): text += try codePoint(digits: 8, start)
    default:
      throw source.error(
        at: start, "an unknown escape; known are \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX; '...' knows none")
    }
  }

  /// A backslash at the end of a line takes away all blanks and newlines that follow.
  private mutating func skipLineEnd(_ start: Int) throws(SourceError) -> Bool {
    guard let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return false }
    skipBlanks()
    guard takeNewline() else { throw source.error(at: start, "only blanks may stand between '\\' and the line's end") }
    repeat { skipBlanks() } while takeNewline()
    return true
  }

  private mutating func codePoint(digits: Int, _ start: Int) throws(SourceError) -> [UInt8] {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = peek, let digit = ASCII.hexDigit(byte) else {
        throw source.error(at: start, "\(digits) hexadecimal digits are expected")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    guard let scalar = Unicode.Scalar(value) else { throw source.error(at: start, "no Unicode scalar value") }
    return Array(String(scalar).utf8)
  }
}
