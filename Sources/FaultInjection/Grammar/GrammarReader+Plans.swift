import Basics

/// Plans: `40%sleep(250ms) -> 1*drop`.
extension GrammarReader {
  /// Steps of a plan at most.
  static let stepsMax = 16

  /// Verbs of the grammar that nothing executes yet.
  static let unbuiltActions = [
    "throw", "panic", "print", "spin", "yield", "pause", "barrier", "wait", "signal", "hold", "invert", "reorder",
    "corrupt", "truncate", "http", "reset", "close", "stall", "dribble", "refuse", "skew", "call",
  ]
  private static let builtActions = [
    "off", "pass", "sleep", "delay", "hang", "drop", "dup", "kill", "return", "replace", "quota",
  ]

  mutating func plan() throws(GrammarError) -> Fault.Plan {
    var steps: [Fault.Plan.Step] = []
    repeat {
      if steps.count == Self.stepsMax { throw error("a plan has at most \(Self.stepsMax) steps") }
      steps.append(try step())
      skipBlanks()
    } while take("->")
    return Fault.Plan(steps: steps)
  }

  private mutating func step() throws(GrammarError) -> Fault.Plan.Step {
    skipBlanks()
    var probability: Double?
    var count: Int?
    while let byte = peek, ASCII.isDigit(byte) {
      let start = at
      let whole = digits()
      var number = whole
      if take(".") {
        let fraction = digits()
        if fraction.isEmpty { throw error("digits are expected behind '.'") }
        number += "." + fraction
      }
      skipBlanks()
      if probability == nil, count == nil, take("%") {
        // The exponent keeps the value exact: 12.345 % is the number 0.12345, not a quotient near it.
        guard let value = Double(number + "e-2"), value <= 1 else {
          throw GrammarError(offset: start, message: "a probability is at most 100%")
        }
        probability = value
      } else if count == nil, number == whole, take("*") {
        guard let value = Int(whole), (1...Fault.countMax).contains(value) else {
          throw GrammarError(offset: start, message: "a count is a whole number from 1 to \(Fault.countMax)")
        }
        count = value
      } else {
        throw GrammarError(
          offset: start, message: "a step is written '40%3*sleep(250ms)': probability, count, action, in this order")
      }
      skipBlanks()
    }
    return Fault.Plan.Step(probability: probability ?? 1, count: count, action: try action())
  }

  private mutating func action() throws(GrammarError) -> FaultAction {
    let start = at
    let name = word()
    let result: FaultAction
    switch name {
    case "off", "pass": result = .pass
    case "hang": result = .hang
    case "drop": result = .drop
    case "dup": result = .dup
    case "kill": result = .kill
    case "sleep", "delay":
      guard take("(") else { throw error("\(name) needs a duration: \(name)(250ms)") }
      let time = try duration(bareUnit: "ms")
      result = name == "sleep" ? .sleep(time) : .delay(time)
      guard take(")") else { throw error("a ')' is expected behind the duration") }
      return result
    case "return":
      guard take("(") else { throw error("return needs a code: return(30004)") }
      result = .returnError(try code())
      guard take(")") else { throw error("a ')' is expected behind the code") }
      return result
    case "replace": return try replacement()
    case "quota": return try quota()
    default: throw noAction(name, start)
    }
    guard take("(") else { return result }
    skipBlanks()
    guard take(")") else { throw error("\(name) takes no argument") }
    return result
  }

  private mutating func code() throws(GrammarError) -> String {
    skipBlanks()
    let start = at
    let code = take("\"") ? try quoted() : bare(until: "(),;\"")
    if code.isEmpty { throw GrammarError(offset: start, message: "return needs a code: return(30004)") }
    skipBlanks()
    return code
  }

  private mutating func replacement() throws(GrammarError) -> FaultAction {
    guard take("(") else { throw error("replace needs a field and a value: replace(fee=null)") }
    skipBlanks()
    let field = word()
    skipBlanks()
    guard !field.isEmpty, take("=") else { throw error("a field and its value are expected: replace(fee=null)") }
    skipBlanks()
    let value = take("\"") ? try quoted() : bare(until: "(),;\"")
    if value.isEmpty { throw error("a value is expected: replace(fee=null)") }
    skipBlanks()
    guard take(")") else { throw error("a ')' is expected behind the value") }
    return .replace(field: field, value: value)
  }

  private mutating func quota() throws(GrammarError) -> FaultAction {
    guard take("(") else { throw error("quota needs a share: quota(40%)") }
    skipBlanks()
    let start = at
    var number = digits()
    if take(".") { number += "." + digits() }
    guard let percent = Double(number), percent <= 100, take("%") else {
      throw GrammarError(offset: start, message: "a share is a percentage up to 100%: quota(40%)")
    }
    skipBlanks()
    guard take(")") else { throw error("a ')' is expected behind the share") }
    // Four digits behind the point of a percentage are a millionth.
    return .quota(millionths: Int((percent * 10_000).rounded()))
  }

  private func noAction(_ name: String, _ start: Int) -> GrammarError {
    let built = "what can be executed: \(Self.builtActions.joined(separator: ", "))"
    if name.isEmpty { return GrammarError(offset: start, message: "an action is expected; \(built)") }
    if Self.unbuiltActions.contains(name) {
      return GrammarError(offset: start, message: "the action '\(name)' is not built; \(built)")
    }
    return GrammarError(
      offset: start, message: "no action is called '\(name)'; \(built)",
      meant: Suggestion.closest(to: name, in: Self.builtActions))
  }
}
