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
      Option("no-search", nil, "do not look for the decisive line"), CommonOptions.carrier,
      CommonOptions.json,
    ],
    examples: ["chaos replay runs/latest", "chaos replay runs/latest --without 12"], run: run)

  /// Runs spent on the search for the decisive line.
  private static let searchMax = 500

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "replay: one run directory is needed, as in 'chaos replay runs/latest'")
    }
    let run = try load(directory)
    var recording = run.recording
    for word in arguments.all("without") {
      guard let number = Int(word), let index = run.lineNumbers.firstIndex(of: number) else {
        throw UsageError(text: "replay: line \(word) of recording.txt is no choice")
      }
      recording.lines.removeAll { $0 == run.recording.lines[index] }
    }
    let executor = try CommonOptions.executor(arguments)
    let system = run.system
    func replay(_ recording: Recording, stacks: Bool = false) -> RunReport {
      executor.run(
        system,
        RunRequest(
          scenarioSeed: run.scenarioSeed, scheduleSeed: run.scheduleSeed, schedule: .replay(recording),
          wantsStacks: stacks), epoch: system.epoch)
    }
    let report = replay(recording)
    let failure = failing(report, run)
    let isEdited = run.isEdited || !arguments.all("without").isEmpty
    let code = failure == nil ? ExitCode.pass : report.incidents.isEmpty ? ExitCode.failed : ExitCode.stuck
    var decisive: (number: Int, text: String)?
    if failure != nil, !arguments.has("no-search") {
      decisive = search(run, recording, fingerprint: fingerprint(report, run), replay: { replay($0) })
    }
    let diverged = !isEdited && fingerprint(report, run) != run.expected
    print(arguments, report, failure, decisive, run, isEdited: isEdited, diverged: diverged)
    return diverged ? ExitCode.inconclusive : code
  }

  // MARK: Loading

  struct Loaded {
    var system: PaperSystem
    var recording: Recording
    /// Line in recording.txt of each choice.
    var lineNumbers: [Int]
    var judgedBy: [String]
    var scenarioSeed: UInt64
    var scheduleSeed: UInt64
    var isEdited: Bool
    var expected: String
  }

  private static func load(_ directory: String) throws(UsageError) -> Loaded {
    guard let bytes = Files.read("\(directory)/run.json") else {
      throw UsageError(text: "replay: '\(directory)/run.json' is missing; a run directory has it")
    }
    guard let text = Files.read("\(directory)/recording.txt").map({ String(decoding: $0, as: UTF8.self) }) else {
      throw UsageError(text: "replay: '\(directory)/recording.txt' is missing; live runs have none")
    }
    guard let json = try? JSON.parse(bytes), let inputs = json["inputs"].flatMap({ PaperInputs(json: $0) }) else {
      throw UsageError(text: "replay: '\(directory)/run.json' names no inputs")
    }
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(parsing: text) } catch {
      throw UsageError(text: "replay: \(directory)/recording.txt: \(error)")
    }
    var system: PaperSystem
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    system.isFaultArmed = json["faults_armed"]?.bool ?? true
    let numbers = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter {
      !$0.element.isEmpty && $0.element.first != "#"
    }.map { $0.offset + 1 }
    return Loaded(
      system: system, recording: recording, lineNumbers: numbers,
      judgedBy: (json["judged_by"]?.array ?? []).compactMap(\.string),
      scenarioSeed: json["scenario_seed"]?.numberText.flatMap { UInt64($0) } ?? 1,
      scheduleSeed: json["schedule_seed"]?.numberText.flatMap { UInt64($0) } ?? 1,
      isEdited: json["recording_hash"]?.string != String(Mixing.hash(text), radix: 16), expected: expected(json))
  }

  /// Which judged checks failed, and the kinds of incidents, as run.json has them.
  private static func expected(_ json: JSON) -> String {
    let judged = Set((json["judged_by"]?.array ?? []).compactMap(\.string))
    let failed = (json["verdicts"]?.array ?? []).compactMap { Verdict(json: $0) }
      .filter { $0.outcome == .fail && judged.contains($0.check) }.map(\.check)
    let incidents = (json["incidents"]?.array ?? []).compactMap { $0["kind"]?.string }
    return (failed + incidents).joined(separator: " ")
  }

  private static func fingerprint(_ report: RunReport, _ run: Loaded) -> String {
    let failed = report.judgement.verdicts.filter { $0.outcome == .fail && run.judgedBy.contains($0.check) }.map(
      \.check)
    return (failed + report.incidents.map(\.kind.rawValue)).joined(separator: " ")
  }

  private static func failing(_ report: RunReport, _ run: Loaded) -> Verdict? {
    for check in run.judgedBy {
      if let verdict = report.judgement.verdict(check), verdict.outcome == .fail { return verdict }
    }
    return nil
  }

  // MARK: The decisive line

  /// A line without which the failure does not happen: faults first, then stalls, then switches, the last ones first.
  private static func search(
    _ run: Loaded, _ recording: Recording, fingerprint expected: String, replay: (Recording) -> RunReport
  ) -> (number: Int, text: String)? {
    let order: [Recording.Kind] = [.fault, .stall, .run, .latency]
    var runs = 0
    for kind in order {
      for index in recording.lines.indices.reversed() where recording.lines[index].kind == kind && runs < searchMax {
        var shorter = recording
        let line = shorter.lines.remove(at: index)
        runs += 1
        guard failing(replay(shorter), run) == nil else { continue }
        let at = run.recording.lines.firstIndex(of: line) ?? index
        return (run.lineNumbers[at], line.text)
      }
    }
    return nil
  }

  // MARK: Screen

  private static func print(
    _ arguments: Arguments, _ report: RunReport, _ failure: Verdict?, _ decisive: (number: Int, text: String)?,
    _ run: Loaded, isEdited: Bool, diverged: Bool
  ) {
    if arguments.has("json") {
      Terminal.print(json(report, failure, decisive, isEdited: isEdited, diverged: diverged).pretty(), newline: false)
      return
    }
    let count = run.recording.lines.count
    Terminal.print("Replay   \(count) choices\(isEdited ? ", edited" : ""), \(report.unusedLines) no longer apply")
    if diverged {
      Terminal.print("DIVERGED the recording was not edited, and the run ended otherwise than it did")
      Terminal.print("         recorded: \(run.expected.isEmpty ? "no failure" : run.expected)")
      Terminal.print("         now:      \(fingerprint(report, run).isEmpty ? "no failure" : fingerprint(report, run))")
      return
    }
    guard let failure else {
      Terminal.print("Verdict  no failure" + (run.expected.isEmpty ? "" : ": the failure is gone"))
      return
    }
    let kind = report.incidents.first.map { $0.kind.rawValue.uppercased() } ?? "FAILED"
    Terminal.print("Verdict  \(kind) by \(failure.check): \(failure.reason)")
    for line in failure.evidence.prefix(5) { Terminal.print("         \(line)") }
    if let decisive {
      Terminal.print("Decisive recording.txt line \(decisive.number): \(decisive.text)")
      Terminal.print(
        "         without it: chaos replay \(arguments.positional.first ?? "") --without \(decisive.number)")
    } else if !arguments.has("no-search") {
      Terminal.print("Decisive no single line: the failure comes without any one of those tried")
    }
  }

  private static func json(
    _ report: RunReport, _ failure: Verdict?, _ decisive: (number: Int, text: String)?, isEdited: Bool, diverged: Bool
  ) -> JSON {
    .object([
      ("edited", .bool(isEdited)), ("diverged", .bool(diverged)), ("unused_lines", .int(report.unusedLines)),
      ("failure", failure.map(\.json) ?? .null),
      ("incident", report.incidents.first.map { .string($0.summary) } ?? .null),
      (
        "decisive",
        decisive.map { .object([("line", .int($0.number)), ("text", .string($0.text))]) } ?? .null
      ),
      ("verdicts", .array(report.judgement.verdicts.map(\.json))),
    ])
  }
}
