import Basics
import Checks

/// `chaos check DIR`: the report on any session directory.
enum CheckCommand {
  static let verb = Verb(
    name: "check", summary: "judge a session directory again from its files", words: "DIR [--json]",
    options: [CommonOptions.json], examples: ["chaos check sessions/latest", "chaos check runs/latest"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let code = try BotSession.code(arguments, verb: verb.name) { return code }
    let session = try SessionDirectory(arguments, verb: verb.name)
    let record = session.record
    let verdicts = Check.judge(record)
    let report = PaperReport(record, directory: session.path, verdicts: verdicts)
    let code = report.exitCode
    if arguments.has("json") {
      Terminal.print(json(verdicts, report, code).pretty(), newline: false)
      return code
    }
    Terminal.print(Terminal.colored(report.text))
    if let end = record.endMissing(verdicts.filter { record.run.isJudged(by: $0.check) }) {
      for verdict in verdicts where verdict.outcome == .fail {
        Terminal.print(line(verdict, isJudged: record.run.isJudged(by: verdict.check)))
      }
      Terminal.print(end)
      return code
    }
    for verdict in verdicts { Terminal.print(line(verdict, isJudged: record.run.isJudged(by: verdict.check))) }
    if let note = disagreement(verdicts, record) { Terminal.note(note) }
    if !record.run.isPaper, !record.run.judgedBy.isEmpty {
      let names = record.run.judgedBy.joined(separator: ", ")
      Terminal.note("this run was judged by \(names); verdicts in parentheses and the four tests only inform")
    }
    if code != ExitCode.pass { Terminal.note("likely causes, and what to do next: 'chaos doctor \(session.path)'") }
    return code
  }

  private static func json(_ verdicts: [Verdict], _ report: PaperReport, _ code: Int32) -> JSON {
    .object([
      ("report", .array(report.text.split(separator: "\n").map { .string(String($0)) })),
      ("verdicts", .array(verdicts.map(\.json))), ("exit_code", .int(Int(code))),
    ])
  }

  /// Wide enough for "(not applicable)" and a space.
  private static let outcomeWidth = 17

  private static func line(_ verdict: Verdict, isJudged: Bool) -> String {
    let outcome = isJudged ? verdict.outcome.words : "(\(verdict.outcome.words))"
    var out = "\(Verbs.pad(outcome, outcomeWidth))\(Verbs.pad(verdict.check, 24))"
    out += ListCommand.wrapped(verdict.reason, indent: outcomeWidth + 24, width: 39)
    for evidence in verdict.evidence { out += "\n\(Verbs.pad("", outcomeWidth))- \(evidence)" }
    return out
  }

  /// The run wrote its own verdicts; they were made from the same files, so a difference means that a file was changed.
  private static func disagreement(_ verdicts: [Verdict], _ record: SessionRecord) -> String? {
    let written = record.run.verdicts
    guard !written.isEmpty else { return nil }
    let differing = verdicts.filter { verdict in
      written.contains { $0.check == verdict.check && $0.outcome != verdict.outcome }
    }
    if differing.isEmpty { return nil }
    return
      "the run itself said otherwise of \(differing.map(\.check).joined(separator: ", ")): a file was changed since"
  }
}
