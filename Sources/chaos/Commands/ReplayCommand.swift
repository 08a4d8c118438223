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
    Interruption.beginAsking()
    var replay = Replay(
      run, recording, isEdited: run.isEdited || !arguments.all("without").isEmpty, isStrict: arguments.has("strict"),
      by: executor)
    if replay.failure != nil, !replay.refuses, !arguments.has("no-search") {
      replay.search { Interruption.isRequested }
    }
    print(arguments, replay)
    return Interruption.exitCode(replay.exitCode)
  }

  // MARK: Screen

  /// Lines that do not apply which are shown at most, and columns of a line of a log.
  private static let shownMax = 10
  private static let columnsMax = 200

  private static func print(_ arguments: Arguments, _ replay: Replay) {
    if arguments.has("json") {
      Terminal.print(json(replay).pretty(), newline: false)
      return
    }
    let (run, report) = (replay.run, replay.report)
    let unapplied = report.unapplied
    Terminal.print(
      "Replay   \(run.recording.lines.count) choices\(replay.isEdited ? ", edited" : ""), "
        + "\(unapplied.count) no longer apply")
    for line in unapplied.prefix(shownMax) { Terminal.print("         \(clipped(line.description))") }
    if unapplied.count > shownMax { Terminal.print("         and \(unapplied.count - shownMax) more") }
    if run.isOfOtherBuild { Terminal.print("Build    another one made the recording: the code may have changed since") }
    if let divergence = replay.divergence {
      let word = replay.refuses ? "DIVERGED" : "CHANGED "
      Terminal.print("\(word) first in \(divergence.what)")
      Terminal.print("         expected: \(clipped(divergence.first))")
      Terminal.print("         got:      \(clipped(divergence.second))")
    } else if replay.refuses {
      Terminal.print("DIVERGED --strict: every line of the recording must take effect")
    }
    if replay.refuses { return }
    guard let failure = replay.failure else {
      Terminal.print("Verdict  no failure" + (run.expected.isEmpty ? "" : ": the failure is gone"))
      return
    }
    let kind = report.incidents.first.map { $0.kind.rawValue.uppercased() } ?? "FAILED"
    Terminal.print("Verdict  \(kind) by \(failure.check): \(failure.reason)")
    for line in failure.evidence.prefix(5) { Terminal.print("         \(line)") }
    if let decisive = replay.decisive {
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

  private static func json(_ replay: Replay) -> JSON {
    let (report, divergence) = (replay.report, replay.divergence)
    return .object([
      ("edited", .bool(replay.isEdited)), ("diverged", .bool(divergence != nil)),
      (
        "divergence",
        divergence.map {
          .object([("in", .string($0.what)), ("expected", .string($0.first)), ("got", .string($0.second))])
        } ?? .null
      ),
      ("other_build", .bool(replay.run.isOfOtherBuild)),
      ("unused_lines", .int(report.unusedLines)),
      ("not_applied", .array(report.unapplied.map { .string($0.description) })),
      ("failure", replay.failure.map(\.json) ?? .null),
      ("incident", report.incidents.first.map { .string($0.summary) } ?? .null),
      (
        "decisive",
        replay.decisive.map { .object([("line", .int($0.number)), ("text", .string($0.text))]) } ?? .null
      ),
      ("verdicts", .array(report.judgement.verdicts.map(\.json))),
    ])
  }
}
