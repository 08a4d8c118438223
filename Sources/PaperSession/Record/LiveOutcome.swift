public import Basics
public import ChaosRuntime
public import Checks
public import Exploration
public import FaultInjection
public import Proof

/// What one live run showed, by the checks that judge it.
public enum LiveOutcome: Sendable {
  /// A watchdog's incident ended it.
  case stuck(Incident)
  /// The first judging check that failed.
  case failed(Verdict)
  /// A signal asked for its end, and nothing had failed until then.
  case interrupted(String)
  /// Nothing was red, and something was not tested.
  case open(String)
  /// Every check that judges held, and all was tested.
  case passed

  /// Reads it off a run's report and files; `checks` judge, in their order.
  public init(_ report: LiveExecutor.Report, _ files: SessionFiles, faults: [Fault], checks: [String]) {
    let verdicts = checks.compactMap { report.judgement.verdict($0) }
    if let incident = report.incidents.first {
      self = .stuck(incident)
    } else if let verdict = verdicts.first(where: { $0.outcome == .fail }) {
      self = .failed(verdict)
    } else if let signal = Self.signal(in: files) {
      self = .interrupted(signal)
    } else {
      self = (Self.stoodStill(report) ?? Self.missing(report.judgement, faults, verdicts)).map { .open($0) } ?? .passed
    }
  }

  private static func stoodStill(_ report: LiveExecutor.Report) -> String? {
    guard let longest = report.standstills.map(\.length).max() else { return nil }
    return "the process stood still for \(JSON.double(longest.seconds, places: 1).text) s, so its times prove nothing"
  }

  /// What was not tested; nil: all was.
  private static func missing(_ judgement: Judgement, _ faults: [Fault], _ verdicts: [Verdict]) -> String? {
    var fired = FiredCounts(faults)
    fired.add(judgement.faultCounts)
    if let never = fired.missing(in: 1) { return never }
    if let verdict = verdicts.first(where: { $0.outcome == .inconclusive }) {
      return "\(verdict.check) could not judge: \(verdict.reason)"
    }
    return judgement.tally("SENT") == 0 ? "no order was sent, so nothing was tested" : nil
  }

  /// The signal that ended a session before its time; nil: none did.
  public static func signal(in files: SessionFiles) -> String? {
    files["run.json"].flatMap { try? JSON.parse($0) }?["interrupted"]?["signal"]?.string
  }

  /// What the run says where it is one of several.
  public var held: HeldStatement.Run {
    switch self {
    case .stuck(let incident): .failed("\(incident.kind.rawValue): \(incident.summary)")
    case .failed(let verdict): .failed("\(verdict.check): \(verdict.reason)")
    case .interrupted(let signal): .open("interrupted by \(signal)")
    case .open(let reason): .open(reason)
    case .passed: .held
    }
  }

  /// The exit code of the run alone, written or not.
  public func exitCode(isWritten: Bool) -> Int32 {
    switch self {
    case .stuck: ExitCode.stuck
    case .failed: ExitCode.failed
    case .interrupted: ExitCode.inconclusive
    case .open: isWritten ? ExitCode.inconclusive : ExitCode.internalError
    case .passed: isWritten ? ExitCode.pass : ExitCode.internalError
    }
  }
}
