public import Basics
public import ChaosRuntime
public import Exploration

/// A recorded run, run again: what it showed, and which of its choices was decisive.
public struct Replay {
  /// What was recorded.
  public let run: RecordedRun
  /// What the replay left behind.
  public let report: RunReport
  /// Whether the recording is not the one that the run wrote.
  public let isEdited: Bool
  /// The first judging check that fails, else the incident; nil: neither.
  public let failure: Verdict?
  /// Of an unedited recording: where the replay first did otherwise.
  public let divergence: Divergence?
  /// Whether every line of the recording must apply and every byte of the log be the same.
  public let isStrict: Bool
  /// The line without which the failure does not happen, by its number in recording.txt; nil: none was found, or looked for.
  public private(set) var decisive: (number: Int, text: String)?
  private let recording: Recording
  private let executor: Executor

  /// Runs `recording` again: the run's own, or what is left of it.
  public init(_ run: RecordedRun, _ recording: Recording, isEdited: Bool, isStrict: Bool, by executor: Executor) {
    self.run = run
    self.recording = recording
    self.isEdited = isEdited
    self.isStrict = isStrict
    self.executor = executor
    report = executor.run(run.system, run.request(recording), epoch: run.system.epoch)
    failure = run.failure(report)
    divergence = isEdited ? nil : run.divergence(report)
  }

  /// Whether the replay is worth nothing: the same build ran an unedited recording otherwise, or it is strict and something
  /// does not apply. Code that was changed since the recording may do otherwise.
  public var refuses: Bool {
    if isStrict { return divergence != nil || !report.unapplied.isEmpty }
    return divergence != nil && !run.isOfOtherBuild
  }

  /// 3 where it is worth nothing, 0 without a failure, 1 or 4 with one.
  public var exitCode: Int32 {
    if refuses { return ExitCode.inconclusive }
    if failure == nil { return ExitCode.pass }
    return report.incidents.isEmpty ? ExitCode.failed : ExitCode.stuck
  }

  /// Runs spent on the search for the decisive line.
  private static let searchMax = 500

  /// Looks for the decisive line: faults first, then stalls, then switches, then latencies, the last ones first.
  public mutating func search(isInterrupted: @escaping () -> Bool) {
    let order: [Recording.Kind] = [.fault, .stall, .run, .latency]
    let lines = order.flatMap { kind in recording.lines.indices.reversed().filter { recording.lines[$0].kind == kind } }
    var sweep = Sweep<PaperSystem>(by: executor, epoch: run.system.epoch)
    sweep.isOverBudget = isInterrupted
    sweep.repeatsEvery = nil
    var found: Int?
    _ = sweep.run(
      until: CampaignGoal(ran: min(lines.count, Self.searchMax), counted: 1), of: { _ in run.system },
      request: { attempt in
        var shorter = recording
        shorter.lines.remove(at: lines[attempt])
        return run.request(shorter)
      },
      judge: { report, attempt in
        guard run.failure(report) == nil else { return .notReached }
        found = lines[attempt]
        return .counts
      })
    guard let found else { return }
    let line = recording.lines[found]
    decisive = (run.lineNumbers[run.recording.lines.firstIndex(of: line) ?? found], line.text)
  }
}
