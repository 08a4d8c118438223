import Basics
import ChaosRuntime
import Exploration
import FaultInjection
import Glibc
import PaperSession

/// `chaos bench`: the measurements that the documentation quotes, on this machine, as ratios in one run.
enum BenchCommand {
  static let verb = Verb(
    name: "bench", summary: "measure sessions, locks, sites and metrics on this machine",
    words: "[session] [locks] [sites] [metrics] [scrape] [--rounds N] | determinism [--runs N] | programs | twins"
      + " | exchange [--orders N | --differential N] | watchdog [--sections N | --hard] | readers [--documents N]"
      + " | reconcile [--megabytes N] | wire [--seconds S] [--soak S]",
    options: [Option("rounds", "N", "repetitions; the median counts (default 7; exchange 21)")]
      + DeterminismBench.options + WireBench.options + WatchdogBenchCommand.options + ProgramBench.options
      + ReaderBench.options + ReconcileBench.options + ExchangeBench.options + [
        CommonOptions.seed, CommonOptions.json,
      ],
    examples: [
      "chaos bench", "chaos bench locks", "chaos bench determinism --runs 1000", "chaos bench programs --portfolio",
    ],
    run: run)

  private static let parts = ["session", "locks", "sites", "metrics"]

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if arguments.positional.contains("determinism") {
      guard arguments.positional.count == 1 else { throw UsageError(text: "bench: determinism must be the only word") }
      return try DeterminismBench.run(arguments)
    }
    if arguments.positional.contains("watchdog") {
      guard arguments.positional.count == 1 else { throw UsageError(text: "bench: watchdog must be the only word") }
      return try WatchdogBenchCommand.run(arguments)
    }
    if arguments.positional.contains("readers") {
      guard arguments.positional.count == 1 else { throw UsageError(text: "bench: readers must be the only word") }
      return try ReaderBench.run(arguments)
    }
    if arguments.positional.contains("reconcile") {
      guard arguments.positional.count == 1 else { throw UsageError(text: "bench: reconcile must be the only word") }
      return try ReconcileBench.run(arguments)
    }
    if arguments.has("differential") {
      guard arguments.positional == ["exchange"] else {
        throw UsageError(text: "bench: --differential belongs to 'bench exchange' alone")
      }
      return try ExchangeBench.compare(arguments)
    }
    if let word = arguments.positional.first, word == "programs" || word == "twins" {
      guard arguments.positional.count == 1 else { throw UsageError(text: "bench: \(word) must be the only word") }
      return try word == "programs" ? ProgramBench.run(arguments) : ProgramBench.runTwins(arguments)
    }
    let parts =
      parts + ["exchange", "wire", "scrape", "determinism", "watchdog", "programs", "twins", "readers", "reconcile"]
    for word in arguments.positional where !parts.contains(word) {
      let near = Suggestion.closest(to: word, in: parts).map { "; did you mean '\($0)'?" } ?? ""
      throw UsageError(text: "bench: no measurement is called '\(word)'\(near)")
    }
    let asked = try arguments.int("rounds", in: 1...1000)
    let rounds = asked ?? 7
    let chosen = arguments.positional.isEmpty ? Self.parts : arguments.positional
    var lines: [BenchLine] = []
    if chosen.contains("session") { lines += try SessionBench.run(rounds: rounds) }
    if chosen.contains("locks") { lines += LockBench.run(rounds: rounds) }
    if chosen.contains("sites") { lines += SiteBench.run(rounds: rounds) }
    if chosen.contains("metrics") { lines += try MetricsBench.run(rounds: rounds) }
    // Half a minute of real time, so only when it is asked for.
    if chosen.contains("scrape") { lines += try ScrapeBench.run() }
    if chosen.contains("exchange") {
      lines += try ExchangeBench.run(
        rounds: asked ?? 21, orders: try arguments.int("orders", in: 1000...1_000_000) ?? 50_000)
    }
    if chosen.contains("wire") {
      lines += try WireBench.run(
        seconds: try arguments.seconds("seconds", in: 2...600) ?? 3,
        soak: try arguments.seconds("soak", in: 2...86_400))
    }
    if arguments.has("json") {
      Terminal.print(JSON.object(lines.map { ($0.name, .double($0.value, places: 4)) }).pretty(), newline: false)
      return code(lines)
    }
    for line in lines { Terminal.print("  \(Verbs.pad(line.name, 51))" + line.judged) }
    let summary = lines.filter(\.isHeadline).map { "\($0.name) \($0.text)" }.joined(separator: "; ")
    Terminal.print("bench: \(summary)")
    return code(lines)
  }

  /// Red when a figure misses what is asked of it.
  static func code(_ lines: [BenchLine]) -> Int32 {
    lines.allSatisfy(\.isGood) ? ExitCode.pass : ExitCode.failed
  }
}

