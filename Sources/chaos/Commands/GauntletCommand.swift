import Basics
import Exploration
import ChaosRuntime
import FieldReconciliation
import FieldReproduction
import Glibc
import PaperSession
import Watchdog
import Proof

/// `chaos gauntlet`: everything that must hold before a release.
enum GauntletCommand {
  /// Where the report goes besides the screen.
  static let reports = [
    Option("json", "FILE", "write the whole report as JSON"),
    Option("junit", "FILE", "write JUnit XML, one case per arm"),
    Option("markdown", "FILE", "write tables for a step summary, at most 1 MiB"),
  ]

  static let verb = Verb(
    name: "gauntlet", summary: "run all that must hold before a release: proofs, faults, mutations",
    words: "[options]",
    options: [
      Option("jobs", "N", "forked workers (default: one per core); 0: everything in this process"),
      Option("budget", "S", "start no new case after S seconds (default 10m); the rest is inconclusive"),
      Option("thorough", nil, "200 schedules of each fault, 48 of each pair; --budget is a day unless given"),
      Option("fail-fast", nil, "end at the first case that fails"),
      Option("filter", "TEXT", "only cases whose name contains it; repeatable", isRepeatable: true),
      Option("shard", "I/N", "every N-th case, from the I-th: the shards together run each case once"),
      CommonOptions.seed,
      Option("schedules", "N", "schedules that each fix must pass (default 200)"),
      Option("campaigns", "N", "searches for each original's failure (default 20)"),
      CommonOptions.faults, CommonOptions.out,
      Option("cases", "DIR", "only the cases in this folder, as 'chaos reproduce' writes them"),
      Option("list", nil, "print the names of the cases and run nothing"),
      Option("guard", "S", "seconds that one schedule may take before its worker is ended (default 60)"),
      Option(
        "drill", "KIND", "add a case that fails on purpose: \(GauntletDrill.names); the gauntlet must report it",
        isRepeatable: true),
    ] + reports + EngineGauntlet.options,
    examples: [
      "chaos gauntlet", "chaos gauntlet --filter proof/ --jobs 4", "chaos gauntlet --filter mutation/9.2",
      "chaos gauntlet --shard 1/4 --junit gauntlet.xml",
      "chaos gauntlet --engine 'python3 scripts/bots/asks.py' --duration 20 --jobs 4",
    ],
    run: run)

