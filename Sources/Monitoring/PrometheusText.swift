/// The metrics as Prometheus reads them.
public enum PrometheusText {
  /// What the scraper asked for.
  public enum Format: Sendable {
    /// Text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The value of the Content-Type header.
    public var contentType: String {
      switch self {
      case .text: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }
  }

  /// The document; `order_fill_rate` appears with the first order.
  public static func render(_ summary: MetricsSummary, as format: Format) -> [UInt8] {
    var out = Writer(format: format)
    out.counter("orders_sent", "Total orders sent to exchange", summary.ordersSent)
    out.counter("orders_filled", "Total successful fills", summary.ordersFilled)
    out.counter("orders_failed", "Total failed orders", summary.ordersFailed)
    if let rate = summary.fillRate { out.gauge("order_fill_rate", "Current fill rate (0.0 to 1.0)", "\(rate)") }
    out.histogram(
      "order_execution_latency_seconds", "Time from sending an order to its fill", summary.orderLatencyMs,
      bounds: ["0.1", "0.5", "1", "2", "5", "10"], perUnit: 1000)
    out.gauge("intents_pending", "Current number of pending intents", "\(summary.intentsPending)")
    out.counter("intents_cleared", "Total intents cleared", summary.intentsCleared)
    out.counter("intents_stale", "Total stale intents detected", summary.intentsStale)
    out.histogram(
      "stale_intent_age_s", "Ages of stale intents in seconds", summary.staleIntentAgeSeconds,
      bounds: ["60", "120", "300", "600", "1800", "3600"], perUnit: 1)
    out.histogram(
      "budget_refresh_duration_seconds", "Time that the main loop waited for the budget", summary.budgetRefreshMs,
      bounds: ["0.1", "0.5", "1", "2.5", "5", "10"], perUnit: 1000)
    out.counter("budget_refresh_timeouts", "Number of budget refresh timeouts", summary.budgetRefreshTimeouts)
    out.counter("budget_drifts", "Times that the venue told another balance than the books", summary.budgetDrifts)
    out.counter("threads_lost", "Threads that ended though they should run", summary.threadsLost)
    out.counter("logging_timeouts", "Logging formatter timeout count", summary.loggingTimeouts)
    return out.finished
  }

  /// A help text: a backslash and a line feed are escaped, in OpenMetrics a quotation mark too.
  static func escaped(_ help: String, _ format: Format) -> String {
    var out = ""
    for character in help.unicodeScalars {
      switch character {
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\"" where format == .openMetrics: out += "\\\""
      default: out.unicodeScalars.append(character)
      }
    }
    return out
  }

  private struct Writer {
    let format: Format
    var bytes: [UInt8] = []

    init(format: Format) {
      self.format = format
      bytes.reserveCapacity(4096)
    }

    var finished: [UInt8] { format == .openMetrics ? bytes + Array("# EOF\n".utf8) : bytes }

    mutating func line(_ text: String) {
      bytes.append(contentsOf: text.utf8)
      bytes.append(0x0A)
    }

    mutating func head(_ family: String, _ type: String, _ help: String) {
      line("# HELP \(family) \(PrometheusText.escaped(help, format))")
      line("# TYPE \(family) \(type)")
    }

    /// The family of a counter lacks the suffix in OpenMetrics.
    mutating func counter(_ name: String, _ help: String, _ value: Int) {
      head(format == .openMetrics ? name : "\(name)_total", "counter", help)
      line("\(name)_total \(value)")
    }

    mutating func gauge(_ name: String, _ help: String, _ value: String) {
      head(name, "gauge", help)
      line("\(name) \(value)")
    }

    mutating func histogram(
      _ name: String, _ help: String, _ values: Histogram.Values, bounds: [String], perUnit: Double
    ) {
      head(name, "histogram", help)
      var count = 0
      for (bucket, bound) in zip(values.buckets, bounds) {
        count += bucket
        // OpenMetrics wants floats written as floats.
        let isWhole = !bound.utf8.contains(0x2E)
        line("\(name)_bucket{le=\"\(bound)\(isWhole && format == .openMetrics ? ".0" : "")\"} \(count)")
      }
      line("\(name)_bucket{le=\"+Inf\"} \(values.count)")
      line("\(name)_sum \(values.sum / perUnit)")
      line("\(name)_count \(values.count)")
    }
  }
}
