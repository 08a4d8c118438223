import ChaosRuntime
import Checks
import Exploration
import PaperSession

/// A run directory, read: what ran, its recording, and how it ended.
struct RecordedRun {
  let directory: String
  var system: PaperSystem
  var recording: Recording
  /// Line in recording.txt of each choice.
  var lineNumbers: [Int]
  var judgedBy: [String]
  var seed: UInt64
  var scenarioSeed: UInt64
  var scheduleSeed: UInt64
  /// Whether recording.txt is another one than the run wrote.
  var isEdited: Bool
  /// Failed checks and kinds of incidents, as run.json has them.
  var expected: String
  /// The build that wrote the recording; nil: it does not say.
  var build: String?
  private var recordedLog: (path: String, bytes: [UInt8])?

  /// Whether the recording was made by another build than this one.
  var isOfOtherBuild: Bool { build != nil && build != BuildIdentity.current }

  init(_ directory: String, verb: String) throws(UsageError) {
    func fail(_ text: String) -> UsageError { UsageError(text: "\(verb): \(text)") }
    guard let bytes = Files.read("\(directory)/run.json") else {
      throw fail("'\(directory)/run.json' is missing; a run directory has it")
    }
    guard let text = Files.read("\(directory)/recording.txt").map({ String(decoding: $0, as: UTF8.self) }) else {
      throw fail("'\(directory)/recording.txt' is missing; live runs have none")
    }
    guard let json = try? JSON.parse(bytes), let inputs = json["inputs"].flatMap({ PaperInputs(json: $0) }) else {
      throw fail("'\(directory)/run.json' names no inputs")
    }
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(parsing: text) } catch {
      throw fail("\(directory)/recording.txt: \(error)")
    }
    if let reason = Self.refusal(text, recording, json) { throw fail("\(directory)/recording.txt: \(reason)") }
    do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
    system.isFaultArmed = json["faults_armed"]?.bool ?? true
    lineNumbers = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().filter {
      !$0.element.isEmpty && $0.element.first != "#"
    }.map { $0.offset + 1 }
    self.directory = directory
    self.recording = recording
    judgedBy = (json["judged_by"]?.array ?? []).compactMap(\.string)
    seed = Self.number(json["seed"]) ?? 1
    scenarioSeed = Self.number(json["scenario_seed"]) ?? 1
    scheduleSeed = Self.number(json["schedule_seed"]) ?? 1
    isEdited = json["recording_hash"]?.string != String(Mixing.hash(text), radix: 16)
    expected = Self.expected(json)
    build = recording["build"]
    let logs = Files.names(in: "\(directory)/logs").filter { $0.hasPrefix("events_") }
    if let name = logs.first, let log = Files.read("\(directory)/logs/\(name)") { recordedLog = (name, log) }
  }

  /// Why a recording cannot be one of this run; nil: it can.
  private static func refusal(_ text: String, _ recording: Recording, _ json: JSON) -> String? {
    guard let format = Recording.format(of: text) else {
      return "no recording of chaos: its first line should begin with "
        + "'# chaos recording, format \(Recording.formatNumber)'"
    }
    if format != Recording.formatNumber {
      return "format \(format) is unknown to this build, which reads format \(Recording.formatNumber)"
    }
    if let scenario = recording["scenario"], let inputs = json["inputs"], scenario != hash(inputs) {
      return "it belongs to another run: its header names scenario \(scenario), the inputs of run.json are "
        + hash(inputs)
    }
    if let seed = recording["scenario_seed"], let own = number(json["scenario_seed"]), seed != "\(own)" {
      return "it belongs to another run: its header names scenario seed \(seed), run.json \(own)"
    }
    return nil
  }

  /// What the header of a recording calls `scenario`: a hash of the inputs as run.json has them.
  static func hash(_ inputs: JSON) -> String { String(Mixing.hash(inputs.text), radix: 16) }

  private static func number(_ json: JSON?) -> UInt64? { json?.numberText.flatMap { UInt64($0) } }

  private static func expected(_ json: JSON) -> String {
    let judged = Set((json["judged_by"]?.array ?? []).compactMap(\.string))
    let failed = (json["verdicts"]?.array ?? []).compactMap { Verdict(json: $0) }
      .filter { $0.outcome == .fail && judged.contains($0.check) }.map(\.check)
    let incidents = (json["incidents"]?.array ?? []).compactMap { $0["kind"]?.string }
    return (failed + incidents).joined(separator: " ")
  }

  // MARK: Running it again

  func request(_ recording: Recording, stacks: Bool = false) -> RunRequest {
    RunRequest(
      scenarioSeed: scenarioSeed, scheduleSeed: scheduleSeed, schedule: .replay(recording), wantsStacks: stacks)
  }

  /// Failed checks and kinds of incidents of a replay.
  func outcome(_ report: RunReport) -> String {
    let failed = report.judgement.verdicts.filter { $0.outcome == .fail && judgedBy.contains($0.check) }.map(\.check)
    return (failed + report.incidents.map(\.kind.rawValue)).joined(separator: " ")
  }

  /// The first judged check that fails; nil: all hold.
  func failure(_ report: RunReport) -> Verdict? {
    for check in judgedBy {
      if let verdict = report.judgement.verdict(check), verdict.outcome == .fail { return verdict }
    }
    return nil
  }

  /// Where a replay first did otherwise than the run: in the engine's own log, else in the choices, else in its end.
  func divergence(_ report: RunReport) -> Divergence? {
    if let recordedLog, let now = report.judgement.files.first(where: { $0.path.hasPrefix("logs/events_") }),
      recordedLog.bytes != now.bytes
    {
      func lines(_ bytes: [UInt8]) -> [Substring] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      }
      let what = "logs/\(recordedLog.path)"
      if let found = Divergence.between(lines(recordedLog.bytes), lines(now.bytes), what: what) { return found }
    }
    if let found = Divergence.between(
      recording.lines.map(\.text), report.recording.lines.map(\.text), what: "recording.txt")
    {
      return found
    }
    let now = outcome(report)
    return Divergence.between(
      [expected.isEmpty ? "no failure" : expected], [now.isEmpty ? "no failure" : now], what: "how the run ended")
  }
}
