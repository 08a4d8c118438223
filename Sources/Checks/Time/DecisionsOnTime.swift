import Basics
import Trading

extension Check {
  /// Reads DECISIONS_SLOW and DECISION_START of the engine's log, GLOBAL_TRADING of config.json and the polls of the venue's
  /// truth: who has no quote, or may not trade and holds nothing, has nothing to decide.
  ///
  /// Source: HISTORY.md 9.2, where the router sent and paused on the main loop, whose cycles took two to five seconds.
  public static let decisionsOnTime = Check(
    .decisionsOnTime, "decisions do not wait: no round of decisions takes longer than its limit",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.decisionsOnTime
    let slow = record.events(.decisionsSlow).map { event in
      "\(record.place(event)): a round took \(milliseconds(event.number(.tookMs) ?? 0))"
    }
    let decided = record.count(.decisionStart)
    if decided == 0, slow.isEmpty {
      if record.settings.flag(.globalTrading) == false {
        return .notApplicable(name, "GLOBAL_TRADING is off and nothing was held: there was nothing to decide")
      }
      if !record.polls.isEmpty, !record.polls.contains(where: { $0.isGood && !$0.quotes.isEmpty }) {
        return .notApplicable(name, "the venue gave no quotes: there was nothing to decide on")
      }
      return .open(name, "nothing was decided")
    }
    if !record.run.isStallFree { return .stalled(name, slow) }
    if slow.isEmpty { return .pass(name, "\(decided) decisions, no round of them was slow") }
    return .fail(name, "\(slow.count) rounds of decisions were slow", slow)
  }
}
