import Basics
import Exploration
import HistoricalBugs
import PaperSession
import Proof

/// What a proof leaves behind for the screen and the reports; it crosses the pipe from a worker as JSON.
struct ProofOutput {
  var bug: String
  var arms: [CaseResult.Arm]
  var exitCode: Int32
  /// Ready to print.
  var screen: String
  var json: JSON
  /// Said on stderr.
  var notes: [String]

  var details: JSON {
    .object([
      ("exit", .int(Int(exitCode))), ("screen", .string(screen)), ("json", json),
      ("notes", .array(notes.map { .string($0) })),
    ])
  }
}

extension ProofOutput {
  /// Of a case that a worker ran.
  init(_ result: CaseResult, bug: String) {
    let details = result.details
    let worst = "\(bug)   \(result.outcome.rawValue): \(result.worstArm?.text ?? "")\n"
    self.init(
      bug: bug, arms: result.arms, exitCode: details["exit"]?.int.map { Int32($0) } ?? result.outcome.exitCode,
      screen: details["screen"]?.string ?? worst, json: details["json"] ?? result.json,
      notes: (details["notes"]?.array ?? []).compactMap(\.string))
  }
}

/// Proves one plan after the other, here or in forked workers, and tells of each.
struct ProofRun {
  let arguments: Arguments
  let plans: [ProofPlan]
  /// Directory of what is kept.
  let base: String
  let jobs: Int
  private let started = WallClock.monotonic
  private let budget: Double?

  init(_ arguments: Arguments, _ plans: [ProofPlan], base: String) throws(UsageError) {
    self.arguments = arguments
    self.plans = plans
    self.base = base
    jobs = try arguments.int("jobs", in: 0...256) ?? 0
    budget = try arguments.seconds("budget", in: 1...86_400)
    _ = try CommonOptions.executor(arguments)
  }

  func run() throws(UsageError) -> Int32 {
    Interruption.beginAsking()
    let outputs = try jobs == 0 ? runHere() : runForked()
    if arguments.has("json") {
      let all = outputs.map(\.json)
      Terminal.print(JSON.object([("format", .int(1)), ("proofs", .array(all))]).pretty(), newline: false)
    }
    var code = ExitCode.worst(outputs.map(\.exitCode))
    if let path = arguments["junit"] {
      let cases = outputs.flatMap { output in
        output.arms.map {
          JUnit.Case(classname: output.bug, name: $0.name, outcome: $0.outcome, message: $0.text)
        }
      }
      let text = JUnit.text([JUnit.Suite(name: "chaos", cases: cases)])
      if let error = Outputs.replace(Array(text.utf8), at: path) {
        Terminal.note("chaos: run: --junit: \(error)")
        code = ExitCode.unwritten(code)
      }
    }
    if Interruption.isRequested { Terminal.note("interrupted: what was done so far is reported above") }
    return Interruption.exitCode(code)
  }

  private func runHere() throws(UsageError) -> [ProofOutput] {
    CrashNote.install()
    var outputs: [ProofOutput] = []
    for plan in plans where !(Interruption.isRequested && !outputs.isEmpty) {
      let progress = Progress(plan.bug.id)
      var begun: [Arm: Int] = [:]
      let output = try prove(
        plan,
        willRun: { arm, request in
          let index = begun[arm, default: 0]
          begun[arm] = index + 1
          CrashNote.begin("bug \(plan.bug.id), \(arm.rawValue)", index, request, replay: StuckRun.command)
        }, progress: { progress.show($0, of: $1) }, finished: { progress.finish() })
      say(output, isFirst: outputs.isEmpty)
      outputs.append(output)
    }
    return outputs
  }

