public import Basics

/// What became of one stretch of a sweep.
public struct Campaign: Sendable {
  /// Its schedules by what they showed.
  public private(set) var counts = ScheduleCounts()
  /// The first schedule that failed: its index in its source, its report, and what failed.
  public private(set) var failure: (index: Int, report: RunReport, verdict: Verdict)?
  /// Whether the sweep's time was over before the campaign had enough.
  public internal(set) var isCut = false

  init() {}

  /// Schedules run.
  public var ran: Int { counts.ran }

  mutating func add(_ finding: Finding, of report: RunReport, _ index: Int) {
    counts.add(finding)
    if failure == nil, let verdict = finding.failure { failure = (index, report, verdict) }
  }
}
