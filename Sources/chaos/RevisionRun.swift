import ChaosRuntime
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

  func run() throws(UsageError) -> Int32 {
    let plans = try ProofPlans.plans(
      faultWord: arguments.all("fault").first, bugWord: arguments["bug"], selection: selection, options: options)
    var codes: [Int32] = []
    for plan in plans {
      var inputs = plan.inputs
      for word in arguments.all("fault").dropFirst() { inputs.faults.append(try selection.source(word).source) }
      let revisions = try CommonOptions.revisions(arguments.all("revision"), bug: plan.bug.id)
      // With several bugs under one fault, BUG=original picks one of them.
      if plans.count > 1, arguments.all("revision").contains(where: { $0.contains("=") }),
        !revisions.contains(where: { $0.bug == plan.bug.id })
      {
        continue
      }
      inputs.revisions = revisions
      // What the fix promises besides tells single parts apart; a whole original is known by its signature.
      let isPart = revisions.contains { $0.revision.contains("/") }
      codes.append(
        try run(
          inputs, name: plan.bug.id, signature: plan.spec.signature,
          checks: isPart ? plan.spec.checks : plan.spec.originalChecks, plan: plan))
    }
    return Interruption.exitCode(codes.isEmpty ? ExitCode.nothingSelected : ExitCode.worst(codes))
  }

  /// A fault that provokes no listed bug: the fixed engine under it, in the paper scenario.
  func runWithoutBug() throws(UsageError) -> Int32 {
    var inputs = PaperInputs(
      kind: .proof, settings: options.settings, market: options.market,
      durationSeconds: options.durationSeconds ?? 60)
    var checks: [String] = []
    for word in arguments.all("fault") {
      let chosen = try selection.source(word)
      inputs.faults.append(chosen.source)
      checks += ProofPlans.checks(of: chosen.fault)
    }
    Terminal.note("no listed bug is provoked by this fault; the fixed engine runs under it")
    let code = try run(
      inputs, name: RunCommand.fileName(arguments.all("fault").first ?? "run"), signature: nil,
      checks: ProofSpec.baseChecks + checks, plan: nil)
    return Interruption.exitCode(code)
  }

  private func run(
    _ inputs: PaperInputs, name: String, signature: String?, checks: [String], plan: ProofPlan?
  ) throws(UsageError) -> Int32 {
    _ = try CommonOptions.executor(arguments)
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs, isLive: arguments.has("live")) } catch {
      throw UsageError(text: error.description)
    }
    if let plan {
      say(ProofScreen.head(plan.spec))
    } else {
      say("Seed   \(options.seed)   \(JSON.double(system.virtualSeconds).text) virtual seconds a schedule\n")
    }
    let base = Files.free("\(arguments["out"] ?? "runs")/\(name)_\(WallClock.stamp)")
    if system.isLiveRun {
      // The fixed engine may use up its own deadlines, which are longer than the smoke's limits.
      let isFixed = !inputs.revisions.contains { $0.revision != "fixed" }
      let code = try LiveRun(
        system: system, checks: checks, base: base, seed: options.seed, stuckLimit: isFixed ? nil : .seconds(5),
        isJSON: arguments.has("json")
      ).run()
      link(base)
      return code
    }
    let count = try arguments.int("schedules", in: 1...1_000_000) ?? 100
    let budget = try arguments.seconds("budget", in: 1...86_400)
    let started = WallClock.monotonic
    let search = Search(Seeds(options.seed), arm: 1)
    let executor = try CommonOptions.executor(arguments)
    var sweep = Sweep<PaperSystem>(by: executor, epoch: system.epoch)
    let progress = Progress(name)
    var fired = FiredCounts(system.faults)
    var ran = 0
    var last: RunReport?
    for index in 0..<count {
      if Interruption.isRequested { break }
      if let budget, WallClock.monotonic - started > budget { break }
      var request = search.request(index)
      request.wantsStacks = true
      let report = sweep.run(request, of: system)
      search.note(report)
      let verdict = failing(report, checks)
      if verdict != nil { sweep.confirm(report, of: system) }
      if let divergence = sweep.divergence {
        progress.finish()
        return try diverged(report, divergence, schedule: index + 1, base: base, checks: checks)
      }
      ran += 1
      RunCommand.noteDeaf(report.deafThreads, in: "schedule \(index + 1)")
      progress.show(index + 1, of: count)
      fired.add(report.judgement.faultCounts)
      last = report
      if let verdict {
        progress.finish()
        return try failed(report, verdict, schedule: index + 1, base: base, checks: checks)
      }
    }
    progress.finish()
    let cut = ran < count ? "cut short after \(ran) of \(count) schedules" : nil
    return try survived(last, count: ran, fired: fired, cut: cut, base: base, checks: checks)
  }

  private func failing(_ report: RunReport, _ checks: [String]) -> Verdict? {
    for check in checks {
      if let verdict = report.judgement.verdict(check), verdict.outcome == .fail { return verdict }
    }
    return nil
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
    _ report: RunReport?, count: Int, fired: FiredCounts, cut: String?, base: String, checks: [String]
  ) throws(UsageError) -> Int32 {
    guard let report else { return ExitCode.nothingSelected }
    let isWritten = write(report, base: base, checks: checks)
    let signs = ProofScreen.lines(report.judgement.tallies, width: 76).joined(separator: "\n  ")
    if options.market != nil { say(Signals.text(report.judgement.files), newline: false) }
    if let open = fired.missing(in: count) ?? cut {
      say("INCONCLUSIVE  \(open)")
      for inject in report.judgement.faultCounts {
        say("  \(inject.site): hits \(inject.hits), eligible \(inject.eligible), fired \(inject.fired)")
      }
      return isWritten ? ExitCode.inconclusive : ExitCode.internalError
    }
    say("passed  \(count) schedules\(fired.text); checks: \(checks.joined(separator: ", "))")
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
