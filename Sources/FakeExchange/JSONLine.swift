import ChaosRuntime
import Trading

/// One compact JSON object that is built field by field; fields without a value are left out.
struct JSONLine {
  private var bytes: [UInt8]

  /// Opens the object with the time and the kind of the line, behind what `target` holds; `end` gives it back.
  init(_ time: Instant, _ kind: StaticString, behind target: inout [UInt8]) {
    bytes = []
    swap(&bytes, &target)
    text("{\"timestamp\":\"")
    time.writeISO8601(into: &bytes)
    text("\",\"kind\":\"")
    text(kind)
    text("\"")
  }

  mutating func field(_ key: StaticString, _ value: String?) {
    guard let value else { return }
    name(key)
    JSONBytes.appendQuoted(value, into: &bytes)
  }

  mutating func field(_ key: StaticString, _ value: Decimal?) {
    guard let value else { return }
    name(key)
    quoted(value)
  }

  mutating func field(_ key: StaticString, _ value: Int) {
    name(key)
    JSONBytes.appendInt(Int64(value), into: &bytes)
  }

  mutating func field(_ key: StaticString, _ value: Bool) {
    name(key)
    text(value ? "true" : "false")
  }

  /// A duration as milliseconds with up to three digits behind the point.
  mutating func field(_ key: StaticString, milliseconds value: Duration) {
    name(key)
    JSONBytes.appendFixed(value.nanoseconds / 1000, places: 3, into: &bytes)
  }

  mutating func field(_ key: StaticString, _ balances: [Balance]) {
    name(key)
    bytes.append(UInt8(ascii: "["))
    for (index, balance) in balances.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      text("{\"asset\":")
      JSONBytes.appendQuoted(balance.asset, into: &bytes)
      text(",\"free\":")
      quoted(balance.free)
      text(",\"locked\":")
      quoted(balance.locked)
      text("}")
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// An object whose values are JSON text already.
  mutating func field(_ key: StaticString, object members: [(key: String, json: String)]) {
    name(key)
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONBytes.appendQuoted(member.key, into: &bytes)
      bytes.append(contentsOf: ":\(member.json)".utf8)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// Closes the object and gives the bytes back to `target`, a newline behind them.
  consuming func end(into target: inout [UInt8]) {
    text("}\n")
    swap(&bytes, &target)
  }

  private mutating func name(_ key: StaticString) { JSONBytes.appendKey(key, into: &bytes) }

  private mutating func quoted(_ value: Decimal) {
    text("\"")
    value.append(to: &bytes)
    text("\"")
  }

  private mutating func text(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
}
