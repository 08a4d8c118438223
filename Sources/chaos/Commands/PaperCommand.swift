import Basics
import ChaosRuntime
import Checks
import Exploration
import Monitoring
import PaperSession

/// `chaos paper`: a paper session and the four-part report.
enum PaperCommand {
  static let verb = Verb(
    name: "paper", summary: "run a paper session and print the four-part report",
    words: "[options]",
    options: [
      Option("duration", "S", "seconds of the session (default 300)"),
      Option("live", nil, "real threads and the real clock"),
      Option("revision", "BUG=R", "use a pre-fix revision, as in 9.1=original", isRepeatable: true),
      Option(
        "scenario", "NAME",
        "a scene in place of the default market, or a bug's own market, length and fault; only --revision puts the bug back"
      ),
      Option("fault", "ID", "a fault in place of 'everyday'; repeatable", isRepeatable: true),
      Option("no-faults", nil, "turn off the fault 'everyday'"),
      CommonOptions.seed, CommonOptions.market, CommonOptions.marketFill, CommonOptions.venue, CommonOptions.faults,
      CommonOptions.config, CommonOptions.set,
      CommonOptions.out, CommonOptions.carrier,
      Option("exchange", "URL", "with --live: trade on the exchange that 'chaos serve' has at http://HOST:PORT"),
      Option("key-file", "FILE", "with --exchange: two lines, API key and secret (default: CHAOS_API_KEY and _SECRET)"),
      Option("json", nil, "print run.json instead of the report"),
    ] + MetricsServices.options + [AlertService.option],
    examples: [
      "chaos paper", "chaos paper --revision 9.1=original",
      "chaos paper --scenario falling", "chaos paper --scenario DUP-2 --revision DUP-2=original",
      "chaos paper --venue binance", "chaos paper --live --duration 60",
      "chaos paper --live --prometheus 8000", "chaos paper --live --exchange http://127.0.0.1:8899",
    ], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.positional.first {
      throw UsageError(text: "paper: unexpected argument '\(InputError.shown(word))'")
    }
    let seed = try CommonOptions.seed(arguments)
    let executor = try CommonOptions.executor(arguments)
    var system: PaperSystem
    let venue = try ServeOptions.remoteVenue(arguments)
    let inputs = try inputs(arguments)
    do throws(PaperError) { system = try PaperSystem(inputs, isLive: arguments.has("live")) } catch {
      throw UsageError(text: error.description)
    }
    system.venue = venue
    let alerts = try AlertService(arguments)
    let servers = try MetricsServices(arguments)
    let parent = arguments["out"] ?? "sessions"
    let base = Files.free("\(parent)/session_\(WallClock.stamp)")
    let checks = Check.all.map(\.name)
    let files: SessionFiles
    var unwritten: String?
    var record: SessionRecord?
    if arguments.has("live") {
      Interruption.beginAsking()
      system.attach(ExportService())
      system.attach(alerts)
      if let servers { system.attach(servers) }
      Terminal.note("\(JSON.double(system.virtualSeconds).text) s of real time, seed \(seed)")
      var run = LiveRun(system: system, checks: checks, base: base, seed: seed, stuckLimit: nil)
      // Whoever looks while it runs, or after it was killed, finds it.
      run.isWatchedBySettings = true
      run.whenBegun = { Outputs.link("\(parent)/latest", to: base.split(separator: "/").last.map(String.init) ?? base) }
      (_, files, unwritten) = try run.execute()
    } else {
      (files, unwritten, record) = try simulate(system, executor, seed: seed, base: base, checks: checks)
    }
    let isWritten = Files.isDirectory(base)
    if isWritten { Outputs.link("\(parent)/latest", to: base.split(separator: "/").last.map(String.init) ?? base) }
    let code = try report(files, record, base: isWritten ? base : nil, arguments: arguments)
    if let unwritten { Terminal.note("chaos: paper: \(unwritten)") }
    if arguments.has("live"), let signal = LiveOutcome.signal(in: files) {
      Terminal.note("interrupted by \(signal); the engine ended in order, and this is the session until then")
      return Interruption.exitCode(code)
    }
    return unwritten == nil ? code : ExitCode.unwritten(code)
  }

