/// Why a text is no JSON document, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Bytes before the mistake.
  public var offset: Int
  /// Both from 1; the column counts bytes.
  public var line: Int
  /// From 1; counts bytes, not letters.
  public var column: Int
  /// What is wrong there, without the place.
  public var message: String

  /// Place and message: `line 3, column 7: unexpected character`.
  public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSON {
  /// Reads one document (RFC 8259); nothing but white space may follow it. Nesting is bounded at 64. A byte order mark in
  /// front is left out; bytes that are not UTF-8 are a mistake.
  ///
  /// - Throws: `JSONError` with the place of the first mistake.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
    try parse(bytes[...])
  }

  /// Reads one document from text; throws as the one for bytes does.
  public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)[...]) }

  /// Reads one document from a part of a larger text; `offset` of an error counts from the start of the part.
  public static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSON {
    let invalid = InputFile.firstInvalidByte(bytes).map { $0 - bytes.startIndex }
    return try bytes.withUnsafeBufferPointer { text throws(JSONError) in
      var parser = JSONParser(bytes: text)
      return try parser.document(firstInvalidByte: invalid)
    }
  }
}

/// Reads where the bytes stand: they are looked at one by one, and each look through a slice would be checked twice.
private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let end: Int
  var at = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    end = bytes.count
    if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
  }

  mutating func document(firstInvalidByte: Int?) throws(JSONError) -> JSON {
    if let firstInvalidByte {
      at = firstInvalidByte
      throw error("this byte is not UTF-8")
    }
    let value = try self.value()
    skipSpace()
    if at < end { throw error("trailing data after the document") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipSpace()
    guard at < end else { throw error("the text ends where a value should stand") }
    switch bytes[at] {
    case 0x7B: return try object()
    case 0x5B: return try array()
    case 0x22: return .string(try string())
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6E: return try word("null", .null)
    case 0x2D, 0x30...0x39: return try number()
    default: throw error("unexpected character")
    }
  }

  private mutating func object() throws(JSONError) -> JSON {
    try enter()
    var members: [(key: String, value: JSON)] = []
    at += 1
    skipSpace()
    if take(0x7D) {
      depth -= 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard at < end, bytes[at] == 0x22 else { throw error("a member name in quotes should stand here") }
      let key = try string()
      skipSpace()
      guard take(0x3A) else { throw error("':' should stand here") }
      members.append((key, try value()))
      skipSpace()
      if take(0x2C) { continue }
      guard take(0x7D) else { throw error("',' or '}' should stand here") }
      depth -= 1
      return .object(members)
    }
  }

  private mutating func array() throws(JSONError) -> JSON {
    try enter()
    var items: [JSON] = []
    at += 1
    skipSpace()
    if take(0x5D) {
      depth -= 1
      return .array(items)
    }
    while true {
      items.append(try value())
      skipSpace()
      if take(0x2C) { continue }
      guard take(0x5D) else { throw error("',' or ']' should stand here") }
      depth -= 1
      return .array(items)
    }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = at
    _ = take(0x2D)
    let firstDigit = at
    skipDigits()
    if at == firstDigit { throw error("a digit should stand here") }
    if bytes[firstDigit] == 0x30, at > firstDigit + 1 { throw error("a number has no leading zero") }
    if take(0x2E) {
      let fraction = at
      skipDigits()
      if at == fraction { throw error("a digit should follow the point") }
    }
    if at < end, bytes[at] | 0x20 == 0x65 {
      at += 1
      if at < end, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
      let exponent = at
      skipDigits()
      if at == exponent { throw error("a digit should follow the exponent sign") }
    }
    return .number(text(from: start))
  }

  private mutating func string() throws(JSONError) -> String {
    at += 1
    let start = at
    while at < end {
      switch bytes[at] {
      case 0x22:
        defer { at += 1 }
        return text(from: start)
      case 0x5C: return try escapedString(from: start)
      case 0..<0x20: throw error("a control character stands in a string")
      default: at += 1
      }
    }
    throw error("the string does not end")
  }

  private func text(from start: Int) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
  }

  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var out = Array(bytes[start..<at])
    while at < end {
      let byte = bytes[at]
      at += 1
      switch byte {
      case 0x22: return String(decoding: out, as: UTF8.self)
      case 0x5C: try escape(into: &out)
      case 0..<0x20: throw error("a control character stands in a string")
      default: out.append(byte)
      }
    }
    throw error("the string does not end")
  }

  private mutating func escape(into out: inout [UInt8]) throws(JSONError) {
    guard at < end else { throw error("the string does not end") }
    let byte = bytes[at]
    at += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: out.append(byte)
    case 0x62: out.append(8)
    case 0x66: out.append(12)
    case 0x6E: out.append(10)
    case 0x72: out.append(13)
    case 0x74: out.append(9)
    case 0x75:
      var unit = try hex4()
      if (0xD800..<0xDC00).contains(unit), at + 1 < end, bytes[at] == 0x5C, bytes[at + 1] == 0x75 {
        at += 2
        let low = try hex4()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else { throw error("half of a surrogate pair") }
      out.append(contentsOf: String(Character(scalar)).utf8)
    default: throw error("no such escape")
    }
  }

  private mutating func hex4() throws(JSONError) -> UInt32 {
    guard at + 4 <= end else { throw error("four hexadecimal digits should stand here") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[at]
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: throw error("four hexadecimal digits should stand here")
      }
      at += 1
    }
    return value
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let count = text.utf8CodeUnitCount
    guard at + count <= end else { throw error("unexpected character") }
    for i in 0..<count where bytes[at + i] != text.utf8Start[i] { throw error("unexpected character") }
    at += count
    return value
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    if depth > 64 { throw error("nested more than 64 deep") }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func skipDigits() {
    while at < end, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
  }

  private mutating func skipSpace() {
    while at < end, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
      at += 1
    }
  }

  private func error(_ message: String) -> JSONError {
    var line = 1
    var column = 1
    for i in 0..<min(at, end) {
      if bytes[i] == 0x0A {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return JSONError(offset: at, line: line, column: column, message: message)
  }
}