  /// Options that a bot in another language has no use for.
  private static let ofOwnEngine = [
    "thorough", "schedules", "campaigns", "cases", "shard", "fail-fast", "guard", "drill",
  ]

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.positional.first {
      throw UsageError(text: "gauntlet: unexpected argument '\(word)'; cases are chosen with --filter \(word)")
    }
    if let engine = arguments["engine"] {
      for name in Self.ofOwnEngine where arguments.has(name) {
        throw UsageError(text: "gauntlet: --\(name) is about our own engine; leave it out with --engine")
      }
      return try EngineGauntlet(arguments, engine: engine).run()
    }
    for option in EngineGauntlet.options where arguments.has(option.name) {
      throw UsageError(text: "gauntlet: --\(option.name) needs --engine")
    }
    var proofs = ProofOptions(seed: try CommonOptions.seed(arguments))
    if let count = try arguments.int("schedules", in: 1...1_000_000) { proofs.schedules = count }
    if let count = try arguments.int("campaigns", in: 1...10_000) { proofs.campaigns = count }
    let maker = GauntletCases(
      selection: try CommonOptions.faults(arguments), options: proofs, isThorough: arguments.has("thorough"),
      base: Files.free("\(arguments["out"] ?? "runs")/gauntlet_\(WallClock.stamp)"), store: Outputs.store,
      chaos: { ChildProcess.run($0, limit: $1) })
    let all: [GauntletCase]
    if let folder = arguments["cases"] {
      all = try own(folder, arguments, seed: proofs.seed)
    } else {
      all = try maker.all()
    }
    let cases = try selected(all + GauntletDrill.cases(arguments.all("drill"), seed: proofs.seed), arguments)
    if arguments.has("list") {
      for item in cases { Terminal.print("\(Verbs.pad(item.id, 40)) \(item.title)") }
      return cases.isEmpty ? ExitCode.nothingSelected : ExitCode.pass
    }
    guard !cases.isEmpty else {
      Terminal.note("gauntlet: no case has been selected; 'chaos gauntlet --list' names them all")
      return ExitCode.nothingSelected
    }
    let jobs = try arguments.int("jobs", in: 0...256) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let budget = try arguments.seconds("budget", in: 1...86_400) ?? (arguments.has("thorough") ? 86_400 : 600)
    var options = GauntletOptions(
      jobs: jobs, budgetSeconds: budget, isFailFast: arguments.has("fail-fast"),
      guardSeconds: try arguments.int("guard", in: 1...3600) ?? 60, now: { WallClock.monotonic },
      processorSeconds: { WallClock.processor })
    if jobs == 0 {
      CrashNote.install()
      options.isGuardedHere = true
    }
    Interruption.beginAsking()
    Terminal.note(
      "gauntlet: \(cases.count) cases, seed \(proofs.seed), \(jobs) workers, budget \(JSON.double(budget).text) s")
    let bar = Progress("gauntlet")
    let result = Gauntlet(cases, options: options).run(
      progress: { bar.show($0) },
      finished: { result in
        bar.finish()
        Terminal.print(Terminal.colored(GauntletScreen.line(result)))
      }, isInterrupted: { Interruption.isRequested })
    bar.finish()
    var report = GauntletReport(
      cases: cases, result: result, seed: proofs.seed, jobs: jobs, budgetSeconds: budget,
      command: command(arguments, seed: proofs.seed))
    report.shard = arguments["shard"]
    report.build = BuildIdentity.current
    Terminal.print("\n" + Terminal.colored(GauntletScreen.summary(report)), newline: false)
    return Interruption.exitCode(write(report, arguments, verb: "gauntlet"))
  }

  /// The cases of a folder: sessions from the field that must not happen again.
  private static func own(_ folder: String, _ arguments: Arguments, seed: UInt64) throws(UsageError) -> [GauntletCase] {
    let library = try CommonOptions.faults(arguments)
    var cases: [GauntletCase] = []
    for item in try RegressionCase.all(in: folder) { cases.append(try item.gauntletCase(library, seed: seed)) }
    return cases
  }

  private static func selected(_ cases: [GauntletCase], _ arguments: Arguments) throws(UsageError) -> [GauntletCase] {
    let filters = arguments.all("filter")
    var chosen = cases
    if !filters.isEmpty { chosen = chosen.filter { item in filters.contains { item.id.contains($0) } } }
    guard let text = arguments["shard"] else { return chosen }
    guard let shard = GauntletShard(text) else {
      throw UsageError(text: "--shard expects I/N with 1 <= I <= N, not '\(text)'")
    }
    return chosen.enumerated().filter { shard.contains($0.offset) }.map(\.element)
  }

  /// Writes the reports that were asked for; the exit code with what could not be written.
  static func write(_ report: GauntletReport, _ arguments: Arguments, verb: String) -> Int32 {
    var code = report.exitCode
    let files = [
      ("json", { report.json.pretty() }), ("junit", { JUnit.text(report) }),
      ("markdown", { GauntletMarkdown.text(report) }),
    ]
    for (option, text) in files {
      guard let path = arguments[option] else { continue }
      guard let error = Outputs.replace(Array(text().utf8), at: path) else { continue }
      Terminal.note("chaos: \(verb): --\(option): \(error)")
      code = ExitCode.unwritten(code)
    }
    return code
  }

  private static func command(_ arguments: Arguments, seed: UInt64) -> String {
    var out = "chaos gauntlet"
    for name in ["filter", "drill"] { for text in arguments.all(name) { out += " --\(name) \(text)" } }
    for name in ["cases", "shard", "schedules", "campaigns", "faults"] {
      if let text = arguments[name] { out += " --\(name) \(text)" }
    }
    if arguments.has("thorough") { out += " --thorough" }
    return seed == 1 ? out : out + " --seed \(seed)"
  }
}
