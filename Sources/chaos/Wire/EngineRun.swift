import Basics
import BotRun
import ChaosRuntime
import Checks
import ExchangeServer
import FaultInjection
import Proof
import Trading

/// `chaos run --engine CMD [--fixed CMD2]`: a foreign bot on the served exchange, judged by what the venue saw.
struct EngineRun {
  static let options =
    [
      Option("engine", "CMD", "a bot in any language: run it on the served exchange and judge it"),
      Option("fixed", "CMD", "with --engine: its mended revision; four arms are run"),
      Option("max-order-age", "S", "with --engine: seconds that an order of the bot may be open"),
      Option("max-exposure", "N", "with --engine: quote asset that the bot may tie up at once"),
    ] + beliefOptions

  /// Of `gauntlet --engine` too.
  static let beliefOptions = [
    Option(
      "belief", "SOURCE",
      "with --engine: a URL (http://), a file (.json) or a command that tells the bot's positions, open orders and balances"
    ),
    Option(
      "belief-lag", "S", "with --belief: seconds that the bot may know of a change later than the venue (default 2)"),
  ]

  /// What `--belief` names; a source that cannot be read is a mistake of usage.
  static func belief(of arguments: Arguments) throws(UsageError) -> (source: String, lag: Duration)? {
    let lag = try arguments.seconds("belief-lag", in: 0...3600) ?? 2
    guard let text = arguments["belief"] else {
      if arguments.has("belief-lag") { throw UsageError(text: "--belief-lag needs --belief") }
      return nil
    }
    // A port is chosen for each run.
    let dummy = BotPlan.Place(name: "{port}", variable: "", value: "1")
    do throws(BeliefSource.Problem) { _ = try BeliefSource(BotPlan.filled(text, [dummy])) } catch {
      throw UsageError(text: "--belief: \(error.text)")
    }
    return (text, Duration(nanoseconds: Int64(lag * 1e9)))
  }

  private let arguments: Arguments
  private let faults: [Fault]
  private let duration: Double
  private let exposure: Decimal?
  private let orderAge: Duration?
  private let belief: (source: String, lag: Duration)?
  private let base: String
  private let runs: Int
  /// What JUnit gets, one an arm.
  private var cases: [JUnit.Case] = []

  init(_ arguments: Arguments) throws(UsageError) {
    self.arguments = arguments
    faults = try WireFaultWords.faults(arguments)
    duration = try arguments.seconds("duration", in: 2...86_400) ?? 60
    runs = try arguments.int("runs", in: 1...1000) ?? (arguments.has("fixed") ? Evidence.liveRunsMin : 1)
    exposure = try arguments["max-exposure"].map { text throws(UsageError) in
      guard let value = Decimal(text), value.isPositive else {
        throw UsageError(text: "--max-exposure expects an amount above zero, not '\(InputError.shown(text))'")
      }
      return value
    }
    orderAge = try arguments.seconds("max-order-age", in: 0.1...86_400).map { Duration(nanoseconds: Int64($0 * 1e9)) }
    belief = try Self.belief(of: arguments)
    for name in ["bug", "revision", "schedules", "campaigns", "config", "set", "carrier", "lock-order", "coverage"]
    where arguments.has(name) {
      throw UsageError(text: "run: --\(name) is for the engine of this repository; with --engine leave it out")
    }
    let name = faults.first?.id ?? "engine"
    base = Files.free("\(arguments["out"] ?? "runs")/\(name)_\(WallClock.stamp)")
  }

  /// One run of one revision.
  private struct Arm {
    var name: String
    var command: String
    var isFaulty: Bool
  }

  private struct Ended {
    var code: Int32
    var text: String
    var held: HeldStatement.Run
  }

  mutating func run() throws(UsageError) -> Int32 {
    let code = try statement()
    guard let path = arguments["junit"] else { return code }
    let text = JUnit.text([JUnit.Suite(name: "chaos run --engine", cases: cases)])
    guard let error = Outputs.replace(Array(text.utf8), at: path) else { return code }
    Terminal.note("chaos: run: --junit: \(error)")
    return ExitCode.unwritten(code)
  }

