/// Selector conditions as files write them (`z = ">=0.5"`) and as one line does (`[z>=0.5]`).
extension GrammarReader {
  /// An operator of the selector grammar; nil: none stands here.
  mutating func comparison() -> Fault.Condition.Operator? {
    if take("!=") { return .notEqual }
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
    guard let op = comparison() else { throw error("an operator is expected: = != ~ < <= > >=") }
    if op == .equal, peek == UInt8(ascii: "=") { throw error("equality is written with one '='") }
    skipBlanks()
    let start = at
    if take("\"") { return try Self.condition(key, op, try quoted(), isLiteral: true, start) }
    return try Self.condition(key, op, bare(until: ",]\""), isLiteral: false, start)
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
        throw GrammarError(offset: start, message: "'!=' compares text; a pattern that must not match is not built")
      }
    case .glob: break
    }
    return Fault.Condition(key: key, op: op ?? .equal, value: value)
  }
}
