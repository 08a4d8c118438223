import ChaosRuntime
import Synchronization

/// Collects what a trading bot does; thread-safe, bounded, one instance per engine.
///
/// Symbols, sides, codes and reasons stay in the event log: the metrics carry no labels.
public final class Metrics: Sendable {
  let ordersSent = Atomic<Int>(0)
  let ordersFilled = Atomic<Int>(0)
  let ordersFailed = Atomic<Int>(0)
  let intentsCleared = Atomic<Int>(0)
  let intentsStale = Atomic<Int>(0)
  let loggingTimeouts = Atomic<Int>(0)
  let budgetRefreshTimeouts = Atomic<Int>(0)
  let intentsPending = Atomic<Int>(0)
  /// Bounds as HISTORY 2.6 has them in seconds: 0.1 0.5 1 2 5 10.
  let orderLatencyMs = Histogram(bounds: [100, 500, 1000, 2000, 5000, 10_000])
  /// Bounds as HISTORY 2.6 has them in seconds: 0.1 0.5 1 2.5 5 10.
  let budgetRefreshMs = Histogram(bounds: [100, 500, 1000, 2500, 5000, 10_000])
  let staleIntentAgeSeconds = Histogram(bounds: [60, 120, 300, 600, 1800, 3600])

  public init() {}

  /// An order was handed to the router; `side` is `buy` or `sell`.
  @inlinable public func recordOrderSent(symbol: @autoclosure () -> String, side: @autoclosure () -> String) {
    addSent()
  }

  /// An order was filled `latencyMs` milliseconds after it was sent.
  public func recordOrderFilled(
    symbol: @autoclosure () -> String, side: @autoclosure () -> String, latencyMs: Double
  ) {
    ordersFilled.add(1, ordering: .relaxed)
    orderLatencyMs.record(latencyMs)
  }

  /// An order failed, or a part of it.
  public func recordOrderFailed(
    symbol: @autoclosure () -> String, side: @autoclosure () -> String, errorCode: @autoclosure () -> String
  ) {
    ordersFailed.add(1, ordering: .relaxed)
  }

  /// So many intents are pending now.
  public func recordIntentPending(count: Int) {
    intentsPending.store(count, ordering: .relaxed)
  }

  /// An intent is pending no more.
  public func recordIntentCleared(reason: @autoclosure () -> String) {
    intentsCleared.add(1, ordering: .relaxed)
  }

  /// An intent was pending for too long.
  public func recordStaleIntent(ageSeconds: Double) {
    intentsStale.add(1, ordering: .relaxed)
    staleIntentAgeSeconds.record(ageSeconds)
  }

  /// The main loop waited `durationMs` for a refresh of the budget.
  public func recordBudgetRefresh(durationMs: Double, timedOut: Bool) {
    budgetRefreshMs.record(durationMs)
    if timedOut { budgetRefreshTimeouts.add(1, ordering: .relaxed) }
  }

  /// A log message took too long to render.
  public func recordLoggingTimeout() {
    loggingTimeouts.add(1, ordering: .relaxed)
  }

  @usableFromInline func addSent() {
    ordersSent.add(1, ordering: .relaxed)
  }
}
