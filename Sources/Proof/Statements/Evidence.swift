/// How much must have been seen before a word is given.
public enum Evidence {
  /// Counted schedules of each fixed arm below which nothing is PROVEN: 1 - 0.05^(1/59) is the first bound below 5 %.
  public static let schedulesMin = 59
  /// Searches for the original's failure below which nothing is PROVEN.
  public static let campaignsMin = 5
  /// Live runs below which nothing HELD.
  public static let liveRunsMin = 3
}

extension Prover {
  /// What the arms lack to carry PROVEN, one sentence each; arms that failed, and what another sentence says, are left out.
  func lacking(_ provoked: ArmResult, _ fixed: [ArmResult]) -> [String] {
    var open: [String] = []
    if spec.campaigns < Evidence.campaignsMin {
      open.append("PROVEN needs \(Evidence.campaignsMin) campaigns, and \(spec.campaigns) were asked for")
    }
    if spec.schedules < Evidence.schedulesMin {
      open.append(
        "PROVEN needs \(Evidence.schedulesMin) counted schedules of each fixed arm, and \(spec.schedules) were asked for"
      )
    }
    for arm in fixed where arm.failures.isEmpty && arm.counted > 0 {
      for name in spec.worked where (arm.tallies.first { $0.name == name }?.value ?? 0) == 0 {
        open.append("the \(arm.arm.label(spec)) had nothing to do: \(name) is 0 in \(arm.counted) schedules")
      }
    }
    return open
  }

  /// Why a fixed arm counted fewer schedules than were asked for.
  func shortage(_ arm: ArmResult) -> String {
    var why: [String] = []
    if arm.notReached > 0 { why.append("in \(arm.notReached) of \(arm.ran) \(missed)") }
    if let verdict = arm.unjudgedBy {
      why.append("\(arm.unjudged) of \(arm.ran) were not judged, the first by \(verdict.check): \(verdict.reason)")
    }
    return "the \(arm.arm.label(spec)) counted \(arm.counted) of \(spec.schedules) schedules"
      + (why.isEmpty ? "" : ": " + why.joined(separator: "; "))
  }
}
