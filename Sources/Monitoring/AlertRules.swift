import Basics

/// What is worth waking somebody for, and how often.
public struct AlertRules: Sendable, Equatable {
  /// Filled orders by sent orders below which an alert fires, once an order was sent; 0 to 1.
  public var fillRateMin = 0.3
  /// More pending intents than these are too many.
  public var intentsPendingMax = 50
  /// More stale intents than these are too many.
  public var intentsStaleMax = 10
  /// More timeouts of a budget refresh than these are too many.
  public var budgetRefreshTimeoutsMax = 5
  /// More threads that ended though they should run are too many.
  public var threadsLostMax = 0
  /// For so long after an alert the same one is not given again.
  public var cooldown = Duration.seconds(300)

  /// The guide's limits: fill rate 0.3, 50 pending, 10 stale, 5 timeouts, the same alert every 300 s at most; and no lost
  /// thread.
  public init() {}

  /// The rules that the metrics break, in a fixed order. Pure.
  public func broken(by summary: MetricsSummary) -> [Alert] {
    var alerts: [Alert] = []
    // While the first orders are on their way there is no rate yet.
    let isUndecided = summary.ordersFilled + summary.ordersFailed == 0 && summary.intentsPending >= summary.ordersSent
    if let rate = summary.fillRate, rate < fillRateMin, !isUndecided {
      alerts.append(
        Alert(
          time: summary.time, rule: .fillRate, message: "Low fill rate: \(JSON.double(rate * 100, places: 1).text)%"))
    }
    if summary.intentsPending > intentsPendingMax || summary.intentsStale > intentsStaleMax {
      alerts.append(
        Alert(
          time: summary.time, rule: .intents,
          message: "Intent cleanup issues: \(summary.intentsPending) pending, \(summary.intentsStale) stale"))
    }
    if summary.budgetRefreshTimeouts > budgetRefreshTimeoutsMax {
      alerts.append(
        Alert(
          time: summary.time, rule: .budgetRefresh,
          message: "Budget refresh degraded: \(summary.budgetRefreshTimeouts) timeouts"))
    }
    if summary.threadsLost > threadsLostMax {
      alerts.append(
        Alert(time: summary.time, rule: .threads, message: "Threads have ended: \(summary.threadsLost) lost"))
    }
    return alerts
  }
}

/// A rule was broken.
public struct Alert: Sendable, Equatable {
  /// What was broken; the raw value is how alerts name it.
  public enum Rule: String, Sendable, CaseIterable {
    /// Too few of the sent orders were filled.
    case fillRate = "fill_rate"
    /// Too many intents are pending or were stale.
    case intents = "intents"
    /// Too many refreshes of the budget timed out.
    case budgetRefresh = "budget_refresh"
    /// Threads ended though they should run.
    case threads = "threads"
  }

  /// When the metrics were looked at.
  public var time: Instant
  /// The rule that they broke.
  public var rule: Rule
  /// For people, in one line.
  public var message: String

  /// An alert as given.
  public init(time: Instant, rule: Rule, message: String) {
    self.time = time
    self.rule = rule
    self.message = message
  }

  /// One object: timestamp, alert, message.
  public var json: JSON {
    .object([
      ("timestamp", .string(time.iso8601())), ("alert", .string(rule.rawValue)), ("message", .string(message)),
    ])
  }
}
