/// How a check ended.
public enum Outcome: String, Sendable, CaseIterable {
  case pass, warn, fail, inconclusive
}

/// What one check says of one run: an outcome, a reason in one sentence, and the lines that show it.
public struct Verdict: Sendable, Equatable {
  public var check: String
  public var outcome: Outcome
  public var reason: String
  public var evidence: [String]

  public init(check: String, outcome: Outcome, reason: String, evidence: [String] = []) {
    self.check = check
    self.outcome = outcome
    self.reason = reason
    self.evidence = evidence
  }
}
