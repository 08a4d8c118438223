import Basics
import Trading

extension Check {
  /// Reads the queries for balances of the venue's truth, when run.json says that a thread was away, and
  /// BUDGET_REFRESH_INTERVAL_S, BUDGET_REFRESH_TIMEOUT_S and ENGINE_CYCLE_MS of config.json.
  public static let balancesAsked = Check(
    .balancesAsked, "the venue's balances are asked for at the start, and again every interval"
  ) { record throws(Unjudged) in
    let name = CheckName.balancesAsked
    let cycle = try record.settingTime(.engineCycleMs) + reactionSlack
    let limit = try record.settingTime(.budgetRefreshIntervalS) + cycle
    let calls = record.truth.balances
    if calls.isEmpty, record.end - record.run.start <= limit {
      return .open(name, "the session was shorter than one interval and nothing was asked")
    }
    let wait = try record.settingTime(.budgetRefreshTimeoutS)
    var wrong: [String] = []
    var longest = Duration.zero
    // A loop that gives a query up leaves it running, and the next one joins it.
    let asked = Stretches(
      calls.map { .from($0.asked, to: max($0.answered ?? .distantFuture, $0.asked + wait)) }
        + record.run.absences(of: .engineMain, .budgetRefresh) + record.truth.pauses + EngineBlocks.heldQueries(record))
    for gap in asked.gaps(in: .from(record.run.start, to: record.end)) {
      longest = max(longest, gap.length)
      if gap.length > limit {
        wrong.append("\(seconds(gap.length.seconds)) without a query for balances until \(gap.upperBound.iso8601())")
      }
    }
    let worst = "the longest pause \(seconds(longest.seconds))"
    if !record.run.isStallFree { return .stalled(name, [worst]) }
    if wrong.isEmpty { return .pass(name, "\(calls.count) queries for balances, \(worst)") }
    return .fail(name, "balances were not asked for within \(SettingName.budgetRefreshIntervalS)", wrong)
  }
}
