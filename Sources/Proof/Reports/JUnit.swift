/// JUnit XML, one case per arm; an arm that could not be judged is an `error`, never `skipped`.
public enum JUnit {
  /// One suite of cases.
  public struct Suite: Sendable {
    /// What a report calls the suite.
    public var name: String
    /// In the order of the report.
    public var cases: [Case]

    /// A suite as given.
    public init(name: String, cases: [Case]) {
      self.name = name
      self.cases = cases
    }
  }

  /// One test case of a report.
  public struct Case: Sendable {
    /// What it belongs to; reports group by it.
    public var classname: String
    /// What it shows, such as the name of an arm.
    public var name: String
    /// How it ended; decides between `failure` and `error`.
    public var outcome: CaseOutcome
    /// Why it did not pass.
    public var message: String
    /// Seconds; nil: not measured.
    public var seconds: Double?
    /// The command that runs it again; nil: none.
    public var replay: String?

    /// A case as given; text is escaped when the document is written.
    public init(
      classname: String, name: String, outcome: CaseOutcome, message: String, seconds: Double? = nil,
      replay: String? = nil
    ) {
      self.classname = classname
      self.name = name
      self.outcome = outcome
      self.message = message
      self.seconds = seconds
      self.replay = replay
    }
  }

  /// The document, with the totals of each suite.
  public static func text(_ suites: [Suite]) -> String {
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
    for suite in suites {
      let failures = suite.cases.count { $0.outcome == .failed }
      let errors = suite.cases.count { $0.outcome == .inconclusive || $0.outcome == .crashed }
      out += "  <testsuite name=\"\(escaped(suite.name))\" tests=\"\(suite.cases.count)\""
      out += " failures=\"\(failures)\" errors=\"\(errors)\">\n"
      for item in suite.cases { out += text(item) }
      out += "  </testsuite>\n"
    }
    return out + "</testsuites>\n"
  }

  /// Of a gauntlet, one suite per group and one case per arm.
  public static func text(_ report: GauntletReport) -> String {
    text(
      report.groups.map { group in
        let cases = report.members(group).flatMap { item, result in
          result.arms.enumerated().map { index, arm in
            Case(
              classname: item.id, name: arm.name, outcome: arm.outcome, message: arm.text,
              // The case was measured as a whole.
              seconds: index == 0 ? result.seconds : nil,
              replay: result.directory.map { "\(item.replay); chaos replay \($0)" } ?? item.replay)
          }
        }
        return Suite(name: "chaos gauntlet \(group)", cases: cases)
      })
  }

  private static func text(_ item: Case) -> String {
    var out = "    <testcase classname=\"\(escaped(item.classname))\" name=\"\(escaped(item.name))\""
    if let seconds = item.seconds { out += " time=\"\(ProofScreen.number(seconds))\"" }
    let kind: String
    switch item.outcome {
    case .passed: return out + "></testcase>\n"
    case .failed: kind = "failure"
    case .inconclusive, .crashed: kind = "error"
    }
    let replay = item.replay.map { "replay: \($0)" } ?? ""
    out +=
      "><\(kind) type=\"\(item.outcome.rawValue)\" message=\"\(escaped(item.message))\">\(escaped(replay))</\(kind)>"
    return out + "</testcase>\n"
  }

  /// XML 1.0 section 2.2 allows no control characters but tab, line feed and carriage return.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\t", "\n", "\r": out += " "
      default: out += scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF ? "?" : String(scalar)
      }
    }
    return out
  }
}
