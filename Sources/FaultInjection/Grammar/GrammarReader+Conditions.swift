/// Selector conditions as files write them (`z = ">=0.5"`) and as one line does (`[z>=0.5]`).
extension GrammarReader {
  /// An operator of the selector grammar; nil: none stands here.
  mutating func comparison() -> Fault.Condition.Operator? {
    if take("!=") { return .notEqual }
    if take("!~") { return .notGlob }
    if take(">=") { return .greaterOrEqual }
    if take("<=") { return .lessOrEqual }
    if take(">") { return .greater }
    if take("<") { return .less }
    if take("~") { return .glob }
    if take("=") { return .equal }
    return nil
  }

  /// A value of `match`: `TRADE`, `AIX*`, `>=0.5`, `!=SELL`, `~AIX*`, `=literal`.
  mutating func matchValue(key: String) throws(GrammarError) -> Fault.Condition {
    let written = comparison()
    let start = at
    let text = String(decoding: bytes[at...], as: UTF8.self)
    at = bytes.count
    return try Self.condition(key, written, text, isLiteral: written == .equal, start)
  }

  /// One condition of a selector in brackets.
  mutating func selectorCondition() throws(GrammarError) -> Fault.Condition {
    skipBlanks()
    let keyStart = at
    let key = word()
    if key.isEmpty { throw GrammarError(offset: keyStart, message: "a selector key is expected") }
    skipBlanks()
    guard let op = comparison() else { throw error("an operator is expected: = != ~ !~ < <= > >=") }
    if op == .equal, peek == UInt8(ascii: "=") { throw error("equality is written with one '='") }
    skipBlanks()
    let start = at
    if take("\"") { return try Self.condition(key, op, try quoted(), isLiteral: true, start) }
    return try Self.condition(key, op, bare(until: ",]\""), isLiteral: false, start)
  }

  /// `open_orders>=2,trades<3` behind `@when(` or in `when`; a name alone means at least one.
  mutating func states() throws(GrammarError) -> [Fault.Condition] {
    var states: [Fault.Condition] = []
    repeat {
      skipBlanks()
      let start = at
      let name = word()
      if name.isEmpty { throw GrammarError(offset: start, message: "a state is expected, such as open_orders>=1") }
      skipBlanks()
      guard let op = comparison() else {
        states.append(Fault.Condition(key: name, op: .greaterOrEqual, value: "1"))
        continue
      }
      skipBlanks()
      let valueStart = at
      let value = bare(until: ",)")
      guard op != .glob, let number = Double(value), number.isFinite else {
        throw GrammarError(offset: valueStart, message: "a state is compared with a number; '\(value)' is none")
      }
      states.append(Fault.Condition(key: name, op: op, value: value))
    } while take(",")
    return states
  }

  private static func condition(
    _ key: String, _ op: Fault.Condition.Operator?, _ value: String, isLiteral: Bool, _ start: Int
  ) throws(GrammarError) -> Fault.Condition {
    switch op {
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      guard let number = Double(value), number.isFinite else {
        throw GrammarError(offset: start, message: "'\(op?.rawValue ?? "")' compares numbers; '\(value)' is none")
      }
    case nil, .equal:
      if value.isEmpty, !isLiteral { throw GrammarError(offset: start, message: "a value is expected") }
      if !isLiteral, value.utf8.contains(UInt8(ascii: "*")) {
        return Fault.Condition(key: key, op: .glob, value: value)
      }
    case .notEqual:
      if !isLiteral, value.utf8.contains(UInt8(ascii: "*")) {
        return Fault.Condition(key: key, op: .notGlob, value: value)
      }
    case .glob, .notGlob: break
    }
    return Fault.Condition(key: key, op: op ?? .equal, value: value)
  }
}
