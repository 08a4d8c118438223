import Basics
import ChaosRuntime
import Checks
import Exploration
import HistoricalBugs
import PaperSession
import Proof

/// `chaos run --lock-order`: what one clean schedule of each revision predicts of its locks, and what becomes of it.
struct LockOrderRun {
  let arguments: Arguments
  let selection: FaultSelection
  let options: ProofOptions

  /// Directed schedules spent on one cycle.
  private static let attempts = 40
  /// Lines of one kind on the screen.
  private static let linesMax = 10

  func run() throws(UsageError) -> Int32 {
    Interruption.beginAsking()
    let plans = try ProofPlans.plans(
      faults: arguments.all("fault"), bugWord: arguments["bug"], selection: selection, options: options)
    if plans.isEmpty { throw UsageError(text: "run: --lock-order needs a fault that provokes a listed bug, or --bug") }
    var arms: [Arm] = [.originalOff, .fixedOff]
    if let word = arguments["revision"] {
      let revision = word.split(separator: "=").last.map(String.init) ?? word
      guard ["original", "fixed"].contains(revision) else {
        throw UsageError(text: "run: --lock-order looks at the revisions original and fixed, not at '\(word)'")
      }
      arms = [revision == "original" ? .originalOff : .fixedOff]
    }
    var codes: [Int32] = []
    var all: [JSON] = []
    for plan in plans {
      for arm in arms {
        if Interruption.isRequested { break }
        let (code, json) = try look(at: plan, arm)
        codes.append(code)
        all.append(json)
      }
    }
    if arguments.has("json") {
      Terminal.print(JSON.object([("format", .int(1)), ("lock_orders", .array(all))]).pretty(), newline: false)
    }
    return Interruption.exitCode(ExitCode.worst(codes))
  }

  private func look(at plan: ProofPlan, _ arm: Arm) throws(UsageError) -> (Int32, JSON) {
    let revision = arm.isOriginal ? "original" : "fixed"
    let system = plan.system(arm)
    let seeds = Seeds(options.seed)
    let request = RunRequest(
      scenarioSeed: seeds.scenario(0), scheduleSeed: seeds.schedule(arm: 0, 0), schedule: .nominal)
    let check = LockOrderCheck(system, executor: try CommonOptions.executor(arguments), epoch: system.epoch)
    let attempts = try arguments.int("schedules", in: 1...100_000) ?? Self.attempts
    let result = check.run(request, attempts: attempts)
    let json = Self.json(result, bug: plan.bug.id, revision: revision)
    say("Lock order  \(plan.bug.id) \(revision), one nominal schedule of seed \(options.seed), fault off")
    if let incident = result.observed.incidents.first {
      say("INCONCLUSIVE  the schedule itself was not clean: \(incident.summary)\n")
      return (ExitCode.inconclusive, json)
    }
    let guarded = result.cycles.filter { if case .guarded = $0.outcome { true } else { false } }.count
    say("  \(result.order.names.count) locks, \(result.order.edges.count) orders of two")
    say(
      "  cycles predicted \(result.cycles.count + result.orderedCount): \(result.confirmed.count) confirmed, "
        + "\(guarded) guarded, \(result.cycles.count - result.confirmed.count - guarded) unconfirmed, "
        + "\(result.orderedCount) ruled out by spawn and join")
    for (cycle, outcome) in result.cycles.prefix(Self.linesMax) { say(Self.text(cycle, outcome)) }
    sayRest(of: result.cycles.count)
    for pair in result.classCycles.prefix(Self.linesMax) {
      say("  names       \(pair.joined(separator: " and ")) are taken in both orders, by different locks")
    }
    sayRest(of: result.classCycles.count)
    if result.repeatedCount > 0 {
      say("  repeated    \(result.repeatedCount) more, by other threads of confirmed cycles")
    }
    for cut in result.cuts { say("  cut         \(cut)") }
    let base = Files.free("\(arguments["out"] ?? "runs")/lock-order-\(plan.bug.id)-\(revision)_\(WallClock.stamp)")
    let shown = result.confirmed.first?.report ?? result.observed
    var about = RunStore.About(
      seed: options.seed, judgedBy: PaperSystem.baseChecks, replay: "chaos replay \(base)")
    about.lockOrder = json
    let code = result.confirmed.isEmpty ? ExitCode.pass : ExitCode.stuck
    if let error = Outputs.store.write(shown, about, to: base) {
      Terminal.note("chaos: run: the session could not be written: \(error)")
      return (ExitCode.unwritten(code), json)
    }
    if shown.dump != nil { say("Dump    \(base)/stackdump.txt") }
    say("\(result.confirmed.isEmpty ? "Session" : "Replay  chaos replay") \(base)\n")
    return (code, json)
  }

  private func sayRest(of count: Int) {
    if count > Self.linesMax { say("              and \(count - Self.linesMax) more; --json lists all") }
  }

  private static func text(_ cycle: LockCycle, _ outcome: LockOrderCheck<PaperSystem>.Outcome) -> String {
    switch outcome {
    case .confirmed(_, let attempt):
      let places = cycle.edges.map { "\n              \($0.thread): taken at \($0.takenAt), wanted at \($0.wantedAt)" }
      return "  CONFIRMED   \(cycle.text)\(places.joined())\n              in directed schedule \(attempt)"
    case .guarded(let locks): return "  guarded     \(cycle.text)\n              by \(locks.joined(separator: ", "))"
    case .unconfirmed(let attempts):
      return "  unconfirmed \(cycle.text)\n              after \(attempts) directed schedules"
    }
  }

  private static func json(_ result: LockOrderCheck<PaperSystem>.Result, bug: String, revision: String) -> JSON {
    let cycles = result.cycles.map { cycle, outcome -> JSON in
      var members: [(key: String, value: JSON)] = [
        ("text", .string(cycle.text)), ("locks", .array(cycle.locks.map { .string($0) })),
      ]
      switch outcome {
      case .confirmed(_, let attempt): members += [("finding", .string("confirmed")), ("attempts", .int(attempt))]
      case .guarded(let locks):
        members += [("finding", .string("guarded")), ("by", .array(locks.map { .string($0) }))]
      case .unconfirmed(let attempts): members += [("finding", .string("unconfirmed")), ("attempts", .int(attempts))]
      }
      return .object(members)
    }
    return .object([
      ("bug", .string(bug)), ("revision", .string(revision)), ("locks", .int(result.order.names.count)),
      ("edges", .int(result.order.edges.count)), ("dropped_edges", .int(result.order.droppedCount)),
      ("ordered", .int(result.orderedCount)), ("repeated", .int(result.repeatedCount)),
      ("cuts", .array(result.cuts.map { .string($0) })), ("cycles", .array(cycles)),
      ("name_pairs", .array(result.classCycles.map { .array($0.map { .string($0) }) })),
    ])
  }

  private func say(_ text: String) { if !arguments.has("json") { Terminal.print(text) } }
}
