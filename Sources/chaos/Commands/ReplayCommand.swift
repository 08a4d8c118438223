import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession

/// `chaos replay RUN`: a recording again, and which of its lines was decisive.
enum ReplayCommand {
  static let verb = Verb(
    name: "replay", summary: "run a recording again and name its decisive line", words: "DIR [options]",
    options: [
      Option("without", "N", "leave line N of recording.txt out", isRepeatable: true),
      Option("strict", nil, "exit 3 when a line does not apply or a byte of the log differs"),
      Option("no-search", nil, "do not look for the decisive line"), CommonOptions.carrier,
      CommonOptions.json,
    ],
    examples: [
      "chaos replay runs/latest", "chaos replay runs/latest --strict", "chaos replay runs/latest --without 12",
    ], run: run)

  /// Runs spent on the search for the decisive line.
  private static let searchMax = 500

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "replay: one run directory is needed, as in 'chaos replay runs/latest'")
    }
    let run = try RecordedRun(directory, verb: "replay")
    var recording = run.recording
    for word in arguments.all("without") {
      guard let number = Int(word), let index = run.lineNumbers.firstIndex(of: number) else {
        throw UsageError(
          text: "--without expects the number of a line of recording.txt with a choice, not '\(InputError.shown(word))'"
        )
      }
      recording.lines.removeAll { $0 == run.recording.lines[index] }
    }
    let executor = try CommonOptions.executor(arguments)
    // From here on a first signal only asks: what the run shows is printed.
    _ = Interruption.isRequested
    func replay(_ recording: Recording) -> RunReport {
      executor.run(run.system, run.request(recording), epoch: run.system.epoch)
    }
    let report = replay(recording)
    var outcome = Outcome(run, report, isEdited: run.isEdited || !arguments.all("without").isEmpty)
    outcome.isStrict = arguments.has("strict")
    if outcome.failure != nil, !outcome.refuses, !arguments.has("no-search") {
      outcome.decisive = search(run, recording, replay: replay)
    }
    print(arguments, outcome)
    return Interruption.exitCode(outcome.exitCode)
  }

  /// What a replay showed.
  struct Outcome {
    let run: RecordedRun
    let report: RunReport
    let isEdited: Bool
    let failure: Verdict?
    /// Of an unedited recording: where the replay first did otherwise.
    let divergence: Divergence?
    var decisive: (number: Int, text: String)?
    var isStrict = false

    init(_ run: RecordedRun, _ report: RunReport, isEdited: Bool) {
      self.run = run
      self.report = report
      self.isEdited = isEdited
      failure = run.failure(report)
      divergence = isEdited ? nil : run.divergence(report)
    }

    /// Whether the replay is worth nothing: the same build ran an unedited recording otherwise, or --strict was asked for and
    /// something does not apply. Code that was changed since the recording may do otherwise.
    var refuses: Bool {
      if isStrict { return divergence != nil || !report.unapplied.isEmpty }
      return divergence != nil && !run.isOfOtherBuild
    }

    var exitCode: Int32 {
      if refuses { return ExitCode.inconclusive }
      if failure == nil { return ExitCode.pass }
      return report.incidents.isEmpty ? ExitCode.failed : ExitCode.stuck
    }
  }

  // MARK: The decisive line

  /// A line without which the failure does not happen: faults first, then stalls, then switches, the last ones first.
  private static func search(
    _ run: RecordedRun, _ recording: Recording, replay: (Recording) -> RunReport
  ) -> (number: Int, text: String)? {
    let order: [Recording.Kind] = [.fault, .stall, .run, .latency]
    var runs = 0
    for kind in order {
      for index in recording.lines.indices.reversed() where recording.lines[index].kind == kind && runs < searchMax {
        if Interruption.isRequested { return nil }
        var shorter = recording
        let line = shorter.lines.remove(at: index)
        runs += 1
        guard run.failure(replay(shorter)) == nil else { continue }
        let at = run.recording.lines.firstIndex(of: line) ?? index
        return (run.lineNumbers[at], line.text)
      }
    }
    return nil
  }

  // MARK: Screen

  /// Lines that do not apply which are shown at most, and columns of a line of a log.
  private static let shownMax = 10
  private static let columnsMax = 200

  private static func print(_ arguments: Arguments, _ outcome: Outcome) {
    if arguments.has("json") {
      Terminal.print(json(outcome).pretty(), newline: false)
      return
    }
    let (run, report) = (outcome.run, outcome.report)
    let unapplied = report.unapplied
    Terminal.print(
      "Replay   \(run.recording.lines.count) choices\(outcome.isEdited ? ", edited" : ""), "
        + "\(unapplied.count) no longer apply")
    for line in unapplied.prefix(shownMax) { Terminal.print("         \(clipped(line.description))") }
    if unapplied.count > shownMax { Terminal.print("         and \(unapplied.count - shownMax) more") }
    if run.isOfOtherBuild { Terminal.print("Build    another one made the recording: the code may have changed since") }
    if let divergence = outcome.divergence {
      let word = outcome.refuses ? "DIVERGED" : "CHANGED "
      Terminal.print("\(word) first in \(divergence.what)")
      Terminal.print("         expected: \(clipped(divergence.first))")
      Terminal.print("         got:      \(clipped(divergence.second))")
    } else if outcome.refuses {
      Terminal.print("DIVERGED --strict: every line of the recording must take effect")
    }
    if outcome.refuses { return }
    guard let failure = outcome.failure else {
      Terminal.print("Verdict  no failure" + (run.expected.isEmpty ? "" : ": the failure is gone"))
      return
    }
    let kind = report.incidents.first.map { $0.kind.rawValue.uppercased() } ?? "FAILED"
    Terminal.print("Verdict  \(kind) by \(failure.check): \(failure.reason)")
    for line in failure.evidence.prefix(5) { Terminal.print("         \(line)") }
    if let decisive = outcome.decisive {
      Terminal.print("Decisive recording.txt line \(decisive.number): \(decisive.text)")
      Terminal.print("         without it: chaos replay \(run.directory) --without \(decisive.number)")
    } else if Interruption.isRequested {
      Terminal.print("Decisive not known: the search was interrupted")
    } else if !arguments.has("no-search") {
      Terminal.print("Decisive no single line: the failure comes without any one of those tried")
    }
    Terminal.print("Shrink   chaos shrink \(run.directory)")
  }

  private static func clipped(_ text: String) -> String {
    text.count <= columnsMax ? text : "\(text.prefix(columnsMax - 3))..."
  }

  private static func json(_ outcome: Outcome) -> JSON {
    let (report, divergence) = (outcome.report, outcome.divergence)
    return .object([
      ("edited", .bool(outcome.isEdited)), ("diverged", .bool(divergence != nil)),
      (
        "divergence",
        divergence.map {
          .object([("in", .string($0.what)), ("expected", .string($0.first)), ("got", .string($0.second))])
        } ?? .null
      ),
      ("other_build", .bool(outcome.run.isOfOtherBuild)),
      ("unused_lines", .int(report.unusedLines)),
      ("not_applied", .array(report.unapplied.map { .string($0.description) })),
      ("failure", outcome.failure.map(\.json) ?? .null),
      ("incident", report.incidents.first.map { .string($0.summary) } ?? .null),
      (
        "decisive",
        outcome.decisive.map { .object([("line", .int($0.number)), ("text", .string($0.text))]) } ?? .null
      ),
      ("verdicts", .array(report.judgement.verdicts.map(\.json))),
    ])
  }
}
