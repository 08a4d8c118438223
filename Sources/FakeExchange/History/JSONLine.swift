import Basics
import Trading

/// Compact JSON objects, one a line, built field by field; fields without a value are left out.
extension ByteWriter {
  /// Opens an object with the time and the kind of the line.
  mutating func open(_ time: Instant, _ kind: StaticString) {
    text("{\"timestamp\":\"")
    self.time(time)
    text("\",\"kind\":\"")
    text(kind)
    text("\"")
  }

  mutating func field(_ key: FieldName, _ value: String?) {
    guard let value else { return }
    self.key(key)
    quoted(value)
  }

  mutating func field(_ key: FieldName, _ value: Symbol?) {
    guard let value else { return }
    self.key(key)
    quoted(value)
  }

  mutating func field(_ key: FieldName, _ value: Decimal?) {
    guard let value else { return }
    self.key(key)
    quoted(value)
  }

  mutating func field(_ key: FieldName, _ value: Int) {
    self.key(key)
    integer(value)
  }

  mutating func field(_ key: FieldName, _ value: Bool) {
    self.key(key)
    text(value ? "true" as StaticString : "false")
  }

  /// A duration as milliseconds with up to three digits behind the point.
  mutating func field(_ key: FieldName, milliseconds value: Duration) {
    self.key(key)
    fixed(value.nanoseconds / 1000, places: 3)
  }

  mutating func field(_ key: FieldName, _ balances: [Balance]) {
    self.key(key)
    text("[")
    for (index, balance) in balances.enumerated() {
      if index > 0 { text(",") }
      text("{\"asset\":")
      quoted(balance.asset)
      text(",\"free\":")
      quoted(balance.free)
      text(",\"locked\":")
      quoted(balance.locked)
      text("}")
    }
    text("]")
  }

  mutating func field(_ key: FieldName, _ symbols: [Symbol]) {
    self.key(key)
    text("[")
    for (index, symbol) in symbols.enumerated() {
      if index > 0 { text(",") }
      quoted(symbol)
    }
    text("]")
  }

  /// The quotes' own times, neighbours of one time together: `[{"at":TIME,"symbols":[...]}]`.
  mutating func field(_ key: FieldName, _ quotes: [Quote]) {
    self.key(key)
    text("[")
    var last: Instant?
    for quote in quotes {
      if quote.time == last {
        text(",")
      } else {
        text(last == nil ? "{\"at\":\"" as StaticString : "]},{\"at\":\"")
        time(quote.time)
        text("\",\"symbols\":[")
      }
      quoted(quote.symbol)
      last = quote.time
    }
    text(last == nil ? "]" as StaticString : "]}]")
  }

  /// An object whose values are JSON text already.
  mutating func field(_ key: FieldName, object members: [(key: String, json: String)]) {
    self.key(key)
    text("{")
    for (index, member) in members.enumerated() {
      if index > 0 { text(",") }
      quoted(member.key)
      text(":")
      text(member.json)
    }
    text("}")
  }

  /// Closes the object, a newline behind it.
  mutating func close() { text("}\n") }
}
