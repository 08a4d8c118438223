import Basics
import Trading

/// When the engine's main loop could not decide, by what the venue's truth shows.
///
/// Before it has the market's rules it decides nothing, nor while it or the feed has to be started again; and while a query for balances is unanswered, the loop waits for it,
/// up to BUDGET_REFRESH_TIMEOUT_S.
struct EngineBlocks {
  let all: [Range<Instant>]
  /// The last of these alone.
  let waits: [Range<Instant>]

  init(_ record: SessionRecord) throws(Unjudged) {
    let wait = try record.settingTime(.budgetRefreshTimeoutS)
    let knowsRules = record.truth.rules.filter(\.isGood).compactMap(\.answered).min() ?? record.end
    waits = record.truth.balances.map { .from($0.asked, to: min($0.answered ?? .distantFuture, $0.asked + wait)) }
    all =
      [.from(record.run.start, to: knowsRules)] + record.run.absences(of: .engineMain, .marketData) + waits
  }
}
