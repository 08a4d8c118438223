import Basics
import Trading

extension Check {
  /// Reads metrics/summary.json and METRICS_SUMMARY against the lines of the event log that each figure counts, and
  /// `orders_filled` against the orders that the venue filled; ORDER_TTL_S of config.json; run.json for a log-writer that a fault
  /// ended: the next one formats once more what that had formatted and not written. A stalled schedule excuses latencies.
  public static let metricsTrue = Check(
    .metricsTrue, "at the end every figure of the metrics is what the log and the venue say", log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.metricsTrue
    if record.isCutShort { return .open(name, "the session was cut short") }
    guard let summary = record.summary else {
      let failed = record.count(.metricsExportFailed) > 0
      return failed
        ? .notApplicable(name, "the metrics could not be written, and the log says so")
        : .open(name, "there is no metrics/summary.json that can be read")
    }
    if record.count(.logRecordsDropped) > 0 || !record.tornLines.isEmpty {
      return .open(name, "lines of the log are missing")
    }
    let counts = CountedLines(record)
    var wrong: [String] = []
    let isFormattedTwice = record.run.firings.contains {
      $0.action == "kill" && $0.thread == ThreadName.logWriter.rawValue
    }
    for (figure, lines) in counts.counters {
      let text = figure.rawValue
      func isWrong(_ told: Int) -> Bool {
        told < lines || told > lines && !(figure == .loggingTimeouts && isFormattedTwice)
      }
      if let told = summary["counters"]?[text]?.int, isWrong(told) {
        wrong.append("metrics/summary.json: \(text) is \(told), the log has \(lines)")
      }
      for event in record.events(.metricsSummary) {
        if let told = event.integer(figure), isWrong(told) {
          wrong.append("\(record.place(event)): \(text) is \(told), the log has \(lines)")
        }
      }
    }
    for (figure, values) in counts.histograms {
      guard let told = summary["histograms"]?[figure] else { continue }
      let slack = figure == CountedLines.staleAges ? ageSlack : 0.002
      wrong += differences(told, values, within: slack).map { "metrics/summary.json: \(figure): \($0)" }
    }
    if let told = summary["gauges"]?[FieldName.intentsPending.rawValue]?.int, told != counts.pending {
      wrong.append("metrics/summary.json: intents_pending is \(told), the log leaves \(counts.pending)")
    }
    if let told = summary["gauges"]?[FieldName.fillRate.rawValue]?.double, counts.sent > 0 {
      let rate = Double(counts.filled) / Double(counts.sent)
      if abs(told - rate) > 0.001 { wrong.append("metrics/summary.json: fill_rate is \(told), the log gives \(rate)") }
    }
    wrong += try venueDifferences(record, summary) + latencyDifferences(record)
    if wrong.isEmpty { return .pass(name, "\(counts.counters.count + counts.histograms.count + 2) figures agree") }
    return .fail(name, "\(wrong.count) figures of the metrics are wrong", wrong)
  }

  /// Seconds from an intent's last moment to the line that tells of all of one sweep.
  private static let ageSlack = 2.0

  /// A histogram against the values that it should have been given; it keeps three digits behind the point.
  private static func differences(_ told: JSON, _ values: [Double], within slack: Double) -> [String] {
    guard told["count"]?.int == values.count else {
      return ["count is \(told["count"]?.int ?? 0), the log has \(values.count)"]
    }
    guard let least = values.min(), let most = values.max() else { return [] }
    let mean = values.reduce(0, +) / Double(values.count)
    return [("min", least), ("max", most), ("avg", mean)].compactMap { key, value in
      guard let figure = told[key]?.double, abs(figure - value) > slack + abs(value) * 1e-6 else { return nil }
      return "\(key) is \(figure), the log gives \(value)"
    }
  }

  /// Latencies of fills against the time between the log's own lines.
  private static func latencyDifferences(_ record: SessionRecord) -> [String] {
    record.events(.orderFilled).compactMap { event in
      guard let told = event.number(.latencyMs), let id = event.text(.clientOrderId),
        let sent = record.engineOrders[id]?.sentAt
      else { return nil }
      let truth = (event.time - sent).milliseconds
      if abs(told - truth) <= timeSlackMs || !record.run.isStallFree { return nil }
      return "\(record.place(event)): latency_ms is \(told), the order was sent \(milliseconds(truth)) before"
    }
  }

  /// What the venue filled, and had told long enough before the end, is counted; nothing else is.
  private static func venueDifferences(_ record: SessionRecord, _ summary: JSON) throws(Unjudged) -> [String] {
    guard let told = summary["counters"]?[FieldName.ordersFilled.rawValue]?.int, !record.truth.orders.isEmpty else {
      return []
    }
    let hearing = try Hearing(record)
    let filled = record.truth.orders.filter { $0.end?.how == .filled }
    let life = try record.settingTime(.orderTtlS)
    let due = filled.count { order in
      // One that was given up, and turned up later, has failed.
      guard record.absence(of: order, life: life) == nil, let heard = hearing.time(ofEndOf: order) else { return false }
      return heard + reactionSlack < record.end
    }
    if told >= due, told <= filled.count { return [] }
    return ["metrics/summary.json: orders_filled is \(told), the venue filled \(filled.count), \(due) of them in time"]
  }
}

/// The lines of the log that each figure counts.
private struct CountedLines {
  static let staleAges = "stale_intent_age_s"

  var counters: [(figure: FieldName, lines: Int)]
  var histograms: [(figure: String, values: [Double])]
  /// Intents that were pending and not cleared.
  var pending: Int
  var sent: Int
  var filled: Int

  init(_ record: SessionRecord) {
    sent = record.count(.orderSent)
    filled = record.count(.orderFilled)
    pending = record.count(.intentPending) - record.count(.intentCleared)
    // What becomes of its own line, and of those behind it, the summary cannot know.
    let untilSummary = record.events.prefix { $0.type != .metricsSummary }
    let refreshes = record.events(.budgetRefresh).compactMap { $0.number(.blockedMs) }
    let latencies = record.events(.orderFilled).compactMap { $0.number(.latencyMs) }
    counters = [
      (.ordersSent, sent), (.ordersFilled, filled), (.ordersFailed, record.count(.orderFailed)),
      (.intentsCleared, record.count(.intentCleared)),
      (.intentsStale, record.events(.staleIntentCleanup).reduce(0) { $0 + ($1.integer(.count) ?? 0) }),
      (.loggingTimeouts, untilSummary.count { $0.flag(.formatterTimeout) == true }),
      (.budgetRefreshTimeouts, record.count(.budgetRefreshTimeout)),
      (.threadsLost, [EventName.threadEnded, .threadRestarted, .threadGivenUp].reduce(0) { $0 + record.count($1) }),
      (.budgetDrifts, record.count(.budgetDriftDetected)),
    ]
    let begun = record.events(.intentPending).reduce(into: [String: Instant]()) { begun, event in
      if let id = event.text(.intentId) { begun[id] = event.time }
    }
    let ages = record.events(.staleIntentCleanup).flatMap { event in
      (event.value(.intents)?.array ?? []).compactMap(\.string).compactMap { begun[$0] }
        .map { (event.time - $0).seconds }
    }
    histograms = [("order_latency_ms", latencies), ("budget_refresh_ms", refreshes), (Self.staleAges, ages)]
  }
}
