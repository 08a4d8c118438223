/// How a case, or one arm of it, ended.
public enum CaseOutcome: String, Sendable, CaseIterable {
  /// Everything that it stands for was shown.
  case passed
  /// Something is red: a check failed, or a proof did not hold.
  case failed
  /// Nothing was shown: the fault stayed away, a budget cut it, a worker could not say.
  case inconclusive
  /// The worker that ran it died: a trap, an exclusivity violation, an endless loop.
  case crashed

  /// DESIGN.md section 12.
  public var exitCode: Int32 {
    switch self {
    case .passed: 0
    case .failed: 1
    case .inconclusive: 3
    case .crashed: 70
    }
  }

  /// The worst of several; passed when there are none.
  public static func worst(_ outcomes: some Sequence<CaseOutcome>) -> CaseOutcome {
    let seen = Set(outcomes)
    return [crashed, failed, inconclusive].first { seen.contains($0) } ?? .passed
  }
}
