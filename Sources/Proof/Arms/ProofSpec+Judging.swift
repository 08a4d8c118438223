public import Basics
public import Exploration

extension ProofSpec {
  /// The first check of the proof that fails, else the incident; nil: all hold and there was none.
  public func failing(_ report: RunReport, isOriginal: Bool = false) -> Verdict? {
    for check in isOriginal ? originalChecks : checks {
      if let verdict = report.judgement.verdict(check) {
        if verdict.outcome == .fail { return verdict }
      } else {
        return Verdict(check: check, outcome: .fail, reason: "the check does not exist, so nothing judged it")
      }
    }
    // A run that stood still has failed, also where none of its checks looks for that.
    return report.incidents.first?.verdict
  }

  /// The first check of the proof that says neither pass nor fail of a schedule in which none fails; nil: all judged it.
  ///
  /// The signature must pass: that it does not apply is no evidence either. Of the others only what lacks evidence counts,
  /// and of the original only the signature's and the base checks': its baseline says that they hold without the fault.
  public func unjudged(_ report: RunReport, isOriginal: Bool = false) -> Verdict? {
    for check in isOriginal ? [signature] + baseChecks : checks {
      guard let verdict = report.judgement.verdict(check) else { continue }
      if verdict.outcome == .inconclusive || (check == signature && verdict.outcome == .notApplicable) {
        return verdict
      }
    }
    return nil
  }

  /// Whether the schedule tested anything: every inject fired, of the faults in `anyInject` at least one, every landmark was
  /// passed.
  public func isReached(_ report: RunReport) -> Bool {
    let judgement = report.judgement
    if fault != nil {
      guard !judgement.faultCounts.isEmpty else { return false }
      for count in judgement.faultCounts where count.fired < firedMin {
        guard anyInject.contains(count.fault) else { return false }
      }
      for id in anyInject where !judgement.faultCounts.contains(where: { $0.fault == id && $0.fired > 0 }) {
        return false
      }
    }
    return landmarks.allSatisfy { name in judgement.landmarks.contains { $0.name == name && $0.count > 0 } }
  }
}
