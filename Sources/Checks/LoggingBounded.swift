import ChaosRuntime

extension Checks {
  /// Reads the overdue activities and incidents of `log.*` in run.json.
  public static let loggingBounded = Check("logging-bounded", "no thread waits for the log beyond its limit") {
    record in
    let name = "logging-bounded"
    guard record.run.has("overdue_activities") else { return .open(name, "run.json records no overdue activities") }
    if record.events.isEmpty, record.run.overdue.isEmpty { return .open(name, "nothing was logged") }
    let over = record.run.overdueEvidence("log.") + record.run.incidentEvidence("log.")
    if !record.run.isStallFree { return .stalled(name, over) }
    if over.isEmpty { return .pass(name, "\(record.events.count) records, no wait for the log beyond its limit") }
    return .fail(name, "\(over.count) waits for the log went beyond their limit", over)
  }
}
