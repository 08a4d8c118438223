import ChaosRuntime

extension Checks {
  /// Reads DECISIONS_SLOW of the engine's log.
  ///
  /// Source: HISTORY.md 9.2, where the router sent and paused on the main loop, whose cycles took two to five seconds.
  public static let decisionsOnTime = Check(
    "decisions-on-time", "deciding waits for nothing: no round of decisions takes longer than its limit"
  ) { record in
    let name = "decisions-on-time"
    if record.events("DECISION_START").isEmpty { return .open(name, "nothing was decided") }
    let slow = record.events("DECISIONS_SLOW").map { event in
      "\(record.place(event)): a round took \(milliseconds(event.number("took_ms") ?? 0))"
    }
    if !record.run.isStallFree { return .stalled(name, slow) }
    if slow.isEmpty { return .pass(name, "no round of decisions was slow") }
    return .fail(name, "\(slow.count) rounds of decisions were slow", slow)
  }
}
