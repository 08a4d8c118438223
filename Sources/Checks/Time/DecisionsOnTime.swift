import Basics

extension Check {
  /// Reads DECISIONS_SLOW and DECISION_START of the engine's log, GLOBAL_TRADING of config.json and the polls of the venue's
  /// truth: who has no quote, or may not trade and holds nothing, has nothing to decide.
  ///
  /// Source: HISTORY.md 9.2, where the router sent and paused on the main loop, whose cycles took two to five seconds.
  public static let decisionsOnTime = Check(
    "decisions-on-time", "deciding waits for nothing: no round of decisions takes longer than its limit",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = "decisions-on-time"
    let slow = record.events("DECISIONS_SLOW").map { event in
      "\(record.place(event)): a round took \(milliseconds(event.number("took_ms") ?? 0))"
    }
    let decided = record.count("DECISION_START")
    if decided == 0, slow.isEmpty {
      if record.settings.flag("GLOBAL_TRADING") == false {
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
