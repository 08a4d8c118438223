import Exploration

/// The arms of a proof as outcomes with a line of text each.
public enum ArmOutcomes {
  /// One outcome for each arm in the order of `Arm`, and one for the whole proof where that is worse than all of them.
  public static func of(_ result: ProofResult) -> [CaseResult.Arm] {
    var arms = Arm.allCases.map { arm in
      let (outcome, text) = outcome(arm, result)
      return CaseResult.Arm(arm.label(result.spec), outcome, text)
    }
    // What speaks against the proof beside its arms, such as its certificate, would be lost with arms that all passed.
    let worst = CaseOutcome.worst(arms.map(\.outcome))
    switch result.statement {
    case .proven: break
    case .notProven(let reasons) where worst == .passed || worst == .inconclusive:
      arms.append(CaseResult.Arm("the whole proof", .failed, reasons.joined(separator: "; ")))
    case .inconclusive(let reasons) where worst == .passed:
      arms.append(CaseResult.Arm("the whole proof", .inconclusive, reasons.joined(separator: "; ")))
    case .notProven, .inconclusive: break
    }
    return arms
  }

  private static func outcome(_ arm: Arm, _ result: ProofResult) -> (CaseOutcome, String) {
    let r = result[arm]
    if let divergence = r.divergence { return (.crashed, "a schedule was not the same when run again: \(divergence)") }
    if arm == .originalOn { return provoked(r, result) }
    if let failure = r.failures.first {
      // The original failed without the fault, so a failure under it would show nothing: the proof cannot begin.
      let outcome: CaseOutcome = arm == .originalOff ? .inconclusive : .failed
      return (outcome, "schedule \(failure.index) failed by \(failure.check): \(failure.reason)")
    }
    let wanted = arm == .originalOff ? Seeds.scenarioCount : max(result.spec.schedules, Evidence.schedulesMin)
    if r.counted >= wanted { return (.passed, "\(r.counted) schedules passed") }
    let open = r.unjudgedBy.map { "; \(r.unjudged) not judged by \($0.check): \($0.reason)" } ?? ""
    return (.inconclusive, "\(r.counted) of \(wanted) schedules counted\(open)")
  }

  private static func provoked(_ r: ArmResult, _ result: ProofResult) -> (CaseOutcome, String) {
    let found = r.campaigns.count { $0 != nil }
    if found == result.spec.campaigns, found < Evidence.campaignsMin {
      return (.inconclusive, "\(found) of \(Evidence.campaignsMin) campaigns that PROVEN needs")
    }
    if found == result.spec.campaigns, let mean = r.meanToFailure {
      let by = r.failedBy.first?.check ?? result.spec.signature
      return (.passed, "\(by) after \(ProofScreen.number(mean.value)) schedules on average, \(found) campaigns")
    }
    let text = "provoked in \(found) of \(result.spec.campaigns) campaigns, \(r.ran) schedules"
    let isOpen = r.campaigns.count < result.spec.campaigns || (r.counted == 0 && r.ran > 0)
    return (isOpen && !r.campaigns.contains { $0 == nil } || r.counted == 0 ? .inconclusive : .failed, text)
  }
}