  private mutating func statement() throws(UsageError) -> Int32 {
    guard let engine = arguments["engine"] else { throw UsageError(text: "run: --fixed needs --engine") }
    let seed = try CommonOptions.seed(arguments)
    Interruption.beginAsking()
    say("Bot    \(engine)")
    for fault in faults { say("Fault  \(fault.id): \(fault.title)") }
    let seconds = JSON.double(duration, places: 1).text
    say("Seed   \(seed)   \(seconds) s a run: 20 % baseline, 50 % chaos, 30 % settle\n")
    Outputs.link("\(arguments["out"] ?? "runs")/latest", to: base.split(separator: "/").last.map(String.init) ?? base)
    guard let fixed = arguments["fixed"] else {
      return try several(Arm(name: "engine", command: engine, isFaulty: true), runs, isAlone: true)
    }
    return try fourArms(engine, fixed)
  }

  /// The arms of a proof, on the real clock: HELD at best, never PROVEN.
  private mutating func fourArms(_ engine: String, _ fixed: String) throws(UsageError) -> Int32 {
    guard !faults.isEmpty else {
      throw UsageError(text: "run: --fixed compares two revisions under a fault; name one with --fault")
    }
    let quiet = try once(Arm(name: "original, fault off", command: engine, isFaulty: false), 1)
    let red = try once(Arm(name: "original, fault on", command: engine, isFaulty: true), 1)
    let calm = try once(Arm(name: "fixed, fault off", command: fixed, isFaulty: false), 1)
    var held = HeldStatement(wanted: runs)
    for index in 1...runs where !Interruption.isRequested {
      held.add(try once(Arm(name: "fixed, fault on", command: fixed, isFaulty: true), index).held)
      if held.isRefuted { break }
    }
    if Interruption.isRequested { return Interruption.exitCode(ExitCode.inconclusive) }
    say("")
    if quiet.code != ExitCode.pass || red.code == ExitCode.inconclusive || red.code == ExitCode.usage
      || calm.code == ExitCode.usage
    {
      say("INCONCLUSIVE  the original has to pass without the fault, and to meet it with the fault")
      return ExitCode.worst([ExitCode.inconclusive, red.code == ExitCode.usage ? ExitCode.usage : ExitCode.pass])
    }
    if red.code == ExitCode.pass {
      say("NOT SHOWN  the original passes under the fault too: nothing was there to be mended")
      return ExitCode.inconclusive
    }
    say(calm.code == ExitCode.pass ? held.text : "FAILED  the fixed revision fails without the fault")
    if calm.code != ExitCode.pass || held.outcome == .failed { return ExitCode.failed }
    return held.outcome == .passed ? ExitCode.pass : ExitCode.inconclusive
  }

  private mutating func several(_ arm: Arm, _ count: Int, isAlone: Bool) throws(UsageError) -> Int32 {
    var held = HeldStatement(wanted: count)
    var codes: [Int32] = []
    for index in 1...count where !Interruption.isRequested {
      let ended = try once(arm, index, isAlone: isAlone)
      held.add(ended.held)
      codes.append(ended.code)
      if ended.code == ExitCode.usage { throw UsageError(text: "run: \(ended.text)") }
    }
    if Interruption.isRequested { return Interruption.exitCode(ExitCode.worst(codes)) }
    if count > 1 { say("\n\(held.text)") }
    return ExitCode.worst(codes)
  }

  private mutating func once(_ arm: Arm, _ index: Int, isAlone: Bool = false) throws(UsageError) -> Ended {
    let name = String(arm.name.map { $0 == "," || $0 == " " ? "-" : $0 })
    let directory = isAlone && runs == 1 ? base : "\(base)/\(name)\(index > 1 ? "-\(index)" : "")"
    if case .failure(let error) = FileDisk.makeDirectory("\(directory)/logs") {
      throw UsageError(text: "run: \(directory): \(error.text)")
    }
    let settings = try ServeOptions.settings(arguments, port: 0, faults: arm.isFaulty ? faults : [])
    let runtime = Runtime(
      live: WallClock.now, disk: MemoryDisk(), choices: Choices(.seeded(settings.seed &+ UInt64(index - 1))))
    let server: ExchangeServer
    do throws(ServerError) { server = try ExchangeServer(settings, runtime, logs: "\(directory)/logs") } catch {
      throw UsageError(text: "run: \(error)")
    }
    ServeCommand.raiseDescriptorLimit()
    var plan = BotPlan(
      command: arm.command, settings: settings, duration: .seconds(duration), environment: ChildProcess.environment,
      exposureMax: exposure, orderAgeMax: orderAge)
    if let belief { (plan.belief, plan.beliefLag) = (belief.source, belief.lag) }
    var runner = BotRunner(plan, server: server, runtime: runtime, directory: directory) { Interruption.isRequested }
    let result = runner.run()
    let ended = judged(result, arm)
    if !isAlone || runs > 1 {
      say("  \(Verbs.pad(arm.name, 20)) \(ListCommand.wrapped(ended.text, indent: 23, width: 56))")
    }
    // What cannot be started is told as a mistake of usage, once.
    if isAlone, runs == 1, ended.code != ExitCode.usage { screen(result, ended) }
    if isAlone, runs == 1, arguments.has("json") { Terminal.print(json(result, ended).pretty(), newline: false) }
    cases.append(
      JUnit.Case(
        classname: faults.first?.id ?? "engine", name: "\(arm.name)\(index > 1 ? " \(index)" : "")",
        outcome: [0: .passed, 1: .failed][ended.code] ?? .inconclusive, message: ended.text))
    return ended
  }

