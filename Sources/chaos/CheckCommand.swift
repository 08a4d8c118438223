import ChaosRuntime
import Checks

/// `chaos check DIR`: the report on any session directory.
enum CheckCommand {
  static let verb = Verb(
    name: "check", summary: "judge a session directory again, from its files alone", words: "DIR [--json]",
    options: [CommonOptions.json], examples: ["chaos check sessions/latest", "chaos check runs/latest"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let session = try SessionDirectory(arguments, verb: verb.name)
    let record = session.record
    let verdicts = Checks.judge(record)
    let report = PaperReport(record, directory: session.path)
    let code = exitCode(verdicts, report, record)
    if arguments.has("json") {
      Terminal.print(json(verdicts, report, code).pretty(), newline: false)
      return code
    }
    Terminal.print(Terminal.colored(report.text))
    if record.run.isUnfinished {
      Terminal.print("inconclusive   every check: without the session's end and the venue's truth nothing is judged")
      return code
    }
    for verdict in verdicts { Terminal.print(line(verdict, isJudged: record.run.isJudged(by: verdict.check))) }
    if let note = disagreement(verdicts, record) { Terminal.note(note) }
    if !record.run.isPaper {
      let names = record.run.judgedBy.joined(separator: ", ")
      Terminal.note("this run was judged by \(names); verdicts in parentheses and the report above only inform")
    }
    return code
  }

  private static func json(_ verdicts: [Verdict], _ report: PaperReport, _ code: Int32) -> JSON {
    .object([
      ("report", .array(report.text.split(separator: "\n").map { .string(String($0)) })),
      ("verdicts", .array(verdicts.map(\.json))), ("exit_code", .int(Int(code))),
    ])
  }

  private static func line(_ verdict: Verdict, isJudged: Bool) -> String {
    let outcome = isJudged ? verdict.outcome.words : "(\(verdict.outcome.words))"
    var out = "\(Verbs.pad(outcome, 15))\(Verbs.pad(verdict.check, 24))"
    out += ListCommand.wrapped(verdict.reason, indent: 39, width: 41)
    for evidence in verdict.evidence { out += "\n               - \(evidence)" }
    return out
  }

  /// A paper session exits by its report, any other run by the checks it was judged by.
  private static func exitCode(_ verdicts: [Verdict], _ report: PaperReport, _ record: SessionRecord) -> Int32 {
    if record.run.isPaper { return report.exitCode }
    if record.run.isUnfinished { return record.stackdump == nil ? ExitCode.inconclusive : ExitCode.stuck }
    if record.run.incidents.contains(where: { ["deadlock", "hang", "stuck"].contains($0.kind) }) {
      return ExitCode.stuck
    }
    let isFailed = verdicts.contains { $0.outcome == .fail && record.run.isJudged(by: $0.check) }
    return isFailed ? ExitCode.failed : ExitCode.pass
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