  /// One worker per proof, `jobs` at a time: a trap or an endless loop costs one proof, and is named with its seeds.
  private func runForked() throws(UsageError) -> [ProofOutput] {
    let cases = plans.map { plan in
      let id = "proof/\(plan.name)"
      let weight = Seeds.scenarioCount + 2 * plan.spec.campaigns + 2 * plan.spec.schedules
      return GauntletCase(id: id, title: plan.spec.bugTitle, replay: plan.spec.command, weight: weight) { run in
        do throws(UsageError) {
          let output = try prove(plan, isOverBudget: run.isOverBudget, willRun: { run.begin($0.rawValue, $1) })
          return CaseResult(id: id, arms: output.arms, details: output.details)
        } catch {
          return CaseResult(id: id, .failed, error.text)
        }
      }
    }
    let options = GauntletOptions(
      jobs: jobs, budgetSeconds: budget, now: { WallClock.monotonic }, processorSeconds: { WallClock.processor })
    let bar = Progress("proofs")
    let results = Gauntlet(cases, options: options).run(
      progress: { bar.show($0) }, isInterrupted: { Interruption.isRequested }
    ).results
    bar.finish()
    let outputs = zip(results, plans).map { ProofOutput($0, bug: $1.bug.id) }
    for (index, output) in outputs.enumerated() { say(output, isFirst: index == 0) }
    return outputs
  }

  private func say(_ output: ProofOutput, isFirst: Bool) {
    if !arguments.has("json") {
      if !isFirst { Terminal.print("") }
      Terminal.print(Terminal.colored(output.screen), newline: false)
    }
    for note in output.notes { Terminal.note(note) }
  }

  private func prove(
    _ plan: ProofPlan, isOverBudget: () -> Bool = { false }, willRun: @escaping (Arm, RunRequest) -> Void = { _, _ in },
    progress: @escaping (Int, Int) -> Void = { _, _ in }, finished: () -> Void = {}
  ) throws(UsageError) -> ProofOutput {
    let before = WallClock.monotonic
    let executor = try CommonOptions.executor(arguments)
    let (started, budget) = (started, budget)
    return try withoutActuallyEscaping(isOverBudget) { isOverBudget throws(UsageError) in
      var prover = Prover<PaperSystem>(
        plan.spec, executor: executor, progress: progress,
        isOverBudget: {
          Interruption.isRequested || isOverBudget()
            || (budget.map { WallClock.monotonic - started > $0 } ?? false)
        }, willRun: willRun, system: plan.system)
      prover.keepsCoverage = arguments.has("coverage")
      let result = prover.run(epoch: plan.system(.fixedOn).epoch)
      finished()
      let exhibits = ProofExhibits(Outputs.store, link: { Outputs.link($0, to: $1) })
      let written = exhibits.write(result, plan: plan, executor: executor, base: base)
      return output(result, plan, written, seconds: WallClock.monotonic - before)
    }
  }

  private func output(
    _ result: ProofResult, _ plan: ProofPlan, _ written: ProofExhibits.Written, seconds: Double
  ) -> ProofOutput {
    var screen = ProofScreen.text(result, exhibit: written.shown, replay: written.replay)
    if let shrink = written.shrink, result.exitCode != 0 { screen += "Shrink  \(shrink)\n" }
    if let signals = written.signals { screen += signals }
    for arm in [result[.originalOn], result[.fixedOn]] {
      if let coverage = arm.coverage { screen += "\n\(arm.arm.rawValue): \(coverage.text)" }
    }
    var notes = result.arms.compactMap { RunCommand.deafNote($0.unresponsiveThreads, in: $0.arm.rawValue) }
    let (ran, twice) = result.arms.reduce((0, 0)) { ($0.0 + $1.ran, $0.1 + $1.repeated) }
    let repeated = result.divergence == nil ? ", \(twice) of them run again with equal bytes" : ""
    notes.append("\(ran) schedules in \(JSON.double(seconds, places: 1).text) s\(repeated); \(plan.spec.command)")
    if let error = written.error { notes.append("chaos: run: a session could not be written: \(error)") }
    return ProofOutput(
      bug: plan.bug.id, arms: ArmOutcomes.of(result),
      exitCode: written.error == nil ? result.exitCode : ExitCode.unwritten(result.exitCode), screen: screen,
      json: ProofJSON.value(result, directory: written.directory, replay: written.replay), notes: notes)
  }
}
