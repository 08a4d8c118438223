public import Basics
import ChaosRuntime
import Checks
public import ExchangeServer
import Glibc

/// One run of a bot on a served exchange: baseline, chaos, settle, end; on the real clock, on the calling thread.
public struct BotRunner {
  /// How a run ended.
  public enum Outcome: Sendable {
    /// The command could not be started.
    case notStarted(String)
    /// The bot never sent a request with its key.
    case neverConnected
    /// It was judged.
    case judged([Verdict])
    /// Somebody ended it.
    case interrupted
  }

  /// What a run came to.
  public struct Result: Sendable {
    /// How it ended.
    public var outcome: Outcome
    /// What the exchange saw.
    public var report: ExchangeServer.Report
    /// Where its files are.
    public var directory: String
  }

  private let plan: BotPlan
  private let server: ExchangeServer
  private let runtime: Runtime
  private let directory: String
  private let isInterrupted: () -> Bool
  private var phases: [(name: String, start: Instant, end: Instant)] = []
  private var wasHeard = false
  private var belief: BeliefSession?

  /// A run in a directory whose `logs` is there; `server` writes its logs there too.
  public init(
    _ plan: BotPlan, server: ExchangeServer, runtime: Runtime, directory: String, isInterrupted: @escaping () -> Bool
  ) {
    (self.plan, self.server, self.runtime) = (plan, server, runtime)
    (self.directory, self.isInterrupted) = (directory, isInterrupted)
  }

  /// Runs the bot to its end and judges it.
  public mutating func run() -> Result {
    let process: BotProcess
    let places = plan.places(port: server.port, directory: Self.absolute(directory))
    let inherited = plan.environment.filter { !$0.hasPrefix("CHAOS_") }
    let environment = inherited + places.map { "\($0.variable)=\($0.value)" }
    let started = runtime.now
    do throws(BeliefSource.Problem) {
      belief = try plan.belief.map { text throws(BeliefSource.Problem) in
        BeliefSession(
          try BeliefSource(BotPlan.filled(text, places)), lag: plan.beliefLag, environment: environment, began: started)
      }
    } catch { return result(.notStarted("--belief: \(error.text)")) }
    do throws(ChildProgram.Refusal) {
      process = try BotProcess(
        BotPlan.filled(plan.command, places), environment: environment, log: "\(directory)/logs/bot.log", at: started)
    } catch { return result(.notStarted(error.text)) }
    // Who looks at a run that was killed learns that it was.
    write(process, nil, isFinished: false)
    serve(process, until: started + plan.startLimit) { $0.report.counts.heard > 0 }
    wasHeard = server.report.counts.heard > 0
    if wasHeard { runPhases(process) }
    let asked = end(process)
    server.finish()
    write(process, asked)
    if isInterrupted() { return result(.interrupted) }
    if !wasHeard, let code = process.end?.exitCode, code == 127 || code == 126 {
      return result(.notStarted("the shell says \(code): there is no such command, or it cannot be run"))
    }
    // A bot that crashed before it was heard is judged; one that lived and said nothing tested nothing.
    if !wasHeard, asked != nil, !process.isFlooding { return result(.neverConnected) }
    return result(.judged(judge()))
  }

  /// A bot may run elsewhere.
  private static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func result(_ outcome: Outcome) -> Result {
    Result(outcome: outcome, report: server.report, directory: directory)
  }

  // MARK: Phases

  private mutating func runPhases(_ process: BotProcess) {
    let start = runtime.now
    phase("baseline", process, until: start + plan.share(BotPlan.shares.baseline))
    server.arm()
    phase("chaos", process, until: start + plan.share(BotPlan.shares.chaos))
    server.heal()
    let end = start + plan.duration
    belief?.plan(from: runtime.now, until: end)
    phase("settle", process, until: end)
  }

