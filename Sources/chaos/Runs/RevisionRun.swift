import Basics
import Checks
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Proof
import Watchdog

/// Runs one revision alone, until it fails or its schedules are done; exits by its checks.
struct RevisionRun {
  let arguments: Arguments
  let selection: FaultSelection
  let options: ProofOptions

  /// Virtual seconds of a schedule in which no bug says how long it needs: a few of the rarest calls, which come once a
  /// minute.
  private static let defaultSeconds = 300.0

  /// One program under its faults, and what judges it.
  struct Subject {
    var inputs: PaperInputs
    /// Of the directory.
    var name: String
    /// Program, for the last words of a trap.
    var what: String
    var signature: String?
    var isTimeSignature = false
    var checks: [String]
    /// First lines of the screen.
    var head: String
  }

  func run() throws(UsageError) -> Int32 {
    let chosen = try selection.sources(arguments.all("fault"))
    var codes: [Int32] = []
    for plan in try plans(chosen) {
      let revisions = try CommonOptions.revisions(arguments.all("revision"), bug: plan.bug.id)
      var inputs = plan.inputs
      inputs.revisions = revisions
      var head = ProofScreen.head(plan.spec, isLive: arguments.has("live"))
      // Faults besides the one that provokes the bug are armed on top of it.
      for other in chosen where other.fault.id != plan.fault?.id {
        inputs.faults.append(other.source)
        head += "Also   \(other.fault.id): \(other.fault.title)\n"
      }
      // What the fix promises besides tells single parts apart; a whole original is known by its signature.
      let isPart = revisions.contains { $0.revision.contains("/") }
      let revision = revisions.map { "\($0.bug)=\($0.revision)" }.joined(separator: " ")
      codes.append(
        try run(
          Subject(
            inputs: inputs, name: plan.bug.id, what: "bug \(plan.bug.id), \(revision.isEmpty ? "fixed" : revision)",
            signature: plan.spec.signature, isTimeSignature: plan.spec.isTimeSignature,
            checks: options.checks ?? (isPart ? plan.spec.checks : plan.spec.originalChecks), head: head)))
    }
    return Interruption.exitCode(ExitCode.worst(codes))
  }

  /// The bugs whose scenarios are run: named by `--bug`, else those that a fault provokes, and of these the ones that
  /// `BUG=revision` names.
  private func plans(_ chosen: [ChosenFault]) throws(UsageError) -> [ProofPlan] {
    var bugs: [HistoricalBug] = []
    for word in arguments.all("revision") where word.contains("=") {
      let bug = try ProofPlans.bug(String(word.prefix { $0 != "=" }))
      if !bugs.contains(where: { $0.id == bug.id }) { bugs.append(bug) }
    }
    if let word = arguments["bug"] { bugs = [try ProofPlans.bug(word)] }
    let first = chosen.first { !ProofPlans.provoked(by: $0).isEmpty }
    if bugs.isEmpty {
      guard let first else {
        let names = chosen.map { "'\($0.fault.id)'" }.joined(separator: ", ")
        throw UsageError(
          text: "run: no listed bug is provoked by \(names); say whose revision it is, as in --revision 9.1=original")
      }
      bugs = ProofPlans.provoked(by: first)
    }
    var plans: [ProofPlan] = []
    for bug in bugs {
      let provoking = chosen.first { bug.provokedBy.faults.contains($0.fault.id) }
      guard let fault = provoking ?? (bug.provokedBy.condition == nil ? chosen.first : nil) else {
        plans.append(try ProofPlans.plan(of: bug, selection, options))
        continue
      }
      plans.append(try ProofPlans.plan(bug, fault, options))
    }
    return plans
  }

  /// Whether the words name a bug, or a fault that provokes one; without, a revision would be of nothing.
  func hasBug() throws(UsageError) -> Bool {
    if arguments.has("bug") || arguments.has("revision") { return true }
    return try selection.sources(arguments.all("fault")).contains { !ProofPlans.provoked(by: $0).isEmpty }
  }

