import Basics

/// The one-line form: `site[key=value,...]@clause(...)=plan`, several joined by `;`.
extension GrammarReader {
  /// Injects of a fault at most.
  static let injectsMax = 64
  private static let clauses = ["after", "every", "per", "window", "ttl", "thread", "when"]

  mutating func injects() throws(GrammarError) -> [Fault.Inject] {
    var injects: [Fault.Inject] = []
    repeat {
      if injects.count == Self.injectsMax { throw error("a fault has at most \(Self.injectsMax) injects") }
      injects.append(try inject())
      skipBlanks()
    } while take(";")
    guard isAtEnd else { throw error("'->' joins steps, ';' joins injects; neither stands here") }
    return injects
  }

  private mutating func inject() throws(GrammarError) -> Fault.Inject {
    skipBlanks()
    let site = try site()
    var inject = Fault.Inject(site: site, plan: Fault.Plan(steps: []))
    skipBlanks()
    if take("[") {
      repeat { inject.match.append(try selectorCondition()); skipBlanks() } while take(",")
      guard take("]") else { throw error("a selector is closed with ']'") }
    }
    var seen: [String] = []
    skipBlanks()
    while take("@") {
      try clause(of: &inject, &seen)
      skipBlanks()
    }
    guard take("=") else { throw error("'=' and a plan are expected, such as '=40%sleep(250ms)'") }
    inject.plan = try plan()
    return inject
  }

  mutating func site() throws(GrammarError) -> String {
    let start = at
    let name = run { byte in
      switch byte {
      case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || ASCII.isDigit(byte)
      }
    }
    if name.isEmpty { throw GrammarError(offset: start, message: "the name of a site is expected") }
    return take("*") ? name + "*" : name
  }

  private mutating func clause(of inject: inout Fault.Inject, _ seen: inout [String]) throws(GrammarError) {
    let start = at
    let name = word()
    guard Self.clauses.contains(name) else {
      throw GrammarError(
        offset: start, message: "no clause is called '@\(name)'; clauses are \(Self.clauses.joined(separator: ", "))",
        meant: Suggestion.closest(to: name, in: Self.clauses))
    }
    if seen.contains(name) { throw GrammarError(offset: start, message: "@\(name) stands here twice") }
    seen.append(name)
    guard take("(") else { throw error("'(' is expected behind @\(name)") }
    switch name {
    case "after": inject.after = try count("after", min: 0)
    case "every": inject.every = try count("every", min: 1)
    case "window": inject.window = try window()
    case "when": inject.when = try states()
    case "ttl": inject.ttl = try duration()
    case "per": inject.per = try argument("a selector key")
    default: inject.thread = try argument("the name of a thread, '*' stands for any text")
    }
    guard take(")") else { throw error("')' is expected behind the argument of @\(name)") }
  }

  private mutating func argument(_ what: String) throws(GrammarError) -> String {
    skipBlanks()
    let start = at
    let text = take("\"") ? try quoted() : bare(until: ")\"")
    if text.isEmpty { throw GrammarError(offset: start, message: "\(what) is expected") }
    skipBlanks()
    return text
  }
}
