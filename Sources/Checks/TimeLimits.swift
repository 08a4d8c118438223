import ChaosRuntime
import Trading

extension Checks {
  /// Scheduling and logging that a caller's time-out may add before its line is written, in milliseconds.
  static let timeSlackMs = 250.0
}

extension RunFacts {
  /// Activities beyond their limit whose name begins so, as evidence.
  func overdueEvidence(_ prefix: String) -> [String] {
    overdue.filter { $0.activity.hasPrefix(prefix) }.map {
      "\($0.thread): \($0.activity) took \(milliseconds($0.tookMs)) of \(milliseconds($0.limitMs))"
    }
  }

  /// Incidents within an activity whose name begins so, as evidence.
  func incidentEvidence(_ prefix: String) -> [String] {
    incidents.filter { $0.isIn(prefix) }.map(\.evidence)
  }

  /// An amount among the limits, in the quote asset.
  public func money(_ name: String) -> Decimal? {
    limits.first { $0.name == name }.flatMap { RecordLimits.decimal($0.value) }
  }
}

extension RunFacts.IncidentFact {
  func isIn(_ prefix: String) -> Bool { activity?.hasPrefix(prefix) ?? summary.contains("'\(prefix)") }
}
