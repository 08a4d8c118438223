import ChaosRuntime

/// What makes two failures the same one: their class and sorted names of threads and locks, no times and no counts.
public struct FailureFingerprint: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  /// Of the first incident, else of the first of `checks` that failed; nil when none of `checks` did.
  public init?(_ report: RunReport, checks: [String]) {
    let failed = checks.first { report.judgement.verdict($0)?.outcome == .fail }
    guard let failed else { return nil }
    description = report.incidents.first?.fingerprint ?? failed
  }
}