  private static func inputs(_ arguments: Arguments) throws(UsageError) -> PaperInputs {
    let selection = try CommonOptions.faults(arguments)
    if arguments.has("no-faults"), !arguments.all("fault").isEmpty {
      throw UsageError(text: "paper: --no-faults and --fault contradict each other")
    }
    if arguments.has("exchange"), !["binance", nil].contains(arguments["venue"]) {
      throw UsageError(text: "paper: --exchange speaks Binance's words; leave --venue out")
    }
    if arguments.has("scenario"), arguments.has("market") {
      throw UsageError(text: "paper: --scenario has a market of its own; leave --market or --scenario out")
    }
    let scene = arguments["scenario"].flatMap { PaperScene.named($0)?.name }
    var inputs = PaperInputs(
      kind: .paper, bug: scene == nil ? arguments["scenario"] : nil,
      revisions: try PaperInputs.Revision.all(arguments.all("revision"), bug: nil),
      settings: try CommonOptions.settings(arguments), market: arguments["market"],
      durationSeconds: try arguments.seconds("duration", in: 5...86_400), scene: scene)
    if arguments.has("exchange") {
      inputs.settings.insert(PaperInputs.Setting(name: "VENUE", value: "binance"), at: 0)
    }
    var words = arguments.all("fault")
    if words.isEmpty, !arguments.has("no-faults") {
      do throws(PaperError) {
        words =
          try inputs.bug.map { bug throws(PaperError) in
            try PaperSystem.fault(ofBug: bug).map { [$0] } ?? []
          } ?? ["everyday"]
      } catch {
        throw UsageError(text: error.description)
      }
    }
    for word in words { inputs.faults.append(try selection.source(word).source) }
    return inputs
  }

  /// The session's files, why they are not on the disk (nil: they are), and what was read of them to judge them.
  private static func simulate(
    _ system: PaperSystem, _ executor: Executor, seed: UInt64, base: String, checks: [String]
  ) throws(UsageError) -> (SessionFiles, String?, SessionRecord?) {
    let started = WallClock.monotonic
    guard let (report, ran, count) = system.paperRun(seed: seed, by: executor) else {
      throw UsageError(text: "paper: no schedule was run")
    }
    let took = JSON.double(WallClock.monotonic - started, places: 2).text
    let schedules = count == 1 ? "" : ", \(ran) of \(count) schedules"
    Terminal.note(
      "\(JSON.double(system.virtualSeconds).text) s simulated in \(took) s, seed \(seed)\(schedules); "
        + "--live for real threads")
    let about = RunStore.About(seed: seed, judgedBy: checks, replay: "chaos replay \(base)")
    let files = RunStore.stamped(Outputs.store.files(report, about), base: base)
    let error = Outputs.write(files, to: base)
    let record = report.judgement.record as? SessionRecord
    return (SessionFiles(files), error.map { "the session could not be written: \($0)" }, record)
  }

  /// `base` is nil where nothing is on the disk.
  private static func report(
    _ files: SessionFiles, _ judged: SessionRecord?, base: String?, arguments: Arguments
  ) throws(UsageError) -> Int32 {
    do throws(RecordError) {
      let record = if let judged { try judged.completed(by: files) } else { try SessionRecord(files: files) }
      // A session that was simulated has just been judged.
      let verdicts = arguments.has("live") ? nil : record.run.everyVerdict
      let report = PaperReport(record, directory: base ?? "", verdicts: verdicts)
      if arguments.has("json") {
        Terminal.print(String(decoding: files["run.json"] ?? [], as: UTF8.self), newline: false)
      } else {
        Terminal.print(Terminal.colored(report.text), newline: false)
      }
      if let summary = files["metrics/summary.json"].flatMap({ try? JSON.parse($0) }) {
        Terminal.note(MetricsSummary.text(of: summary))
      }
      if let base {
        Terminal.note("session \(base)")
        if !report.isClean {
          Terminal.note("check   chaos check \(base)   every check, with its evidence")
          Terminal.note("doctor  chaos doctor \(base)   likely causes, and what to do next")
        }
        if report.exitCode != 0, files["recording.txt"] != nil { Terminal.note("replay  chaos replay \(base)") }
      }
      return report.exitCode
    } catch {
      throw UsageError(text: error.description)
    }
  }
}
