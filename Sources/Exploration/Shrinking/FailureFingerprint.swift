import ChaosRuntime

/// What makes two failures the same one: their class and sorted names of threads and locks, no times and no counts.
public struct FailureFingerprint: Sendable, Hashable, CustomStringConvertible {
  /// The class and the names, with `|` between them; for a failed check its name.
  public let description: String

  /// Of the first incident, which is a failure by itself, else of the first of `checks` that failed; nil when there is
  /// neither.
  public init?(_ report: RunReport, checks: [String]) {
    if let incident = report.incidents.first {
      description = incident.fingerprint
      return
    }
    guard let failed = checks.first(where: { report.judgement.verdict($0)?.outcome == .fail }) else { return nil }
    description = failed
  }
}
