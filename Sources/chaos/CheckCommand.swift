import ChaosRuntime
import Checks

/// `chaos check DIR`: the report on any session directory.
enum CheckCommand {
  static let verb = Verb(
    name: "check", summary: "judge a session directory again, from its files alone", words: "DIR [--json]",
    options: [CommonOptions.json], examples: ["chaos check sessions/latest", "chaos check runs/latest"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "check: one session directory is needed, as in 'chaos check sessions/latest'")
    }
    guard Files.isDirectory(directory) else { throw UsageError(text: "check: '\(directory)' is no directory") }
    let record: SessionRecord
    do throws(RecordError) { record = try SessionRecord(files: SessionFiles(Files.tree(directory + "/"))) } catch {
      throw UsageError(text: "check: \(directory): \(error)")
    }
    let verdicts = Checks.judge(record)
    let judgedBy = (record.run.json["judged_by"]?.array ?? []).compactMap(\.string)
    let isPaper = record.run.json["inputs"]?["kind"]?.string == "paper"
    let report = PaperReport(record)
    let code = isPaper ? report.exitCode : exitCode(verdicts, judgedBy: judgedBy, record)
    if arguments.has("json") {
      Terminal.print(
        JSON.object([("verdicts", .array(verdicts.map(\.json))), ("exit_code", .int(Int(code)))]).pretty(),
        newline: false)
      return code
    }
    if isPaper { Terminal.print(Terminal.colored(report.text)) }
    for verdict in verdicts { Terminal.print(line(verdict, isJudged: judgedBy.contains(verdict.check))) }
    if let note = disagreement(verdicts, record) { Terminal.note(note) }
    return code
  }

  private static func line(_ verdict: Verdict, isJudged: Bool) -> String {
    var out = "\(Verbs.pad(verdict.outcome.rawValue, 13))\(Verbs.pad(verdict.check, 24))"
    out += ListCommand.wrapped(verdict.reason, indent: 37, width: 43)
    for evidence in verdict.evidence { out += "\n             - \(evidence)" }
    return out
  }

  static func exitCode(_ verdicts: [Verdict], judgedBy: [String], _ record: SessionRecord) -> Int32 {
    if record.run.incidents.contains(where: { ["deadlock", "hang", "stuck"].contains($0.kind) }) {
      return ExitCode.stuck
    }
    let judged = verdicts.filter { judgedBy.isEmpty || judgedBy.contains($0.check) }
    if judged.contains(where: { $0.outcome == .fail }) { return ExitCode.failed }
    return ExitCode.pass
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
