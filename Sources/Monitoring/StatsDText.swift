/// The metrics as a StatsD server reads them: `trading_bot.orders.sent:3|c`.
public enum StatsDText {
  /// What every name begins with.
  public static let prefix = "trading_bot."
  /// Bytes of a datagram: 1500 of Ethernet less 20 of IP, 8 of UDP and 40 for tunnels.
  public static let datagramMax = 1432

  /// What happened from one summary to a later one, and the single durations of that time.
  public static func lines(
    since before: MetricsSummary?, _ now: MetricsSummary, _ timings: [TimingTap.Timing]
  ) -> [String] {
    let counters: [(String, Int, Int?)] = [
      ("orders.sent", now.ordersSent, before?.ordersSent), ("orders.filled", now.ordersFilled, before?.ordersFilled),
      ("orders.failed", now.ordersFailed, before?.ordersFailed),
      ("intents.cleared", now.intentsCleared, before?.intentsCleared),
      ("intents.stale", now.intentsStale, before?.intentsStale),
      ("budget.refresh_timeouts", now.budgetRefreshTimeouts, before?.budgetRefreshTimeouts),
      ("logging.timeouts", now.loggingTimeouts, before?.loggingTimeouts),
      ("threads.lost", now.threadsLost, before?.threadsLost),
      ("budget.drifts", now.budgetDrifts, before?.budgetDrifts),
    ]
    var lines: [String] = []
    for (name, value, old) in counters where value != old ?? 0 { lines.append("\(name):\(value - (old ?? 0))|c") }
    if let rate = now.fillRate { lines.append("orders.fill_rate:\(rate)|g") }
    lines.append("intents.pending:\(now.intentsPending)|g")
    for timing in timings {
      switch timing.kind {
      case .orderLatency: lines.append("orders.latency:\(timing.milliseconds)|ms")
      case .budgetRefresh: lines.append("budget.refresh_duration:\(timing.milliseconds)|ms")
      }
    }
    return lines.map { prefix + $0 }
  }

  /// The lines packed into datagrams, none longer than `datagramMax` bytes.
  public static func datagrams(_ lines: [String]) -> [[UInt8]] {
    var datagrams: [[UInt8]] = []
    var current: [UInt8] = []
    for line in lines {
      if !current.isEmpty, current.count + 1 + line.utf8.count > datagramMax {
        datagrams.append(current)
        current = []
      }
      if !current.isEmpty { current.append(0x0A) }
      current.append(contentsOf: line.utf8)
    }
    if !current.isEmpty { datagrams.append(current) }
    return datagrams
  }
}
