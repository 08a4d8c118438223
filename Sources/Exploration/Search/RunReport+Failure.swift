import Basics
public import ChaosRuntime

extension RunReport {
  /// Whether the run was ended because it went on for too long.
  public var reachedStepLimit: Bool { incidents.contains { $0.kind == .stepLimit || $0.kind == .livelock } }

  /// What makes the run a failure: the first of `checks`, or of all verdicts, that failed; else its first incident, whatever
  /// the judge says of it. Nil: nothing.
  public func failure(by checks: [String]? = nil) -> Verdict? {
    let judged = checks.map { $0.compactMap { judgement.verdict($0) } } ?? judgement.verdicts
    return judged.first { $0.outcome == .fail } ?? incidents.first.map(\.verdict)
  }
}

extension Incident {
  /// The incident as a failed check: a failure by itself, also where no check looks for it.
  public var verdict: Verdict {
    Verdict(check: kind == .deadlock ? "no-deadlock" : "no-stuck-wait", outcome: .fail, reason: summary)
  }
}
