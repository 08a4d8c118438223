import ChaosRuntime

extension Checks {
  /// Scheduling and logging that a caller's time-out may add before its line is written.
  static let timeSlackMs = 250.0

  private static func stalled(_ name: String) -> Verdict {
    .pass(name, "a schedule with stalls: times are recorded, not judged")
  }

  /// Reads HEARTBEAT of the engine's log and `heartbeat_ms` of run.json's limits.
  static let heartbeatsOnTime = Check("heartbeats-on-time", "heartbeats come at least every second interval") {
    record in
    let name = "heartbeats-on-time"
    guard let interval = record.run.limit("heartbeat_ms") else { return .open(name, "run.json names no interval") }
    if !record.run.isStallFree { return stalled(name) }
    if record.isCutShort { return .open(name, "the session was cut short") }
    let beats = record.events("HEARTBEAT").map(\.time)
    let limit = 2 * interval + timeSlackMs
    var late: [String] = []
    var last = record.run.start
    for beat in beats + [record.end] {
      let gap = (beat - last).milliseconds
      if gap > limit { late.append("\(milliseconds(gap)) without a heartbeat before \(beat.iso8601())") }
      last = max(last, beat)
    }
    if late.isEmpty { return .pass(name, "\(beats.count) heartbeats, none later than \(milliseconds(limit))") }
    return .fail(name, "heartbeats stopped for more than \(milliseconds(limit))", late)
  }

  /// Reads `blocked_ms` of BUDGET_REFRESH and `refresh_ms` of run.json's limits.
  static let budgetRefreshBounded = Check(
    "budget-refresh-bounded", "a refresh of the budget blocks its caller no longer than its time-out"
  ) { record in
    let name = "budget-refresh-bounded"
    guard let limit = record.run.limit("refresh_ms") else { return .open(name, "run.json names no limit") }
    if !record.run.isStallFree { return stalled(name) }
    let longest = longestRefreshMs(record)
    var over = record.events("BUDGET_REFRESH").filter {
      ($0.fields["blocked_ms"]?.double ?? 0) > limit + timeSlackMs
    }.map { "line \($0.line): blocked \(milliseconds($0.fields["blocked_ms"]?.double ?? 0))" }
    over += record.run.incidents.filter { $0.summary.contains("'budget.refresh'") }.map(\.summary)
    if over.isEmpty {
      return .pass(name, "\(record.count("BUDGET_REFRESH")) refreshes, the longest blocked \(milliseconds(longest))")
    }
    return .fail(name, "a refresh blocked its caller for \(seconds(longest / 1000))", over)
  }

  /// The longest time that a refresh blocked its caller, in milliseconds.
  static func longestRefreshMs(_ record: SessionRecord) -> Double {
    record.events("BUDGET_REFRESH").reduce(0) { max($0, $1.fields["blocked_ms"]?.double ?? 0) }
  }

  /// Reads the overdue activities of run.json.
  static let exchangeCallsBounded = Check(
    "exchange-calls-bounded", "no call to the venue outlasts the limit of its activity"
  ) { record in overdue(record, "exchange-calls-bounded", prefix: "exchange.") }

  /// Reads the overdue activities of run.json.
  static let loggingBounded = Check("logging-bounded", "no thread waits for the log beyond its limit") { record in
    overdue(record, "logging-bounded", prefix: "log.")
  }

  private static func overdue(_ record: SessionRecord, _ name: String, prefix: String) -> Verdict {
    if !record.run.isStallFree { return stalled(name) }
    let found = record.run.overdue.filter { $0.activity.hasPrefix(prefix) }
    if found.isEmpty { return .pass(name, "no activity \(prefix)* went beyond its limit") }
    return .fail(
      name, "\(found.count) activities \(prefix)* went beyond their limit",
      found.map { "\($0.thread): \($0.activity) took \(milliseconds($0.tookMs)) of \(milliseconds($0.limitMs))" })
  }

  /// Reads `shutdown` of run.json and SHUTDOWN_COMPLETE of the engine's log.
  static let shutdownBounded = Check("shutdown-bounded", "the engine ends within its limit and leaves no thread") {
    record in
    let name = "shutdown-bounded"
    guard let requested = record.run.shutdownRequested else { return .open(name, "nobody asked the engine to end") }
    guard let completed = record.run.shutdownCompleted else {
      return .fail(name, "the engine was asked to end at \(requested.iso8601()) and did not", [])
    }
    if !record.run.isStallFree { return stalled(name) }
    let took = (completed - requested).milliseconds
    let limit = record.run.shutdownLimitMs ?? 10_000
    let leaked = record.events("SHUTDOWN_COMPLETE").flatMap { $0.fields["leaked"]?.array ?? [] }.compactMap(\.string)
    if !leaked.isEmpty { return .fail(name, "\(leaked.count) threads had not ended", leaked) }
    if took > limit + 1000 {
      return .fail(name, "the engine took \(milliseconds(took)) to end, \(milliseconds(limit)) are allowed", [])
    }
    return .pass(name, "ended in \(milliseconds(took))")
  }
}
