import Basics

/// The metrics at one moment, in the shape of `metrics/summary.json`.
public struct MetricsSummary: Sendable, Equatable {
  /// When the metrics were read.
  public var time: Instant
  /// Orders handed to the router.
  public var ordersSent: Int
  /// Orders that were filled.
  public var ordersFilled: Int
  /// Orders that failed, or of which a part did.
  public var ordersFailed: Int
  /// Intents that left the book, for whatever reason.
  public var intentsCleared: Int
  /// Intents that were found pending for too long.
  public var intentsStale: Int
  /// Log messages that took too long to render.
  public var loggingTimeouts: Int
  /// Refreshes of the budget that timed out.
  public var budgetRefreshTimeouts: Int
  /// Threads that ended though they should run.
  public var threadsLost: Int
  /// Times that the venue told another balance than the engine's books.
  public var budgetDrifts: Int
  /// Intents pending at that moment.
  public var intentsPending: Int
  /// Milliseconds from sending an order to its fill.
  public var orderLatencyMs: Histogram.Values
  /// Milliseconds that the main loop waited for a refresh.
  public var budgetRefreshMs: Histogram.Values
  /// Seconds that stale intents had been pending when they were found.
  public var staleIntentAgeSeconds: Histogram.Values

  /// Filled orders by sent orders, 0 to 1; nil before the first order.
  public var fillRate: Double? { ordersSent == 0 ? nil : Double(ordersFilled) / Double(ordersSent) }

  /// Names and values of the counters, in the file's order.
  public var counters: [(key: StaticString, value: Int)] {
    [
      ("orders_sent", ordersSent), ("orders_filled", ordersFilled), ("orders_failed", ordersFailed),
      ("intents_cleared", intentsCleared), ("intents_stale", intentsStale), ("logging_timeouts", loggingTimeouts),
      ("budget_refresh_timeouts", budgetRefreshTimeouts), ("threads_lost", threadsLost),
      ("budget_drifts", budgetDrifts),
    ]
  }

  /// The document; `timestamp` in seconds with milliseconds.
  public var json: JSON {
    var timestamp = ByteWriter(capacity: 64)
    timestamp.fixed(time.nanoseconds / 1_000_000, places: 3)
    var gauges: [(key: String, value: JSON)] = []
    if let fillRate { gauges.append(("fill_rate", .double(fillRate))) }
    gauges.append(("intents_pending", .int(intentsPending)))
    return .object([
      ("timestamp", .number(timestamp.string)),
      ("counters", .object(counters.map { ("\($0.key)", .int($0.value)) })),
      ("gauges", .object(gauges)),
      (
        "histograms",
        .object([
          ("order_latency_ms", Self.json(orderLatencyMs)), ("budget_refresh_ms", Self.json(budgetRefreshMs)),
          ("stale_intent_age_s", Self.json(staleIntentAgeSeconds)),
        ])
      ),
    ])
  }

  private static func json(_ values: Histogram.Values) -> JSON {
    .object([
      ("count", .int(values.count)), ("min", .double(values.min)), ("max", .double(values.max)),
      ("avg", .double(values.average)), ("p50", .double(values.p50)), ("p95", .double(values.p95)),
      ("p99", .double(values.p99)),
    ])
  }
}

extension MetricsSummary {
  /// A document of this shape on a few lines, for a person at a terminal.
  public static func text(of document: JSON) -> String {
    func line(_ members: [(key: String, value: JSON)]?) -> String {
      (members ?? []).map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
    }
    var lines = [line(document["counters"]?.members), line(document["gauges"]?.members)]
    for (name, values) in document["histograms"]?.members ?? [] where values["count"]?.int != 0 {
      lines.append("\(name): \(line(values.members))")
    }
    return lines.map { "metrics  \($0)" }.joined(separator: "\n")
  }
}

extension Metrics {
  /// The metrics now.
  ///
  /// A counter may be ahead of another by what happens during the call.
  public func summary(at time: Instant) -> MetricsSummary {
    MetricsSummary(
      time: time, ordersSent: value(.ordersSent), ordersFilled: value(.ordersFilled),
      ordersFailed: value(.ordersFailed), intentsCleared: value(.intentsCleared), intentsStale: value(.intentsStale),
      loggingTimeouts: value(.loggingTimeouts), budgetRefreshTimeouts: value(.budgetRefreshTimeouts),
      threadsLost: value(.threadsLost), budgetDrifts: value(.budgetDrifts), intentsPending: pending,
      orderLatencyMs: orderLatencyMs.values, budgetRefreshMs: budgetRefreshMs.values,
      staleIntentAgeSeconds: staleIntentAgeSeconds.values)
  }
}
