/// A JSON document without Foundation: numbers keep their text, so that decimals stay exact; object keys keep their order.
public enum JSON: Sendable {
  /// The word `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// The number's text as it was written or is to be written; it is not checked when made by hand.
  case number(String)
  /// The text with its escapes resolved.
  case string(String)
  /// Values in their order.
  case array([JSON])
  /// Members in their order; a key may occur twice, and `subscript(key:)` finds the first.
  case object([(key: String, value: JSON)])

  /// A whole number in decimal digits.
  public static func int(_ value: Int) -> JSON { .number(String(value)) }

  /// A double, at most `places` digits after the point, trailing zeros cut; `null` when it is not finite or has more than
  /// 15 digits before the point, or 18 with those after it.
  public static func double(_ value: Double, places: Int = 3) -> JSON {
    guard value.isFinite, abs(value) < 1e15 else { return .null }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    guard abs(value * scale) < 1e18 else { return .null }
    let scaled = Int64((value * scale).rounded())
    var text = ByteWriter(capacity: 64)
    text.fixed(scaled, places: places)
    return .number(text.string)
  }

  /// The value of the first member named `key`; nil when this is no object or has none. O(members).
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    for member in members where member.key == key { return member.value }
    return nil
  }

  /// The text; nil when this is no string.
  public var string: String? { if case .string(let s) = self { s } else { nil } }
  /// The truth value; nil when this is neither `true` nor `false`.
  public var bool: Bool? { if case .bool(let b) = self { b } else { nil } }
  /// The values; nil when this is no array.
  public var array: [JSON]? { if case .array(let a) = self { a } else { nil } }
  /// The members in their order; nil when this is no object.
  public var members: [(key: String, value: JSON)]? { if case .object(let m) = self { m } else { nil } }
  /// The digits as written, from which exact decimals are read; nil when this is no number.
  public var numberText: String? { if case .number(let t) = self { t } else { nil } }
  /// The whole number; nil for other types, for a fraction or an exponent, and beyond 64 bits.
  public var int: Int? { numberText.flatMap { Int($0) } }
  /// Nil for what no double can hold, such as 1e999.
  public var double: Double? { numberText.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }

  /// Compact text, no spaces.
  public var text: String {
    var bytes = ByteWriter()
    write(into: &bytes)
    return bytes.string
  }

  /// Appends the compact text, no spaces.
  public func write(into bytes: inout ByteWriter) {
    switch self {
    case .null: bytes.text("null")
    case .bool(let b): bytes.text(b ? "true" as StaticString : "false")
    case .number(let t): bytes.text(t)
    case .string(let s): bytes.quoted(s)
    case .array(let items):
      bytes.byte(0x5B)
      for (i, item) in items.enumerated() {
        if i > 0 { bytes.byte(0x2C) }
        item.write(into: &bytes)
      }
      bytes.byte(0x5D)
    case .object(let members):
      bytes.byte(0x7B)
      for (i, member) in members.enumerated() {
        if i > 0 { bytes.byte(0x2C) }
        bytes.quoted(member.key)
        bytes.byte(0x3A)
        member.value.write(into: &bytes)
      }
      bytes.byte(0x7D)
    }
  }

  /// Text with two-space indentation and a newline at the end, for files that people read.
  public func pretty() -> String {
    var bytes = ByteWriter()
    writePretty(into: &bytes, indent: 0)
    bytes.byte(0x0A)
    return bytes.string
  }

  private func writePretty(into bytes: inout ByteWriter, indent: Int) {
    func line(_ depth: Int) {
      bytes.byte(0x0A)
      for _ in 0..<(depth * 2) { bytes.byte(0x20) }
    }
    switch self {
    case .array(let items) where !items.isEmpty:
      bytes.byte(0x5B)
      for (i, item) in items.enumerated() {
        if i > 0 { bytes.byte(0x2C) }
        line(indent + 1)
        item.writePretty(into: &bytes, indent: indent + 1)
      }
      line(indent)
      bytes.byte(0x5D)
    case .object(let members) where !members.isEmpty:
      bytes.byte(0x7B)
      for (i, member) in members.enumerated() {
        if i > 0 { bytes.byte(0x2C) }
        line(indent + 1)
        bytes.quoted(member.key)
        bytes.byte(0x3A)
        bytes.byte(0x20)
        member.value.writePretty(into: &bytes, indent: indent + 1)
      }
      line(indent)
      bytes.byte(0x7D)
    default: write(into: &bytes)
    }
  }
}

extension JSON: Equatable {
  /// Equal in type, text and order: `1.0` is not `1`, and two objects with swapped members differ.
  public static func == (a: JSON, b: JSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.number(let x), .number(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)):
      x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}
