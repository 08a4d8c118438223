import Basics
import ChaosRuntime

/// One search to its first failure.
public struct Campaign: Sendable {
  /// Schedules run.
  public var ran: Int
  /// Of the first failure; nil: none within the bound.
  public var failure: RunReport?
  /// Scheduling points of all runs.
  public var steps: Int

  /// Runs schedules of a search, from `first` on, until `hasFailed` says so, at most `max`; none more once a schedule of the
  /// sweep was another one when it was run again. Unless told otherwise, an incident is a failure like a failed check.
  public static func run<System: SystemUnderTest>(
    _ system: System, _ search: Search, by sweep: inout Sweep<System>, first: Int = 0, max: Int,
    hasFailed: (RunReport) -> Bool = { $0.failure() != nil }
  ) -> Campaign {
    var campaign = Campaign(ran: 0, failure: nil, steps: 0)
    while campaign.ran < max, sweep.divergence == nil {
      let report = sweep.run(search.request(first + campaign.ran), of: system)
      search.note(report)
      campaign.ran += 1
      campaign.steps += report.steps
      if hasFailed(report) {
        campaign.failure = report
        return campaign
      }
    }
    return campaign
  }

  /// The same as a sweep of its own.
  public static func run<System: SystemUnderTest>(
    _ system: System, _ search: Search, by executor: Executor, first: Int = 0, max: Int,
    hasFailed: (RunReport) -> Bool = { $0.failure() != nil }
  ) -> Campaign {
    var sweep = Sweep<System>(by: executor)
    return run(system, search, by: &sweep, first: first, max: max, hasFailed: hasFailed)
  }
}
