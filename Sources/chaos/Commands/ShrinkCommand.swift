import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession

/// `chaos shrink RUN`: the smallest case that fails in the same way, and what it shows.
enum ShrinkCommand {
  static let verb = Verb(
    name: "shrink", summary: "reduce a failing run to the smallest case that fails the same way",
    words: "DIR [options]",
    options: [
      Option("executions", "N", "maximum number of runs for the search (default 500)"),
      Option("no-moment", nil, "do not look for the critical moment"),
      Option("out", "DIR", "write the smallest case here instead of DIR/shrunk"), CommonOptions.carrier,
      CommonOptions.json,
    ],
    examples: ["chaos shrink runs/latest", "chaos shrink runs/latest --executions 200"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "shrink: one run directory is needed, as in 'chaos shrink runs/latest'")
    }
    let executions = try arguments.int("executions", in: 3...1_000_000) ?? 500
    let run = try RecordedRun(directory, verb: "shrink")
    if run.expected.isEmpty, !run.isEdited {
      throw UsageError(text: "shrink: the run in '\(directory)' did not fail; there is nothing to shrink")
    }
    if arguments["out"] == nil { try Outputs.checkFolder(directory, option: "shrink") }
    let executor = try CommonOptions.executor(arguments)
    Interruption.beginAsking()
    let progress = Progress("shrink")
    let shrinker: Shrinker<PaperSystem>
    do throws(Shrinker<PaperSystem>.Problem) {
      shrinker = try Shrinker(
        run.system, run.recording, request: run.request(run.recording), checks: run.judgedBy, executor: executor,
        epoch: run.system.epoch, executionsMax: executions, reductions: { $0.reductions(of: $1) },
        progress: { done, _ in progress.show(done, of: executions) }, isInterrupted: { Interruption.isRequested })
    } catch {
      Terminal.note("chaos: shrink: \(directory): \(error)")
      if case .unstable = error { return ExitCode.internalError }
      return ExitCode.inconclusive
    }
    let result = shrinker.shrink()
    progress.finish()
    guard FailureFingerprint(result.report, checks: run.judgedBy) == result.fingerprint else {
      Terminal.note("chaos: shrink: the smallest case failed once and does not any more")
      return ExitCode.internalError
    }
    let check = DeterminismCheck(result.system, first: executor, second: executor, epoch: result.system.epoch)
    if let divergence = check.repetition(of: result.report) {
      Terminal.note("chaos: shrink: the smallest case does not run the same way twice: \(divergence)")
      return ExitCode.internalError
    }
    let path = Files.free(arguments["out"] ?? "\(directory)/shrunk")
    var report = result.report
    report.recording.header = header(result)
    let about = RunStore.About(seed: run.seed, judgedBy: run.judgedBy, replay: "chaos replay \(path)")
    let error = Outputs.store.write(report, about, to: path)
    let moment = arguments.has("no-moment") || Interruption.isRequested ? nil : criticalMoment(result, run, executor)
    let screen = ShrinkScreen(run: run, result: result, moment: moment, path: path)
    Terminal.print(arguments.has("json") ? screen.json.pretty() : screen.text, newline: false)
    if let error { Terminal.note("chaos: shrink: the smallest case could not be written: \(error)") }
    return Interruption.exitCode(report.incidents.isEmpty ? ExitCode.failed : ExitCode.stuck)
  }

  private static func header(_ result: Shrinker<PaperSystem>.Result) -> [(name: String, value: String)] {
    var header = result.recording.header.filter { $0.name != "stall_free" && $0.name != "shrunk_from" }
    header.append(("stall_free", "\(result.report.request.isStallFree)"))
    header.append(("shrunk_from", "\(result.choicesBefore) choices in \(result.executions) executions"))
    return header
  }

  private static func criticalMoment(
    _ result: Shrinker<PaperSystem>.Result, _ run: RecordedRun, _ executor: Executor
  ) -> CriticalMoment {
    let progress = Progress("critical moment")
    defer { progress.finish() }
    return CriticalMoment.find(
      result.report, of: result.system, checks: run.judgedBy, executor: executor, epoch: result.system.epoch,
      progress: { progress.show($0, of: $1) }, isInterrupted: { Interruption.isRequested })
  }
}
