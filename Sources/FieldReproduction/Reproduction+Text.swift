import Basics
import FieldReconciliation
import HistoricalBugs

extension Reproduction {
  /// Whether the good engine went through all of it.
  public var survives: Bool { failure == nil && !isUntested && survived.passed == schedules }

  /// 0: reproduced, and the good engine survives; 1: it does not; 3: not reproduced, or in part, or the good engine was not asked
  /// often enough.
  public var exitCode: Int32 {
    if failure != nil { return ExitCode.failed }
    return comparison.outcome == .reproduced && survives ? ExitCode.pass : ExitCode.inconclusive
  }

  /// Of the good engine: a word, and what it stands for.
  var verdict: (word: String, says: String) {
    if failure != nil {
      return ("FAILS", "the good engine fails in schedule \(survived.of) of \(schedules) of this session")
    }
    if survives {
      return ("SURVIVES", "the good engine passed \(schedules) of \(schedules) schedules of this session")
    }
    if isUntested {
      return (
        "NOT TESTED", "the good engine sent no order in schedule \(survived.of) of this session, so nothing was tested"
      )
    }
    if survived.of == 0 {
      return (
        "NOT RUN", "interrupted before the good engine played this session; none of \(schedules) schedules was run"
      )
    }
    return (
      "INTERRUPTED",
      "the good engine passed the \(survived.of) schedules that were run; \(schedules - survived.of) of \(schedules) were not"
    )
  }

  /// Of the pre-fix parts: a word, and what it stands for.
  private var outcome: (word: String, says: String) {
    let word = comparison.outcome.rawValue
    if comparison.outcome == .reproduced { return (word, "every sign and figure of the field") }
    let cut = isCutShort && tried < Self.triesMax ? "; interrupted after \(tried) of \(Self.triesMax) schedules" : ""
    let missing = comparison.unmet
    if missing.isEmpty { return (word, "the field shows no sign of this bug to compare\(cut)") }
    return (word, "not within: \(missing.joined(separator: ", "))\(cut)")
  }

  /// Bugs that are named besides, and what became of them; empty: there are none.
  ///
  /// - Parameter others: ids of what is named outside the catalogue.
  public func besidesText(_ others: [String]) -> String {
    var parts: [String] = []
    if !scenario.besides.isEmpty {
      parts.append("\(scenario.besides.map(\.id).joined(separator: ", ")), played together with it")
    }
    parts += unplayed.map { "\($0.bug.id), not played: \($0.why)" }
    if !others.isEmpty { parts.append("\(others.joined(separator: ", ")), outside the catalogue, so nothing plays it") }
    return parts.joined(separator: "; ")
  }

  /// For people, in 80 columns.
  ///
  /// - Parameters:
  ///   - named: why it is this bug.
  ///   - others: ids of what is named outside the catalogue.
  ///   - out: the folder that was written.
  public func text(named: String, others: [String], out: String) -> String {
    func entry(_ head: String, _ words: String) -> String {
      Reconciliation.pad(head, 10) + Reconciliation.wrapped(words, indent: 10) + "\n"
    }
    var text = entry("Bug", "\(scenario.bug.id)  \(scenario.bug.title)") + entry("Why", named)
    let besides = besidesText(others)
    if !besides.isEmpty { text += entry("Besides", besides) }
    text += entry("Built of", scenario.kept.joined(separator: "; "))
    for item in scenario.missing { text += entry("Missing", item) }
    text += "\n" + comparison.text + "\n"
    func verdict(_ of: (word: String, says: String)) -> String {
      "\(of.word)  " + Reconciliation.wrapped(of.says, indent: 10, first: of.word.count + 2) + "\n"
    }
    text += verdict(outcome) + entry("Smallest", smallest) + verdict(self.verdict)
    if let failure { text += "          \(Reconciliation.wrapped(failure, indent: 10))\n" }
    return text + "Written   \(out)/README.md\n"
  }

  private var smallest: String {
    guard let choices else { return "not shrunk: the run does not fail by \(scenario.bug.signature)" }
    let count = leftOut.count
    let without = count == 0 ? "" : ", without \(count) thing\(count == 1 ? "" : "s") that it does not need"
    // A signal before the good engine's first schedule may have come while it was shrunk.
    let cut = isCutShort && survived.of == 0 ? "; interrupted, so it may not be the smallest" : ""
    return "\(choices) choice\(choices == 1 ? "" : "s") of the schedule\(without)\(cut)"
  }

  /// For programs.
  public var json: JSON {
    func texts(_ all: [String]) -> JSON { .array(all.map { .string($0) }) }
    return .object([
      ("bug", .string(scenario.bug.id)), ("besides", texts(scenario.besides.map(\.id))),
      ("not_played", .object(unplayed.map { ($0.bug.id, .string($0.why)) })),
      ("outcome", .string(comparison.outcome.rawValue)), ("comparison", comparison.json), ("tried", .int(tried)),
      ("choices", choices.map { .int($0) } ?? .null), ("left_out", texts(leftOut)),
      ("survives", failure != nil ? .bool(false) : survives ? .bool(true) : .null),
      ("survived", .int(survived.passed)), ("ran", .int(survived.of)), ("schedules", .int(schedules)),
      ("failure", failure.map { .string($0) } ?? .null), ("interrupted", .bool(isCutShort)),
      ("kept", texts(scenario.kept)), ("missing", texts(scenario.missing)), ("exit_code", .int(Int(exitCode))),
    ])
  }
}