/// One figure with its unit.
struct BenchLine {
  var name: String
  var value: Double
  var unit: String
  var places = 2
  /// Part of the last line.
  var isHeadline = false
  /// What is asked of it; nil: nothing.
  var limit: Limit?

  /// What is asked of a figure, in its unit.
  enum Limit {
    case least(Double)
    case most(Double)
  }

  /// A figure that is no number, since nothing was measured, is not good.
  var isGood: Bool {
    switch limit {
    case .least(let bound): value >= bound
    case .most(let bound): value <= bound
    case nil: true
    }
  }

  /// The figure, and behind it what is asked and whether it is so.
  var judged: String {
    let asked: String
    switch limit {
    case .least(let bound): asked = "at least \(BenchLine.text(bound))"
    case .most(let bound): asked = "at most \(BenchLine.text(bound))"
    case nil: return text
    }
    return Verbs.pad(text, 16) + asked + (isGood ? "" : ": MISSED")
  }

  private static func text(_ bound: Double) -> String {
    JSON.double(bound, places: bound == bound.rounded() ? 0 : 1).text
  }

  var text: String { "\(JSON.double(value, places: places).text) \(unit)" }
}

/// Repeats and sorts.
enum Bench {
  /// Nanoseconds of each round, sorted.
  static func rounds(_ count: Int, _ body: () -> Void) -> [Double] {
    (0..<count).map { _ in
      let before = WallClock.monotonic
      body()
      return (WallClock.monotonic - before) * 1e9
    }.sorted()
  }

  static func median(_ sorted: [Double]) -> Double { sorted.isEmpty ? 0 : sorted[sorted.count / 2] }
}

/// The reference session of DESIGN.md section 14.
enum SessionBench {
  static func run(rounds: Int) throws(UsageError) -> [BenchLine] {
    let system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(PaperInputs(kind: .reference)) } catch {
      throw UsageError(text: error.description)
    }
    let executor = Executor()
    let request = PaperSystem.paperRequest(seed: 1)
    let report = executor.run(system, request)
    let virtual = report.virtualTime.seconds
    let raw = Bench.rounds(rounds) { _ = executor.runUnjudged(system, request) }
    let judged = Bench.rounds(rounds) { _ = executor.run(system, request) }
    let onThreads = Executor(carrier: .threads)
    let carried = Bench.rounds(min(rounds, 5)) { _ = onThreads.runUnjudged(system, request) }
    let directory = "\(Files.free("/tmp/chaos-bench-\(getpid())"))"
    var count = 0
    let written = Bench.rounds(rounds) {
      let report = executor.run(system, request)
      count += 1
      _ = Outputs.write(report.judgement.files, to: "\(directory)/\(count)")
    }
    Files.removeTree(directory)
    let seconds = Bench.median(raw) / 1e9
    let lines = report.judgement.files.filter { $0.path.hasPrefix("logs/events") }
      .reduce(0) { $0 + $1.bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) } }
    return [
      BenchLine(name: "reference session, virtual", value: virtual, unit: "s"),
      BenchLine(name: "threads", value: Double(report.threadCount), unit: "", places: 0),
      BenchLine(name: "orders sent", value: Double(report.judgement.tally("SENT")), unit: "", places: 0),
      BenchLine(name: "scheduling points", value: Double(report.steps), unit: "", places: 0),
      BenchLine(name: "of them with a choice", value: Double(report.choicePoints), unit: "", places: 0),
      BenchLine(name: "switches", value: Double(report.switches), unit: "", places: 0),
      BenchLine(name: "log lines", value: Double(lines), unit: "", places: 0),
      BenchLine(name: "recorded choices", value: Double(report.recording.lines.count), unit: "", places: 0),
      BenchLine(name: "session, logs in memory (median)", value: seconds * 1e3, unit: "ms"),
      BenchLine(name: "session, judged (median)", value: Bench.median(judged) / 1e6, unit: "ms"),
      BenchLine(name: "session, judged and written (median)", value: Bench.median(written) / 1e6, unit: "ms"),
      BenchLine(name: "fastest and slowest", value: (raw.first ?? 0) / 1e6, unit: "ms"),
      BenchLine(name: "", value: (raw.last ?? 0) / 1e6, unit: "ms"),
      BenchLine(name: "session on OS threads (median)", value: Bench.median(carried) / 1e6, unit: "ms"),
      BenchLine(name: "OS threads : fibers", value: Bench.median(carried) / Bench.median(raw), unit: "x"),
      BenchLine(name: "sessions per core", value: 1 / seconds, unit: "/s", places: 1),
      BenchLine(name: "scheduling points per core", value: Double(report.steps) / seconds / 1e6, unit: "M/s"),
      BenchLine(name: "virtual : real", value: virtual / seconds, unit: ": 1", places: 0, isHeadline: true),
      BenchLine(
        name: "virtual : real, judged and written", value: virtual / (Bench.median(written) / 1e9), unit: ": 1",
        places: 0),
    ]
  }
}

