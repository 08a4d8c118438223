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

  /// The quotes, neighbours of one time together, with their prices in the order of the symbols:
  /// `[{"at":TIME,"symbols":[...],"last":[...],"bid":[...],"ask":[...]}]`.
  mutating func field(_ key: FieldName, _ quotes: [Quote]) {
    self.key(key)
    text("[")
    var rest = quotes[...]
    while let first = rest.first {
      let group = rest.prefix { $0.time == first.time }
      rest = rest.dropFirst(group.count)
      text("{\"at\":\"")
      time(first.time)
      text("\",\"symbols\":[")
      for index in group.indices {
        if index > group.startIndex { text(",") }
        quoted(group[index].symbol)
      }
      prices(.last, group, \.last)
      prices(.bid, group, \.bid)
      prices(.ask, group, \.ask)
      text(rest.isEmpty ? "]}" as StaticString : "]},")
    }
    text("]")
  }

  private mutating func prices(_ key: FieldName, _ quotes: ArraySlice<Quote>, _ price: (Quote) -> Decimal) {
    text("]")
    self.key(key)
    text("[")
    for index in quotes.indices {
      if index > quotes.startIndex { text(",") }
      quoted(price(quotes[index]))
    }
  }

  /// What the venue accepts and charges, market by market.
  mutating func field(_ key: FieldName, _ rules: [MarketRules]) {
    self.key(key)
    text("[")
    for (index, market) in rules.enumerated() {
      text(index > 0 ? ",{\"symbol\":" as StaticString : "{\"symbol\":")
      quoted(market.symbol)
      field(.tick, market.tick)
      field(.step, market.step)
      field(.minQty, market.minQuantity)
      field(.minNotional, market.minNotional)
      field(.makerFee, market.makerFee)
      field(.takerFee, market.takerFee)
      text("}")
    }
    text("]")
  }

  mutating func field(_ key: FieldName, _ time: Instant?) {
    guard let time else { return }
    self.key(key)
    text("\"")
    self.time(time)
    text("\"")
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
