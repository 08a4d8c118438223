import Basics
import ChaosRuntime
import Exploration
import HistoricalBugs
import PaperSession
import Proof

/// `chaos run`: prove that a fix holds under its fault, or run one revision alone.
enum RunCommand {
  static let verb = Verb(
    name: "run", summary: "prove that a fix holds under its fault, or run one revision alone",
    words: "--fault ID | --bug ID [options]",
    options: [
      Option(
        "fault", "ID", "a fault of 'chaos list', a fault file, or a one-line fault; repeatable", isRepeatable: true),
      Option("bug", "ID", "prove this bug alone"),
      Option("revision", "R", "run this revision alone: original, or BUG=original", isRepeatable: true),
      Option("live", nil, "on real threads and the real clock: --runs times, or one --revision once"),
      Option("runs", "N", "with --live: number of runs (default 3); HELD when at least 3 ran and all passed"),
      CommonOptions.checks,
      Option("lock-order", nil, "predict lock cycles from one clean schedule, and try to produce each"),
      CommonOptions.seed,
      Option("duration", "S", "virtual seconds of one schedule"),
      Option(
        "schedules", "N",
        "schedules that the fix must pass (default 200, PROVEN needs 59), or runs of one revision (default 100)"),
      Option("campaigns", "N", "searches for the original's failure (default 20, PROVEN needs 5)"),
      Option("budget", "S", "stop after S seconds; a proof that is cut short is inconclusive"),
      CommonOptions.market, CommonOptions.marketFill, CommonOptions.venue, CommonOptions.faults, CommonOptions.config,
      CommonOptions.set, CommonOptions.out,
      CommonOptions.carrier, CommonOptions.json,
      Option(
        "jobs", "N", "proofs to run in parallel in forked workers; a crash costs one proof (default 0: one by one here)"
      ),
      Option("coverage", nil, "print what the schedules showed, what is new and what was never hit"),
      Option("junit", "FILE", "write JUnit XML, one case per arm"),
    ] + EngineRun.options
      + ServeOptions.options.filter { ["venue", "account", "symbols", "no-limits"].contains($0.name) },
    examples: [
      "chaos run --fault deadlock", "chaos run --fault deadlock --revision original --live",
      "chaos run --fault deadlock --live --runs 3",
      "chaos run --fault faults/mine.toml --checks no-crash,positions-agree",
      "chaos run --bug C-PORT-02 --lock-order", "chaos run --bug 9.2 --seed 7",
      "chaos run --fault insufficient-balance --market ticks/",
      "chaos run --engine 'python3 scripts/bots/resends.py' --fault lost-reply",
      "chaos run --engine 'python3 scripts/bots/asks.py' --belief '{session}/b.json'",
    ],
    run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.positional.first {
      throw UsageError(text: "run: unexpected argument '\(word)'; a fault is named with --fault \(word)")
    }
    if arguments.has("engine") || arguments.has("fixed") {
      var run = try EngineRun(arguments)
      return try run.run()
    }
    for option in EngineRun.options where arguments.has(option.name) {
      throw UsageError(text: "run: --\(option.name) needs --engine")
    }
    let faults = arguments.all("fault")
    if faults.isEmpty, arguments["bug"] == nil {
      throw UsageError(text: "run: name a fault (--fault deadlock) or a bug (--bug 9.1); 'chaos list' names them")
    }
    let seed = try CommonOptions.seed(arguments)
    let selection = try CommonOptions.faults(arguments)
    var options = ProofOptions(seed: seed, settings: try CommonOptions.settings(arguments))
    options.market = arguments["market"]
    options.durationSeconds = try arguments.seconds("duration", in: 1...86_400)
    options.checks = try CommonOptions.checkNames(arguments)
    if arguments.has("runs"), !arguments.has("live") {
      throw UsageError(text: "run: --runs needs --live; simulated schedules are counted with --schedules")
    }
    if arguments.has("lock-order") {
      if arguments.has("live") { throw UsageError(text: "run: --lock-order is simulated; leave --live out") }
      try refuseProofOptions(arguments, because: "--lock-order is not a proof")
      if arguments.has("budget") {
        throw UsageError(text: "run: --budget cuts proofs and runs, --lock-order has neither")
      }
      return try LockOrderRun(arguments: arguments, selection: selection, options: options).run()
    }
    for name in ["schedules", "campaigns"] where arguments.has("live") && arguments.has(name) {
      throw UsageError(text: "run: --\(name) counts simulated schedules; --live has --runs")
    }
    if arguments.has("live"), arguments.has("budget") {
      throw UsageError(text: "run: --budget cuts simulated schedules; --live has --runs and --duration")
    }
    if arguments.has("revision") || arguments.has("live") {
      try refuseProofOptions(arguments, because: "one revision alone is not a proof")
      return try RevisionRun(arguments, selection, options).run()
    }
    if let n = try arguments.int("schedules", in: 1...1_000_000) { options.schedules = n }
    if let n = try arguments.int("campaigns", in: 1...10_000) { options.campaigns = n }
    let plans = try ProofPlans.plans(
      faults: faults, bugWord: arguments["bug"], selection: selection, options: options)
    if plans.isEmpty {
      try refuseProofOptions(arguments, because: "no bug is provoked by this fault")
      return try RevisionRun(arguments, selection, options).runWithoutBug()
    }
    let name =
      try faults.first.map { word throws(UsageError) in try selection.source(word).name }
      ?? arguments["bug"] ?? "run"
    let base = Files.free("\(arguments["out"] ?? "runs")/\(name)_\(WallClock.stamp)")
    return try ProofRun(arguments, plans, base: base).run()
  }

  /// Options that only a proof of original and fix has.
  private static let proofOptions = [
    ("junit", "has one case per arm of a proof"), ("coverage", "compares the schedules of a proof"),
    ("jobs", "divides proofs among workers"), ("campaigns", "counts the searches of a proof"),
  ]

  private static func refuseProofOptions(_ arguments: Arguments, because reason: String) throws(UsageError) {
    for (name, what) in proofOptions where arguments.has(name) {
      throw UsageError(text: "run: --\(name) \(what), and \(reason)")
    }
  }

  /// Engine code must throw `Stopped` on: a thread that does not was parked by force.
  static func noteUnresponsive(_ threads: [String], in place: String) {
    if let note = deafNote(threads, in: place) { Terminal.note(note) }
  }

  /// The same as text; nil: there is none.
  static func deafNote(_ threads: [String], in place: String) -> String? {
    if threads.isEmpty { return nil }
    return "\(place): threads caught Stopped and went on, and were parked: \(threads.joined(separator: ", "))"
  }
}
