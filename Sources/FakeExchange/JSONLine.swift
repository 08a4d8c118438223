import ChaosRuntime
import Trading

/// One compact JSON object that is built field by field; fields without a value are left out.
struct JSONLine {
  private(set) var bytes: [UInt8] = []

  /// Opens the object with the time and the kind of the line.
  init(_ time: Instant, _ kind: String) {
    bytes.reserveCapacity(256)
    bytes.append(contentsOf: "{\"timestamp\":\"".utf8)
    time.writeISO8601(into: &bytes)
    bytes.append(contentsOf: "\",\"kind\":\"\(kind)\"".utf8)
  }

  mutating func field(_ key: String, _ value: String?) {
    guard let value else { return }
    name(key)
    JSONBytes.appendQuoted(value, into: &bytes)
  }

  mutating func field(_ key: String, _ value: Decimal?) {
    guard let value else { return }
    name(key)
    bytes.append(contentsOf: "\"\(value)\"".utf8)
  }

  mutating func field(_ key: String, _ value: Int) {
    name(key)
    JSONBytes.appendInt(Int64(value), into: &bytes)
  }

  mutating func field(_ key: String, _ value: Bool) {
    name(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// A duration as milliseconds with up to three digits behind the point.
  mutating func field(_ key: String, milliseconds value: Duration) {
    name(key)
    JSONBytes.appendFixed(value.nanoseconds / 1000, places: 3, into: &bytes)
  }

  mutating func field(_ key: String, _ balances: [Balance]) {
    name(key)
    bytes.append(UInt8(ascii: "["))
    for (index, balance) in balances.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: "{\"asset\":".utf8)
      JSONBytes.appendQuoted(balance.asset, into: &bytes)
      bytes.append(contentsOf: ",\"free\":\"\(balance.free)\",\"locked\":\"\(balance.locked)\"}".utf8)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// An object whose values are JSON text already.
  mutating func field(_ key: String, object members: [(key: String, json: String)]) {
    name(key)
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONBytes.appendQuoted(member.key, into: &bytes)
      bytes.append(contentsOf: ":\(member.json)".utf8)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  /// Closes the object and appends it with a newline to `target`.
  consuming func append(to target: inout [UInt8]) {
    target.append(contentsOf: bytes)
    target.append(contentsOf: "}\n".utf8)
  }

  private mutating func name(_ key: String) {
    bytes.append(contentsOf: ",\"\(key)\":".utf8)
  }
}