  /// Faults that provoke no listed bug: the fixed engine under them, in the paper scenario, judged by all that applies.
  func runWithoutBug() throws(UsageError) -> Int32 {
    // Recorded data is played to its end.
    let seconds = options.durationSeconds ?? (options.market == nil ? Self.defaultSeconds : nil)
    var inputs = PaperInputs(
      kind: .proof, settings: options.settings, market: options.market, durationSeconds: seconds)
    var head = ""
    let chosen = try selection.sources(arguments.all("fault"))
    for fault in chosen {
      inputs.faults.append(fault.source)
      head += "Fault  \(fault.fault.id): \(fault.fault.title)\n"
    }
    Terminal.note("no listed bug is provoked by this fault; the fixed engine runs under it")
    let own = chosen.flatMap { ProofPlans.checks(of: $0.fault) }
    let code = try run(
      Subject(
        inputs: inputs, name: chosen.first?.name ?? "run", what: "the fixed engine",
        checks: options.checks ?? PaperSystem.checksOfRun + own.filter { !PaperSystem.checksOfRun.contains($0) },
        head: head))
    return Interruption.exitCode(code)
  }

  private func run(_ subject: Subject) throws(UsageError) -> Int32 {
    _ = try CommonOptions.executor(arguments)
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
    let started = WallClock.monotonic
    let search = Search(Seeds(options.seed), arm: 1)
    let executor = try CommonOptions.executor(arguments)
    var sweep = Sweep<PaperSystem>(by: executor, epoch: system.epoch)
    let progress = Progress(subject.name)
    var count = RevisionCount(
      subject, system.faults, wanted: try arguments.int("schedules", in: 1...1_000_000) ?? 100)
    var last: RunReport?
    CrashNote.install()
    while !count.isDone, !Interruption.isRequested {
      if let budget, WallClock.monotonic - started > budget { break }
      let index = count.ran
      var request = search.request(index)
      request.wantsStacks = true
      CrashNote.begin(subject.what, index, request, replay: StuckRun.command)
      let report = sweep.run(request, of: system)
      search.note(report)
      let verdict = count.failing(report)
      if verdict != nil { sweep.confirm(report, of: system) }
      if let divergence = sweep.divergence {
        progress.finish()
        return try diverged(report, divergence, schedule: index + 1, base: base, checks: subject.checks)
      }
      RunCommand.noteUnresponsive(report.unresponsiveThreads, in: "schedule \(index + 1)")
      if let verdict {
        progress.finish()
        return try failed(report, verdict, schedule: index + 1, base: base, checks: subject.checks)
      }
      count.add(report)
      progress.show(count.counted, of: count.wanted)
      last = report
    }
    progress.finish()
    return try survived(last, count, search.cuts, base: base)
  }

  /// A schedule that cannot be run again proves nothing, whatever its verdict.
  private func diverged(
    _ report: RunReport, _ divergence: Divergence, schedule: Int, base: String, checks: [String]
  ) throws(UsageError) -> Int32 {
    _ = write(report, base: base, checks: checks)
    say("INCONCLUSIVE  schedule \(schedule) was not the same when it was run again: \(divergence)")
    return ExitCode.internalError
  }

  private func failed(
    _ report: RunReport, _ verdict: Verdict, schedule: Int, base: String, checks: [String]
  ) throws(UsageError) -> Int32 {
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
  ) throws(UsageError) -> Int32 {
    guard let report else {
      say("INCONCLUSIVE  no schedule was run")
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
    let extras = RunDirectory.Extras(seed: options.seed, judgedBy: checks, replay: "chaos replay \(base)")
    let files = RunDirectory.files(report, extras: extras)
    let error = Files.write(files, to: base)
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
      Files.link("\(parent)/latest", to: last)
    }
  }
}
