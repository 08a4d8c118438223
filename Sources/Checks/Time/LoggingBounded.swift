import Basics
import Trading

extension Check {
  /// Reads LOG_CALL_SLOW of the engine's log (measured where the caller waits) against `format_ms` of run.json's limits,
  /// and the overdue activities and incidents of `log.*`.
  public static let loggingBounded = Check(
    .loggingBounded, "no thread waits for the log beyond its limit", log: .accusations
  ) { record in
    let name = CheckName.loggingBounded
    guard record.run.has("overdue_activities") else { return .open(name, "run.json records no overdue activities") }
    if record.events.isEmpty, record.run.overdue.isEmpty { return .open(name, "nothing was logged") }
    let limit = record.run.limit(.formatMs).map { $0 + timeSlackMs }
    let slow = record.events(.logCallSlow).compactMap { event in
      event.number(.waitedMs).flatMap { waited in
        limit.map { waited > $0 } ?? false
          ? "\(record.place(event)): \(event.text(.thread) ?? "a thread") waited \(milliseconds(waited)) to log "
            + "\(event.text(.loggedEvent) ?? "a record") at \(event.time.iso8601())" : nil
      }
    }
    let over = slow + record.run.overdueEvidence("log.") + record.run.incidentEvidence("log.")
    if !record.run.isStallFree { return .stalled(name, over) }
    if over.isEmpty { return .pass(name, "\(record.events.count) records, no wait for the log beyond its limit") }
    return .fail(name, "\(over.count) waits for the log went beyond their limit", over)
  }
}
