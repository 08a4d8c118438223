import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Proof

/// Runs one revision alone, until it fails or its schedules are done; exits by its checks.
struct RevisionRun {
  let arguments: Arguments
  let options: ProofOptions
  private let wish: RevisionWish

  init(_ arguments: Arguments, _ selection: FaultSelection, _ options: ProofOptions) {
    self.arguments = arguments
    self.options = options
    wish = RevisionWish(
      faults: arguments.all("fault"), revisions: arguments.all("revision"), bug: arguments["bug"],
      selection: selection, options: options, isLive: arguments.has("live"))
  }

  func run() throws(UsageError) -> Int32 {
    Interruption.beginAsking()
    guard try wish.hasBug() else { return try runWithoutBug() }
    var codes: [Int32] = []
    for subject in try wish.subjects() { codes.append(try run(subject)) }
    return Interruption.exitCode(ExitCode.worst(codes))
  }

  /// Faults that provoke no listed bug: the fixed engine under them.
  func runWithoutBug() throws(UsageError) -> Int32 {
    let subject = try wish.subjectWithoutBug()
    Terminal.note("no listed bug is provoked by this fault; the fixed engine runs under it")
    return Interruption.exitCode(try run(subject))
  }

  private func run(_ subject: RevisionSubject) throws(UsageError) -> Int32 {
    let executor = try CommonOptions.executor(arguments)
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(subject.inputs, isLive: arguments.has("live")) } catch {
      throw UsageError(text: error.description)
    }
    let seedLine =
      "Seed   \(options.seed)   \(JSON.double(system.virtualSeconds).text) \(system.isLiveRun ? "real seconds a run" : "virtual seconds a schedule")\n"
    say(subject.head.contains("\nSeed ") ? subject.head : subject.head + seedLine)
    let base = Files.free("\(arguments["out"] ?? "runs")/\(subject.name)_\(WallClock.stamp)")
    if system.isLiveRun {
      let code = try LiveRuns(arguments: arguments, options: options, subject: subject).run(system, base: base)
      link(base)
      return code
    }
    let budget = try arguments.seconds("budget", in: 1...86_400)
    let wanted = try arguments.int("schedules", in: 1...1_000_000) ?? 100
    let started = WallClock.monotonic
    let progress = Progress(subject.name)
    var search = RevisionSearch(subject, system, wanted: wanted, seed: options.seed, by: executor)
    search.isOverBudget = {
      Interruption.isRequested || (budget.map { WallClock.monotonic - started > $0 } ?? false)
    }
    search.willRun = { CrashNote.begin(subject.what, $0, $1, replay: StuckRun.command) }
    search.hasRun = { report, index, counted in
      RunCommand.noteUnresponsive(report.unresponsiveThreads, in: "schedule \(index + 1)")
      progress.show(counted, of: wanted)
    }
    CrashNote.install()
    let end = search.run()
    progress.finish()
    switch end {
    case .diverged(let report, let divergence, let schedule):
      return diverged(report, divergence, schedule: schedule, base: base, checks: subject.allChecks)
    case .failed(let report, let verdict, let schedule):
      return failed(report, verdict, schedule: schedule, base: base, checks: subject.allChecks)
    case .survived(let last, let count, let cuts): return survived(last, count, cuts, base: base)
    }
  }

  /// A schedule that cannot be run again proves nothing, whatever its verdict.
  private func diverged(
    _ report: RunReport, _ divergence: Divergence, schedule: Int, base: String, checks: [String]
  ) -> Int32 {
    _ = write(report, base: base, checks: checks)
    say("INCONCLUSIVE  schedule \(schedule) was not the same when it was run again: \(divergence)")
    return ExitCode.internalError
  }

  private func failed(
    _ report: RunReport, _ verdict: Verdict, schedule: Int, base: String, checks: [String]
  ) -> Int32 {
    let isWritten = write(report, base: base, checks: checks)
    let kind = report.incidents.first.map { $0.kind.rawValue.uppercased() } ?? "FAILED"
    say("  \(kind) in schedule \(schedule) by \(verdict.check)")
    say("  \(verdict.reason)")
    for line in verdict.evidence.prefix(5) { say("    \(line)") }
    let signs = ProofScreen.lines(report.judgement.tallies, width: 76).joined(separator: "\n  ")
    say("\n  \(signs)\n")
    if report.dump != nil, isWritten { say("Dump    \(base)/stackdump.txt") }
    if options.market != nil { say(Signals.text(report.judgement.files), newline: false) }
    if isWritten { say("Replay  chaos replay \(base)\nShrink  chaos shrink \(base)") }
    return report.incidents.isEmpty ? ExitCode.failed : ExitCode.stuck
  }

  private func survived(
    _ report: RunReport?, _ count: RevisionCount, _ cuts: SearchCuts, base: String
  ) -> Int32 {
    guard let report else {
      say("INCONCLUSIVE  \(count.missing ?? "no schedule was run")")
      return ExitCode.inconclusive
    }
    let isWritten = write(report, base: base, checks: count.checks)
    let signs = ProofScreen.lines(report.judgement.tallies, width: 76).joined(separator: "\n  ")
    if options.market != nil { say(Signals.text(report.judgement.files), newline: false) }
    if let open = count.missing {
      say("INCONCLUSIVE  \(open)")
      for inject in report.judgement.faultCounts {
        say("  \(inject.site): hits \(inject.hits), eligible \(inject.eligible), fired \(inject.fired)")
      }
      for cut in cuts.texts { say("  cut: \(cut)") }
      say("\n  \(signs)")
      return isWritten ? ExitCode.inconclusive : ExitCode.internalError
    }
    say(count.text)
    for cut in cuts.texts { say("        (cut: \(cut))") }
    say("\n  \(signs)\n\(isWritten ? "\nReplay  chaos replay \(base)" : "")")
    return isWritten ? ExitCode.pass : ExitCode.internalError
  }

  /// False: the run is not on the disk, and it was said why.
  private func write(_ report: RunReport, base: String, checks: [String]) -> Bool {
    let about = RunStore.About(seed: options.seed, judgedBy: checks, replay: "chaos replay \(base)")
    let files = Outputs.store.files(report, about)
    let error = Outputs.write(files, to: base)
    if let error { Terminal.note("chaos: run: the run could not be written: \(error)") } else { link(base) }
    if arguments.has("json"), let run = SessionFiles(files)["run.json"] {
      Terminal.print(String(decoding: run, as: UTF8.self), newline: false)
    }
    return error == nil
  }

  /// The screen; with --json stdout has run.json instead.
  private func say(_ text: String, newline: Bool = true) {
    if !arguments.has("json") { Terminal.print(text, newline: newline) }
  }

  /// Points `latest` beside the run at it.
  private func link(_ base: String) {
    let parts = base.split(separator: "/").map(String.init)
    if let last = parts.last {
      let parent = (base.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
      Outputs.link("\(parent)/latest", to: last)
    }
  }
}