  // MARK: Words

  private func judged(_ result: BotRunner.Result, _ arm: Arm) -> Ended {
    switch result.outcome {
    case .notStarted(let why): return Ended(code: ExitCode.usage, text: "--engine: \(why)", held: .open(why))
    case .interrupted:
      return Ended(code: ExitCode.inconclusive, text: "INTERRUPTED", held: .open("it was interrupted"))
    case .neverConnected:
      let why =
        "the bot never sent a request with its key; it finds its address in CHAOS_HTTP, or in {http} of its command"
      return Ended(code: ExitCode.inconclusive, text: "INCONCLUSIVE  \(why)", held: .open(why))
    case .judged(let verdicts):
      if let red = verdicts.first(where: { $0.outcome == .fail }) {
        let more = verdicts.count { $0.outcome == .fail } - 1
        let text = "FAILED  \(red.check): \(red.reason)" + (more > 0 ? ", and \(more) more checks" : "")
        return Ended(code: ExitCode.failed, text: text, held: .failed("\(red.check): \(red.reason)"))
      }
      if arm.isFaulty, !faults.isEmpty, result.report.injects.allSatisfy({ $0.fired == 0 }) {
        let why = "the fault never fired: the bot made no request that it is about in the chaos phase"
        return Ended(code: ExitCode.inconclusive, text: "INCONCLUSIVE  \(why)", held: .open(why))
      }
      if let open = verdicts.first(where: { $0.outcome == .inconclusive }) {
        let why = "\(open.check): \(open.reason)"
        return Ended(code: ExitCode.inconclusive, text: "INCONCLUSIVE  \(why)", held: .open(why))
      }
      let count = verdicts.count { $0.outcome == .pass }
      let met = faults.isEmpty || !arm.isFaulty ? "" : ", \(fired(result))"
      return Ended(code: ExitCode.pass, text: "passed  \(count) checks\(met)", held: .held)
    }
  }

  private func fired(_ result: BotRunner.Result) -> String {
    "fault fired \(result.report.injects.reduce(0) { $0 + $1.fired }) times"
  }

  private func screen(_ result: BotRunner.Result, _ ended: Ended) {
    let report = result.report
    say("  \(report.counts.requests) requests, \(report.orders) orders, \(report.fills) fills, \(fired(result))\n")
    if case .judged(let verdicts) = result.outcome {
      for verdict in verdicts { say(Self.line(verdict)) }
      say("")
    }
    say(Terminal.colored(ListCommand.wrapped(ended.text, indent: 8, width: 70)))
    say("Session \(result.directory)")
  }

  /// One verdict as a line, with its evidence below.
  static func line(_ verdict: Verdict) -> String {
    var out = "  \(Verbs.pad(verdict.outcome.words, 16))\(Verbs.pad(verdict.check, 27))"
    out += ListCommand.wrapped(verdict.reason, indent: 45, width: 34)
    for evidence in verdict.evidence.prefix(5) { out += "\n\(Verbs.pad("", 18))- \(evidence)" }
    return out
  }

  private func json(_ result: BotRunner.Result, _ ended: Ended) -> JSON {
    var verdicts: [Verdict] = []
    if case .judged(let all) = result.outcome { verdicts = all }
    return .object([
      ("statement", .string(ended.text)), ("exit_code", .int(Int(ended.code))),
      ("connected", .bool(result.report.counts.heard > 0)),
      ("eligible", .int(result.report.injects.reduce(0) { $0 + $1.eligible })),
      ("fired", .int(result.report.injects.reduce(0) { $0 + $1.fired })),
      ("requests", .int(result.report.counts.requests)), ("orders", .int(result.report.orders)),
      ("verdicts", .array(verdicts.map(\.json))), ("session", .string(result.directory)),
    ])
  }

  private func say(_ text: String) { if !arguments.has("json") { Terminal.print(text) } }
}
