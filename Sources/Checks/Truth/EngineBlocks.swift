import Basics
import Trading

/// When the engine's main loop could not decide, by what the venue's truth shows.
///
/// Before it has the market's rules it decides nothing, nor while the venue asks for no call, nor while it or the feed has to be started again. While a query for
/// balances is unanswered the loop waits for it, up to BUDGET_REFRESH_TIMEOUT_S at a time: a second after that it may join the
/// same query again; and it waits as long for a thread that is gone.
struct EngineBlocks {
  let all: [Range<Instant>]
  /// While it waited for the market's rules.
  private let asking: [Range<Instant>]
  /// While it had to be started again.
  private let gone: [Range<Instant>]
  /// The last of these alone.
  let waits: [Range<Instant>]

  init(_ record: SessionRecord) throws(Unjudged) {
    let timeout = try record.settingTime(.exchangeTimeoutS)
    asking = record.truth.rules.map { .from($0.asked, to: $0.end(timeout: timeout)) }
    gone = record.run.absences(of: .engineMain)
    let wait = try record.settingTime(.budgetRefreshTimeoutS)
    let knowsRules = record.truth.rules.filter(\.isGood).compactMap(\.answered).min() ?? record.end
    let pause = Duration.seconds(1)
    waits =
      record.truth.balances.flatMap { query in
        let answered = min(query.answered ?? .distantFuture, record.end)
        var parts: [Range<Instant>] = []
        var start = query.asked
        while start < answered {
          parts.append(.from(start, to: min(answered, start + wait)))
          start = start + wait + pause
        }
        return parts
      } + Self.heldQueries(record).map { .from($0.lowerBound, to: min($0.upperBound, $0.lowerBound + wait)) }
      + record.run.absences(of: .budgetRefresh).map { .from($0.lowerBound, to: $0.lowerBound + wait) }
    // A second after it the loop has come round again.
    let asked = record.truth.pauses.map { $0.lowerBound..<($0.upperBound + Check.reactionSlack) }
    all =
      [.from(record.run.start, to: knowsRules)] + asked + gone + record.run.absences(of: .marketData) + waits
  }

  /// While a fault held up the thread that was about to ask for the balances.
  static func heldQueries(_ record: SessionRecord) -> [Range<Instant>] {
    let held = record.run.firings.filter { $0.thread == ThreadName.budgetRefresh.rawValue && $0.action == "sleep" }
    return held.map { firing in
      .from(firing.time, to: record.truth.balances.first { $0.asked >= firing.time }?.asked ?? record.end)
    }
  }

  /// When it could look after no other thread: while it waited for the venue or was itself gone. What it lacks to decide does
  /// not keep it from that, and a thread's own absence is no excuse for it.
  func unattended(but name: ThreadName) -> [Range<Instant>] {
    waits + asking + (name == .engineMain ? [] : gone)
  }
}
