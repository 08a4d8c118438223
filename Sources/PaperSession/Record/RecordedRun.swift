public import Basics
public import ChaosRuntime
import Checks
public import Exploration

/// A run directory, read: what ran, its recording, and how it ended.
public struct RecordedRun {
  /// As it was named.
  public let directory: String
  /// The program, put together from the inputs in run.json.
  public private(set) var system: PaperSystem
  /// As recording.txt has it.
  public private(set) var recording: Recording
  /// Line in recording.txt of each choice.
  public private(set) var lineNumbers: [Int]
  /// Names of the checks that judged the run.
  public private(set) var judgedBy: [String]
  /// The run seed of the command.
  public private(set) var seed: UInt64
  /// Draws market and scenario.
  public private(set) var scenarioSeed: UInt64
  /// Draws scheduling, latency and faults.
  public private(set) var scheduleSeed: UInt64
  /// Whether recording.txt is another one than the run wrote.
  public private(set) var isEdited: Bool
  /// Failed checks and kinds of incidents, as run.json has them.
  public private(set) var expected: String
  /// The build that wrote the recording; nil: it does not say.
  public private(set) var build: String?
  private var recordedLog: (path: String, bytes: [UInt8])?

  /// Whether the recording was made by another build than this one.
  public var isOfOtherBuild: Bool { build != nil && build != thisBuild }
  private let thisBuild: String

  /// `build` is the one of this program.
  ///
  /// - Throws: a file that is missing or wrong, or a recording that belongs to another run.
  public init(reading directory: String, build thisBuild: String) throws(InputError) {
    self.thisBuild = thisBuild
    let file = "\(directory)/run.json"
    let run = try InputValue(parsing: Self.bytes(file, .run, "a run directory has it"), file: file)
    let path = "\(directory)/recording.txt"
    let text = try InputFile.text(of: Self.bytes(path, .recording, "live runs have none"), file: path)
    guard let value = run["inputs"] else { throw run.fail("the run names no inputs") }
    var inputs = try PaperInputs(value)
    if let market = inputs.market, !Files.isDirectory(market), Files.isDirectory("\(directory)/\(market)") {
      // A folder that was kept with its quotes is read wherever it stands.
      inputs.market = "\(directory)/\(market)"
    }
    let recording: Recording
    do throws(RecordingError) { recording = try Recording(parsing: text) } catch {
      throw InputError(file: path, "\(error)")
    }
    seed = try run["seed"]?.seed() ?? 1
    scenarioSeed = try run["scenario_seed"]?.seed() ?? 1
    scheduleSeed = try run["schedule_seed"]?.seed() ?? 1
    if let reason = Self.refusal(text, recording, value.json, scenarioSeed: scenarioSeed) {
      throw InputError(file: path, reason)
    }
    do throws(PaperError) { system = try PaperSystem(inputs) } catch {
      throw value.fail(error.description)
    }
    system.isFaultArmed = try run["faults_armed"]?.flag() ?? true
    lineNumbers = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().filter {
      guard let first = $0.element.first else { return false }
      return first != UInt8(ascii: "#") && !$0.element.elementsEqual([0x0D])
    }.map { $0.offset + 1 }
    self.directory = directory
    self.recording = recording
    judgedBy = []
    for name in try run["judged_by"]?.items(max: 1000) ?? [] { judgedBy.append(try name.text()) }
    isEdited = run.json["recording_hash"]?.string != String(Mixing.hash(text), radix: 16)
    expected = try Self.expected(run, judgedBy)
    build = recording["build"]
    let logs = Files.names(in: "\(directory)/logs").filter { $0.hasPrefix("events_") }
    if let name = logs.first {
      recordedLog = (name, try InputFile.bytes("\(directory)/logs/\(name)", .log))
    }
  }

  /// `hint` is said where the file is missing.
  private static func bytes(_ path: String, _ kind: InputFile.Kind, _ hint: String) throws(InputError) -> [UInt8] {
    do throws(InputError) { return try InputFile.bytes(path, kind) } catch {
      guard error.isMissing else { throw error }
      throw InputError(file: path, "the file is missing; \(hint)")
    }
  }

  /// Why a recording cannot be one of this run; nil: it can.
  private static func refusal(
    _ text: String, _ recording: Recording, _ inputs: JSON, scenarioSeed: UInt64
  ) -> String? {
    guard let format = Recording.format(of: text) else {
      return "no recording of chaos: its first line should begin with "
        + "'# chaos recording, format \(Recording.formatNumber)'"
    }
    if format != Recording.formatNumber {
      return "format \(format) is unknown to this build, which reads format \(Recording.formatNumber)"
    }
    if recording.droppedLines > 0 {
      return "it is incomplete: \(recording.droppedLines) choices beyond the \(Choices.linesMax) that are kept were "
        + "dropped, so that the run cannot be run again; record a shorter one with --duration"
    }
    if let scenario = recording["scenario"], scenario != hash(inputs) {
      return
        "it belongs to another run: its header names scenario \(InputError.shown(scenario)), the inputs of run.json are "
        + hash(inputs)
    }
    if let seed = recording["scenario_seed"], seed != "\(scenarioSeed)" {
      return
        "it belongs to another run: its header names scenario seed \(InputError.shown(seed)), run.json \(scenarioSeed)"
    }
    return nil
  }

  /// What the header of a recording calls `scenario`: a hash of the inputs as run.json has them.
  static func hash(_ inputs: JSON) -> String { String(Mixing.hash(inputs.text), radix: 16) }

  private static func expected(_ run: InputValue, _ judged: [String]) throws(InputError) -> String {
    var words: [String] = []
    for item in try run["verdicts"]?.items() ?? [] {
      let verdict = try Verdict(item)
      if verdict.outcome == .fail, judged.contains(verdict.check) { words.append(verdict.check) }
    }
    for item in try run["incidents"]?.items() ?? [] { words.append(try item.required("kind").text()) }
    return words.joined(separator: " ")
  }

  // MARK: Running it again

  /// The run again with a recording, its own or another one.
  public func request(_ recording: Recording, stacks: Bool = false) -> RunRequest {
    RunRequest(
      scenarioSeed: scenarioSeed, scheduleSeed: scheduleSeed, schedule: .replay(recording), wantsStacks: stacks)
  }

  /// Failed checks and kinds of incidents of a replay.
  public func outcome(_ report: RunReport) -> String {
    let failed = report.judgement.verdicts.filter { $0.outcome == .fail && judgedBy.contains($0.check) }.map(\.check)
    return (failed + report.incidents.map(\.kind.rawValue)).joined(separator: " ")
  }

  /// The first judged check that fails, else the incident; nil: neither.
  public func failure(_ report: RunReport) -> Verdict? { report.failure(by: judgedBy) }

  /// Where a replay first did otherwise than the run: in the engine's own log, else in the choices, else in its end.
  public func divergence(_ report: RunReport) -> Divergence? {
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
