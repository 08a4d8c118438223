import Basics
import ChaosRuntime
import Checks
import Exploration
import Glibc
import PaperSession
import Proof

/// One live run: real threads, real clock, the live watchdog.
struct LiveRun {
  let system: PaperSystem
  let checks: [String]
  let base: String
  let seed: UInt64
  /// Activities' limits in a live smoke of hang bugs, DESIGN.md section 11.
  var stuckLimit: Duration? = .seconds(5)
  /// Activities have limits by the settings in force, and a hang is looked at three times.
  var isWatchedBySettings = false
  /// run.json on stdout instead of the screen.
  var isJSON = false
  /// Whether it is one of several: then it prints no JSON of its own.
  var isPart = false
  /// Which of the seed's scenarios.
  var index = 0
  /// Called when the session's directory is there, with what is known before the session.
  var whenBegun: () -> Void = {}

  func run() throws(UsageError) -> Int32 { try once().code }

  /// Runs once: the exit code, and what the run says where it is one of several.
  func once() throws(UsageError) -> (code: Int32, held: HeldStatement.Run) {
    let (report, files, unwritten) = try execute()
    if isJSON, !isPart { Terminal.print(String(decoding: files["run.json"] ?? [], as: UTF8.self), newline: false) }
    var failed: [Verdict] = []
    for check in checks {
      if let verdict = report.judgement.verdict(check), verdict.outcome == .fail { failed.append(verdict) }
    }
    let took = JSON.double(report.took.seconds, places: 1).text
    say("live, \(took) s of real time")
    for incident in report.incidents {
      say("  \(incident.kind.rawValue.uppercased())  \(incident.summary)")
    }
    for verdict in failed { say("  FAILED by \(verdict.check): \(verdict.reason)") }
    let signs = ProofScreen.lines(report.judgement.tallies, width: 76).joined(separator: "\n  ")
    say("\n  \(signs)\n")
    if Files.exists("\(base)/stackdump.txt") { say("Dump    \(base)/stackdump.txt") }
    if report.leakedThreads > 0 { Terminal.note("\(report.leakedThreads) threads could not be stopped") }
    say("Session \(base)")
    if let unwritten { Terminal.note(unwritten) }
    let outcome = LiveOutcome(report, files, faults: system.faults, checks: checks)
    var code = outcome.exitCode(isWritten: unwritten == nil)
    switch outcome {
    case .stuck, .failed: break
    case .interrupted(let signal):
      say("INTERRUPTED  by \(signal); nothing had failed until then")
      code = Interruption.exitCode(code)
    case .open(let reason): say("INCONCLUSIVE  \(reason)")
    case .passed: say("passed  \(checks.joined(separator: ", "))")
    }
    return (code, outcome.held)
  }

  /// Options without a meaning in simulation: then the run can only be repeated as it was.
  private static let liveOnly: Set<String> = ["--exchange", "--prometheus", "--statsd", "--alerts"]

  /// A live run has no recording; the same in simulation has one, if it fails there.
  static func next(_ words: some Sequence<String>) -> [String] {
    let words = Array(words)
    guard words.contains("--live"), !words.contains(where: { liveOnly.contains($0) }) else {
      return ["again: \(StuckRun.typed(words))"]
    }
    let place = words.first == "paper" ? "sessions/latest" : "runs/latest"
    return [
      "with a recording, in simulation: \(StuckRun.typed(words.filter { $0 != "--live" }))",
      "then again: chaos replay \(place)", "then the smallest case: chaos shrink \(place)",
    ]
  }

  private func say(_ text: String) { if !isJSON { Terminal.print(text) } }

  /// Runs and writes the session; the report, its files, and what could not be written of them.
  func execute() throws(UsageError) -> (report: LiveExecutor.Report, files: SessionFiles, unwritten: String?) {
    let seeds = Seeds(seed)
    let request = RunRequest(
      scenarioSeed: seeds.scenario(index), scheduleSeed: seeds.schedule(arm: 1, index), schedule: .nominal)
    var live = LiveSession(directory: base, seed: seed, judgedBy: checks) { Interruption.signalName }
    let unfinished = system.unfinishedFiles(system.makeSession(request), began: WallClock.now, for: live)
    if let error = Outputs.write(unfinished, to: base) { throw UsageError(text: error) }
    guard let resolved = realpath(base, nil) else { throw UsageError(text: "\(base): cannot be resolved") }
    let directory = String(cString: resolved)
    free(resolved)
    whenBegun()
    live.directory = directory
    var system = system
    system.live = live
    let limit = Duration.seconds(system.virtualSeconds + 30)
    var executor = LiveExecutor(directory: directory, epoch: nil, stuckLimit: stuckLimit, limit: limit)
    executor.isInterrupted = { Interruption.isRequested }
    executor.command = StuckRun.command
    executor.next = Self.next(CommandLine.arguments.dropFirst())
    if isWatchedBySettings {
      executor.stuckLimits = system.stuckLimits(request)
      executor.looksAgain = true
    }
    let report: LiveExecutor.Report
    do throws(Stopped) {
      report = try executor.run(system, request, files: { Files.tree(directory) })
    } catch {
      throw UsageError(text: "the live run was stopped before it began")
    }
    var files = SessionFiles(report.judgement.files)
    Outputs.store.complete(&files, RunStore.About(seed: seed, judgedBy: checks, replay: nil), recording: nil)
    var unwritten: String?
    for (path, bytes) in files.files where path != "stackdump.txt" {
      let full = "\(directory)/\(path)"
      if let slash = full.lastIndex(of: "/") { _ = FileDisk.makeDirectory(String(full[..<slash])) }
      if let error = Outputs.replace(bytes, at: full), unwritten == nil {
        unwritten = "the session is incomplete on the disk: \(error)"
      }
    }
    return (report, files, unwritten)
  }
}
