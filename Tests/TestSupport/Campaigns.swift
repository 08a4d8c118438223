public import Exploration

/// A search to its first failure, which is not run again.
public func campaign<System: SystemUnderTest>(
  _ system: System, _ search: Search, by executor: Executor = Executor(), max: Int
) -> Campaign {
  var sweep = Sweep<System>(by: executor)
  sweep.confirmsFailures = false
  return sweep.run(system, search, until: CampaignGoal(ran: max, failed: 1))
}
