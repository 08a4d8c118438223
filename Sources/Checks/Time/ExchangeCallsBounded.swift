import Basics
import Trading

extension Check {
  /// Reads EXCHANGE_TIMEOUT_S of config.json, EXCHANGE_CALL_SLOW of the engine's log (measured where the caller waits),
  /// and the overdue activities and incidents of `exchange.*`.
  public static let exchangeCallsBounded = Check(
    .exchangeCallsBounded, "no call to the venue keeps its caller beyond its deadline", log: .accusations
  ) { record in
    let name = CheckName.exchangeCallsBounded
    guard record.run.has("overdue_activities") else { return .open(name, "run.json records no overdue activities") }
    let calls = record.venue.count { $0.kind == "request" }
    if calls == 0, record.run.overdue.isEmpty { return .open(name, "the venue was never called") }
    let limit = record.limitMs(.callMs, .exchangeTimeoutS).map { $0 + timeSlackMs }
    let slow = record.events(.exchangeCallSlow).compactMap { event in
      event.number(.tookMs).flatMap { took in
        limit.map { took > $0 } ?? false
          ? "\(record.place(event)): \(event.text(.call) ?? "a call") took \(milliseconds(took))" : nil
      }
    }
    let over = slow + record.run.overdueEvidence("exchange.") + record.run.incidentEvidence("exchange.")
    if !record.run.isStallFree { return .stalled(name, over) }
    if over.isEmpty { return .pass(name, "\(calls) calls, none beyond its limit") }
    return .fail(name, "\(over.count) calls to the venue went beyond their limit", over)
  }
}
