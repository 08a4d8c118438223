import Basics
import ChaosRuntime
import Exploration
import PaperSession
import Proof

/// `chaos run --live`: one live run, or several of the same program, which say HELD or not.
struct LiveRuns {
  let arguments: Arguments
  let options: ProofOptions
  let subject: RevisionSubject

  /// Nil: one run, which exits by its checks. Without a revision there is nothing to see once: then it is three.
  private func count() throws(UsageError) -> Int? {
    if let count = try arguments.int("runs", in: 1...10_000) { return count }
    return arguments.has("revision") ? nil : Evidence.liveRunsMin
  }

  func run(_ system: PaperSystem, base: String) throws(UsageError) -> Int32 {
    guard let count = try count() else {
      return try live(system, base: base, isJSON: arguments.has("json")).run()
    }
    var held = HeldStatement(wanted: count)
    var codes: [Int32] = []
    var directories: [String] = []
    for index in 0..<count where !Interruption.isRequested && !held.isRefuted {
      let directory = count == 1 ? base : "\(base)/\(index + 1)"
      say("Run \(index + 1) of \(count): ", newline: false)
      var run = live(system, base: directory, isJSON: arguments.has("json"))
      run.isPart = true
      run.index = index
      let ended = try run.once()
      held.add(ended.held)
      codes.append(ended.code)
      directories.append(directory)
    }
    say("\n\(held.text)")
    if arguments.has("json") {
      let list = JSON.array(directories.map { .string($0) })
      Terminal.print(
        JSON.object([("format", .int(1)), ("live", held.json), ("directories", list)]).pretty(), newline: false)
    }
    // Green and open are the statement's to say; a red run keeps its own code.
    let code = held.isRefuted ? ExitCode.worst(codes) : held.outcome.exitCode
    return Interruption.exitCode(ExitCode.worst([code] + codes.filter { $0 == ExitCode.internalError }))
  }

  private func live(_ system: PaperSystem, base: String, isJSON: Bool) -> LiveRun {
    // The fixed engine may use up its own deadlines, which are longer than the smoke's limits.
    return LiveRun(
      system: system, checks: subject.checks, base: base, seed: options.seed,
      stuckLimit: subject.isFixed ? nil : .seconds(5),
      isJSON: isJSON)
  }

  private func say(_ text: String, newline: Bool = true) {
    if !arguments.has("json") { Terminal.print(text, newline: newline) }
  }
}