  private mutating func phase(_ name: String, _ process: BotProcess, until end: Instant) {
    let start = runtime.now
    server.note("phase", name)
    serve(process, until: end) { _ in false }
    // Questions of what the bot believes end by themselves.
    if name == "settle", let belief { serve(process, until: end + Self.askingLimit) { _ in belief.isOver } }
    phases.append((name, start, runtime.now))
  }

  private func serve(_ process: BotProcess, until end: Instant, _ isEnough: (ExchangeServer) -> Bool) {
    while runtime.now < end, process.end == nil, !process.isFlooding, !isEnough(server), !isInterrupted() {
      server.turn(waitMax: belief?.isWaiting ?? false ? Self.answerWait : ExchangeServer.tick)
      let now = runtime.now
      belief?.turn(server, at: now)
      process.look(at: now)
    }
  }

  /// How long all questions may take after the settle phase.
  private static let askingLimit = Duration.seconds(30)
  /// From one look for an answer to the next.
  private static let answerWait = Duration.milliseconds(5)

  /// Asks the bot to end, and kills it when it does not; when it was asked, nil: it had ended before.
  private func end(_ process: BotProcess) -> Instant? {
    process.look(at: runtime.now)
    guard process.end == nil else { return nil }
    let asked = runtime.now
    process.ask()
    let limit = asked + BotPlan.endLimit
    while runtime.now < limit, process.end == nil {
      server.turn()
      process.look(at: runtime.now)
    }
    process.kill()
    process.look(at: runtime.now)
    return asked
  }

  // MARK: Files

  private func judge() -> [Verdict] {
    var kept = SessionFiles()
    for file in Files.tree(directory) { kept.set(file.path, file.bytes) }
    do throws(RecordError) {
      let record = try BotRecord(files: kept)
      return BotCheck.all.map { $0.judge(record) }
    } catch { return [Verdict(check: "bot-alive", outcome: .inconclusive, reason: error.description)] }
  }

  private func write(_ process: BotProcess, _ asked: Instant?, isFinished: Bool = true) {
    func time(_ instant: Instant?) -> JSON { instant.map { .string($0.iso8601()) } ?? .null }
    let limit = BotPlan.endLimit
    let wasKilled = asked.map { runtime.now - $0 >= limit } ?? false
    var members: [(key: String, value: JSON)] = [
      ("kind", .string(BotRecord.kind)), ("format", .int(1)), ("has_engine_log", .bool(false)),
      ("venue", .string(plan.settings.venue)), ("seed", .int(Int(clamping: plan.settings.seed))),
      (
        "process",
        .object([
          ("command", .string(plan.command)), ("exit_code", process.end?.exitCode.map { .int($0) } ?? .null),
          ("signal", process.end?.signal.map { .int($0) } ?? .null), ("asked_to_end", time(asked)),
          ("ended", time(runtime.now)), ("killed", .bool(wasKilled)), ("flooding", .bool(process.isFlooding)),
          ("output_bytes", .int(process.outputBytes)),
        ])
      ),
      (
        "phases",
        .array(
          phases.map {
            .object([("name", .string($0.name)), ("start", time($0.start)), ("end", time($0.end))])
          })
      ),
      (
        "faults",
        .array(
          server.report.injects.map {
            .object([
              ("fault", .string($0.fault)), ("site", .string($0.site)), ("eligible", .int($0.eligible)),
              ("fired", .int($0.fired)),
            ])
          })
      ),
    ]
    if !isFinished { members.append(("unfinished", .bool(true))) }
    if let age = plan.orderAgeMax { members.append(("order_age_max_s", .double(age.seconds))) }
    if let exposure = plan.exposureMax { members.append(("exposure_max", .string(exposure.description))) }
    if let source = plan.belief, let belief {
      members.append(
        ("belief", .object([("source", .string(source)), ("lag_s", .double(plan.beliefLag.seconds))])))
      if isFinished { _ = Files.replace(belief.bytes, at: "\(directory)/logs/belief.jsonl") }
    }
    _ = Files.replace(Array(JSON.object(members).pretty().utf8), at: "\(directory)/run.json")
  }
}
