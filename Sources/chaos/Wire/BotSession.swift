import Basics
import Checks
import ChaosRuntime

/// `check` and `doctor` on what a run with `--engine` left: a session directory without an engine log.
enum BotSession {
  /// The exit code; nil: the directory is no bot's run.
  static func code(_ arguments: Arguments, verb: String) throws(UsageError) -> Int32? {
    guard let directory = arguments.positional.first, arguments.positional.count == 1,
      let bytes = Files.read("\(directory)/run.json"), let run = try? JSON.parse(bytes),
      run["kind"]?.string == BotRecord.kind
    else { return nil }
    let files: SessionFiles
    do throws(InputError) { files = try SessionInput.files(directory) } catch {
      throw UsageError(text: "\(verb): \(error)")
    }
    let record: BotRecord
    do throws(RecordError) { record = try BotRecord(files: files) } catch {
      throw UsageError(text: "\(verb): \(directory): \(error)")
    }
    let verdicts = BotCheck.all.map { $0.judge(record) }
    let code =
      verdicts.contains { $0.outcome == .fail }
      ? ExitCode.failed : verdicts.contains { $0.outcome == .inconclusive } ? ExitCode.inconclusive : ExitCode.pass
    if arguments.has("json") {
      Terminal.print(
        JSON.object([
          ("session", .string(directory)), ("has_engine_log", .bool(false)),
          ("verdicts", .array(verdicts.map(\.json))), ("exit_code", .int(Int(code))),
        ]).pretty(), newline: false)
    } else if verb == "doctor" {
      doctor(verdicts)
    } else {
      Terminal.print("Bot    \(record.process.command)   (no engine log: judged by what the venue saw)\n")
      for verdict in verdicts { Terminal.print(EngineRun.line(verdict)) }
    }
    return code
  }

  private static func doctor(_ verdicts: [Verdict]) {
    let red = verdicts.filter { $0.outcome == .fail }
    if red.isEmpty { return Terminal.print("nothing found") }
    for verdict in red {
      Terminal.print("\(verdict.check)\n  \(ListCommand.wrapped(verdict.reason, indent: 2, width: 76))")
      for evidence in verdict.evidence.prefix(3) { Terminal.print("     \(evidence)") }
      if let check = BotCheck.named(verdict.check) {
        Terminal.print("  next: \(ListCommand.wrapped(check.next, indent: 8, width: 70))\n")
      }
    }
  }
}
