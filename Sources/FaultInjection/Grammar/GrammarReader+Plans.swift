import Basics

/// Plans: `40%sleep(250ms) -> 1*drop`.
extension GrammarReader {
  /// Steps of a plan at most.
  static let stepsMax = 16

  /// As plans write them; `off` and `pass` are one.
  private static let verbs = ["off"] + FaultActionKind.allCases.map(\.rawValue)

  /// Verbs of other tools (fail(9), fail-rs, gofail, Toxiproxy), and the one of ours that does the same or comes nearest.
  private static let foreign = [
    "spin": "sleep", "hold": "sleep", "dribble": "sleep", "pause": "hang", "throw": "kill", "panic": "kill",
    "truncate": "corrupt", "reset": "close", "stall": "drop", "error": "return",
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
    guard let kind = name == "off" ? .pass : FaultActionKind(rawValue: name) else { throw noAction(name, start) }
    if let plain = Self.plain(kind) {
      guard take("(") else { return plain }
      skipBlanks()
      guard take(")") else { throw error("\(name) takes no argument") }
      return plain
    }
    let (what, example) = Self.argument(kind)
    guard take("(") else { throw error("\(name) needs \(what): \(name)(\(example))") }
    let action = try withArguments(kind)
    skipBlanks()
    guard take(")") else { throw error("a ')' is expected behind \(Self.end(kind))") }
    return action
  }

  /// Verbs without arguments; nil: it has some.
  private static func plain(_ kind: FaultActionKind) -> FaultAction? {
    switch kind {
    case .pass: .pass
    case .hang: .hang
    case .drop: .drop
    case .dup: .dup
    case .kill: .kill
    case .corrupt: .corrupt
    case .close: .close
    case .refuse: .refuse
    default: nil
    }
  }

  /// What a verb's argument is, and an example.
  private static func argument(_ kind: FaultActionKind) -> (what: String, example: String) {
    switch kind {
    case .returnError: ("a code", "30004")
    case .replace: ("a field and a value", "fee=null")
    case .quota: ("a share", "40%")
    case .barrier: ("a name and a number of threads", "gate,2")
    case .wait, .signal: ("a name", "gate")
    case .http: ("a status", "503")
    case .skew: ("a duration", "-2s")
    default: ("a duration", "250ms")
    }
  }

  /// What stands before the closing bracket.
  private static func end(_ kind: FaultActionKind) -> String {
    switch kind {
    case .returnError: "the code"
    case .replace: "the value"
    case .quota: "the share"
    case .barrier: "the number of threads"
    case .wait, .signal: "the name"
    case .http: "the status"
    default: "the duration"
    }
  }

  private mutating func withArguments(_ kind: FaultActionKind) throws(GrammarError) -> FaultAction {
    switch kind {
    case .returnError: return .returnError(try code())
    case .replace: return try replacement()
    case .quota: return try quota()
    case .delay: return .delay(try duration(bareUnit: "ms"))
    case .reorder: return .reorder(try duration(bareUnit: "ms"))
    case .skew:
      let offset = try signedDuration()
      return .skew(by: offset, perSecond: take(",") ? try signedDuration() : .zero)
    case .barrier:
      let name = try name()
      guard take(",") else { return .barrier(name: name, threads: 2) }
      return .barrier(name: name, threads: try count("the number of threads", min: 2))
    case .wait: return .wait(name: try name())
    case .signal: return .signal(name: try name())
    case .http:
      skipBlanks()
      let start = at
      guard let status = Int(digits()), (400...599).contains(status) else {
        throw GrammarError(offset: start, message: "a status is a number from 400 to 599: http(503)")
      }
      return .http(status: status)
    default: return .sleep(try duration(bareUnit: "ms"))
    }
  }

  private mutating func signedDuration() throws(GrammarError) -> Duration {
    skipBlanks()
    let isNegative = take("-")
    let time = try duration(bareUnit: "ms")
    return isNegative ? .zero - time : time
  }

  private mutating func name() throws(GrammarError) -> String {
    skipBlanks()
    let start = at
    let name = take("\"") ? try quoted() : bare(until: "(),;\"")
    if name.isEmpty { throw GrammarError(offset: start, message: "a name is expected, such as gate") }
    skipBlanks()
    return name
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
    skipBlanks()
    let field = word()
    skipBlanks()
    guard !field.isEmpty, take("=") else { throw error("a field and its value are expected: replace(fee=null)") }
    skipBlanks()
    let value = take("\"") ? try quoted() : bare(until: "(),;\"")
    if value.isEmpty { throw error("a value is expected: replace(fee=null)") }
    return .replace(field: field, value: value)
  }

  private mutating func quota() throws(GrammarError) -> FaultAction {
    skipBlanks()
    let start = at
    var number = digits()
    if take(".") { number += "." + digits() }
    guard let percent = Double(number), percent <= 100, take("%") else {
      throw GrammarError(offset: start, message: "a share is a percentage up to 100%: quota(40%)")
    }
    // Four digits behind the point of a percentage are a millionth.
    return .quota(millionths: Int((percent * 10_000).rounded()))
  }

  private func noAction(_ name: String, _ start: Int) -> GrammarError {
    let known = "actions are \(Self.verbs.joined(separator: ", "))"
    if name.isEmpty { return GrammarError(offset: start, message: "an action is expected; \(known)") }
    return GrammarError(
      offset: start, message: "no action is called '\(name)'; \(known)",
      meant: Self.foreign[name] ?? Suggestion.closest(to: name, in: Self.verbs))
  }
}
