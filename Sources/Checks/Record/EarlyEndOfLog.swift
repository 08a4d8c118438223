import Basics

extension SessionRecord {
  /// Set when the log stopped long before the session: the engine went on with the venue, no line came any more, not even a
  /// heartbeat, and the log's last line, SHUTDOWN_COMPLETE, is missing. Single lines that are missing are no such end.
  ///
  /// A session that was cut short has no end to compare with.
  public var earlyEndOfLog: String? {
    guard let end = run.shutdownRequested, !hasEndOfLog, let interval = limitMs(.heartbeatMs, .heartbeatIntervalS),
      interval > 0,
      interval <= 1e10
    else { return nil }
    let last = events.last?.time ?? run.start
    // Two heartbeats are missing for certain, and the venue was asked after both were due.
    let due = last + .nanoseconds(Int64((2 * interval + Check.timeSlackMs) * 1e6))
    guard end > due, venue.contains(where: { $0.isTraffic && $0.time > due && $0.time <= end }) else { return nil }
    return "the log ends at \(last.iso8601()), \(seconds((end - last).seconds)) before the session"
  }

  private var hasEndOfLog: Bool { count(.shutdownComplete) > 0 }
}

extension SessionRecord.VenueLine {
  /// Whether a call or an event, and not what the venue notes at the session's own start and end.
  var isTraffic: Bool { kind == "request" || kind == "reply" || kind == "event" }
}