/// Uncontended locks against `pthread_mutex`, in one run.
enum LockBench {
  private static let operations = 2_000_000

  static func run(rounds: Int) -> [BenchLine] {
    let runtime = Runtime(live: WallClock.now, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let lock = Lock(runtime, "bench")
    let counter = Counter()
    // The first operation registers this thread.
    do throws(Stopped) { try lock.withLock { () throws(Stopped) in counter.value += 1 } } catch {}
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
    defer { mutex.deallocate() }
    var plain: [Double] = []
    var closure: [Double] = []
    var pair: [Double] = []
    for _ in 0..<rounds {
      plain += Bench.rounds(1) { runMutex(mutex, counter) }
      closure += Bench.rounds(1) { runWithLock(lock, counter) }
      pair += Bench.rounds(1) { runPair(lock, counter) }
    }
    func each(_ values: [Double]) -> Double { Bench.median(values.sorted()) / Double(operations) }
    let base = each(plain)
    return [
      BenchLine(name: "pthread_mutex lock + unlock", value: base, unit: "ns"),
      BenchLine(name: "Lock.withLock", value: each(closure), unit: "ns"),
      BenchLine(name: "Lock.lock + unlock", value: each(pair), unit: "ns"),
      BenchLine(name: "withLock : pthread_mutex", value: each(closure) / base, unit: "x", isHeadline: true),
      BenchLine(name: "lock + unlock : pthread_mutex", value: each(pair) / base, unit: "x", isHeadline: true),
    ]
  }

  private final class Counter { var value = 0 }

  @inline(never) private static func runMutex(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, _ counter: Counter) {
    for _ in 0..<operations {
      pthread_mutex_lock(mutex)
      counter.value &+= 1
      pthread_mutex_unlock(mutex)
    }
  }

  @inline(never) private static func runWithLock(_ lock: Lock, _ counter: Counter) {
    do throws(Stopped) {
      for _ in 0..<operations { try lock.withLock { () throws(Stopped) in counter.value &+= 1 } }
    } catch {}
  }

  @inline(never) private static func runPair(_ lock: Lock, _ counter: Counter) {
    do throws(Stopped) {
      for _ in 0..<operations {
        try lock.lock()
        counter.value &+= 1
        lock.unlock()
      }
    } catch {}
  }
}

/// A disarmed site against an empty call.
enum SiteBench {
  private static let operations = 20_000_000

  static func run(rounds: Int) -> [BenchLine] {
    func catalogue(_ count: Int) -> SiteCatalogue {
      SiteCatalogue((0..<count).map { SiteDefinition(name: "site.\($0)", keys: ["k"], actions: [.sleep], summary: "") })
    }
    let one = catalogue(1).required("site.0")
    let thousand = catalogue(1000).required("site.500")
    var empty: [Double] = []
    var single: [Double] = []
    var many: [Double] = []
    for _ in 0..<rounds {
      empty += Bench.rounds(1) { emptyCalls() }
      single += Bench.rounds(1) { siteCalls(one) }
      many += Bench.rounds(1) { siteCalls(thousand) }
    }
    func each(_ values: [Double]) -> Double { Bench.median(values.sorted()) / Double(operations) }
    let base = each(empty)
    return [
      BenchLine(name: "empty call", value: base, unit: "ns"),
      BenchLine(name: "disarmed site, 1 in the catalogue", value: each(single), unit: "ns"),
      BenchLine(name: "disarmed site, 1,000 in the catalogue", value: each(many), unit: "ns"),
      BenchLine(name: "disarmed site above an empty call", value: each(many) - base, unit: "ns", isHeadline: true),
    ]
  }

  @inline(never) private static func empty(_ n: Int) -> Bool { n < 0 }

  @inline(never) private static func hit(_ site: Site, _ n: Int) -> Bool {
    site.decide([SiteValue(n)]) != nil || n < 0
  }

  @inline(never) private static func emptyCalls() {
    var any = false
    for n in 0..<operations { any = empty(n) || any }
    if any { Terminal.note("impossible") }
  }

  @inline(never) private static func siteCalls(_ site: Site) {
    var any = false
    for n in 0..<operations { any = hit(site, n) || any }
    if any { Terminal.note("impossible") }
  }
}
