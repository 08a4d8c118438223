/// How a check ended.
public enum Outcome: String, Sendable, CaseIterable {
  /// The check looked at its evidence and found the rule kept, or broken.
  case pass, fail
  /// Evidence that the check needs is missing.
  case inconclusive
  /// The check has nothing to say about such a run; the reason says why.
  case notApplicable = "not_applicable"

  /// Whether nothing is left to look into: only a pass, and what does not apply, are clean.
  public var isClean: Bool { self == .pass || self == .notApplicable }

  /// The outcome in words, for people.
  public var words: String { self == .notApplicable ? "not applicable" : rawValue }
}

/// What one check says of one run: an outcome, a reason in one sentence, and the lines that show it.
public struct Verdict: Sendable, Equatable {
  /// Name of the check, such as `intents-settled`; what lists and expectations are keyed by.
  public var check: String
  /// How the check ended.
  public var outcome: Outcome
  /// Why, in one sentence with the numbers that decided.
  public var reason: String
  /// Log lines, venue records or figures that show the reason; empty where the reason says all.
  public var evidence: [String]

  /// A verdict as given; nothing is derived from the evidence.
  public init(check: String, outcome: Outcome, reason: String, evidence: [String] = []) {
    self.check = check
    self.outcome = outcome
    self.reason = reason
    self.evidence = evidence
  }
}
