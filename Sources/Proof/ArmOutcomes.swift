import Exploration

/// The arms of a proof as outcomes with a line of text each.
public enum ArmOutcomes {
  public static func of(_ result: ProofResult) -> [CaseResult.Arm] {
    Arm.allCases.map { arm in
      let (outcome, text) = outcome(arm, result)
      return CaseResult.Arm(arm.label(result.spec), outcome, text)
    }
  }

  private static func outcome(_ arm: Arm, _ result: ProofResult) -> (CaseOutcome, String) {
    let r = result[arm]
    if let divergence = r.divergence { return (.crashed, "a schedule was not the same when run again: \(divergence)") }
    if arm == .originalOn { return provoked(r, result) }
    if let failure = r.failures.first {
      // A sick baseline refutes nothing: the proof cannot begin.
      let outcome: CaseOutcome = arm == .originalOff ? .inconclusive : .failed
      return (outcome, "schedule \(failure.index) failed by \(failure.check): \(failure.reason)")
    }
    let wanted = arm == .originalOff ? Seeds.scenarioCount : result.spec.schedules
    return r.counted < wanted
      ? (.inconclusive, "\(r.counted) of \(wanted) schedules counted") : (.passed, "\(r.counted) schedules passed")
  }

  private static func provoked(_ r: ArmResult, _ result: ProofResult) -> (CaseOutcome, String) {
    let found = r.campaigns.count { $0 != nil }
    if found == result.spec.campaigns, let mean = r.meanToFailure {
      let by = r.failedBy.first?.check ?? result.spec.signature
      return (.passed, "\(by) after \(ProofScreen.number(mean.value)) schedules on average, \(found) campaigns")
    }
    let text = "provoked in \(found) of \(result.spec.campaigns) campaigns, \(r.ran) schedules"
    let isOpen = r.campaigns.count < result.spec.campaigns || (r.counted == 0 && r.ran > 0)
    return (isOpen && !r.campaigns.contains { $0 == nil } || r.counted == 0 ? .inconclusive : .failed, text)
  }
}
