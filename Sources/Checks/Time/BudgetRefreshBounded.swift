import Basics
import Trading

extension Check {
  /// Reads `blocked_ms` of BUDGET_REFRESH, BUDGET_REFRESH_TIMEOUT_S of config.json, and the overdue activities and
  /// incidents of `budget.refresh`, which tell of a call that never came back.
  public static let budgetRefreshBounded = Check(
    .budgetRefreshBounded, "a refresh of the budget blocks its caller no longer than its time-out", log: .accusations
  ) { record in
    let name = CheckName.budgetRefreshBounded
    guard let limit = record.limitMs(.refreshMs, .budgetRefreshTimeoutS) else {
      return .open(name, "run.json names no limit")
    }
    let blocks = refreshBlocks(record)
    let longest = blocks.reduce(0) { max($0, $1.ms) }
    if blocks.isEmpty { return .open(name, "no refresh of the budget was recorded") }
    if !record.run.isStallFree { return .stalled(name, ["longest \(milliseconds(longest))"]) }
    let over = blocks.filter { $0.ms > limit + timeSlackMs }
    if over.isEmpty { return .pass(name, "\(blocks.count) refreshes, the longest blocked \(milliseconds(longest))") }
    return .fail(
      name, "a refresh blocked its caller for \(seconds(longest / 1000))",
      over.map { "\($0.place): blocked \(milliseconds($0.ms)) of \(milliseconds(limit))" })
  }

  /// The longest time that a refresh blocked its caller, in milliseconds.
  public static func longestRefreshMs(_ record: SessionRecord) -> Double {
    refreshBlocks(record).reduce(0) { max($0, $1.ms) }
  }

  private static func refreshBlocks(_ record: SessionRecord) -> [(place: String, ms: Double)] {
    let activity = "budget.refresh"
    var blocks = record.events(.budgetRefresh).compactMap { event in
      event.number(.blockedMs).map { (place: record.place(event), ms: $0) }
    }
    blocks += record.run.overdue.filter { $0.activity == activity }.map {
      (place: "run.json \($0.thread)", ms: $0.tookMs)
    }
    blocks += record.run.incidents.filter { $0.isIn(activity) }.map {
      (place: $0.evidence, ms: $0.waitedMs ?? (record.lastWord - $0.time).milliseconds)
    }
    return blocks
  }
}
