public import ChaosRuntime

/// One search to its first failure.
public struct Campaign: Sendable {
  /// Schedules run.
  public var ran: Int
  /// Of the first failure; nil: none within the bound.
  public var failure: RunReport?
  /// Scheduling points of all runs.
  public var steps: Int

  /// Runs schedules of a search, from `first` on, until `hasFailed` says so, at most `max`.
  public static func run<System: SystemUnderTest>(
    _ system: System, _ search: Search, by executor: Executor, first: Int = 0, max: Int,
    hasFailed: (RunReport) -> Bool = { $0.judgement.verdicts.contains { $0.outcome == .fail } }
  ) -> Campaign {
    var campaign = Campaign(ran: 0, failure: nil, steps: 0)
    while campaign.ran < max {
      let report = executor.run(system, search.request(first + campaign.ran))
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
}
