import ChaosRuntime
import Synchronization

/// Collects what a trading bot does; thread-safe, bounded, one instance per engine. Recording allocates nothing.
///
/// Symbols, sides, codes and reasons stay in the event log: the metrics carry no labels.
public final class Metrics: Sendable {
  /// The counters, by their cell.
  @usableFromInline enum Counter: Int {
    case ordersSent, ordersFilled, ordersFailed, intentsCleared, intentsStale, loggingTimeouts, budgetRefreshTimeouts
    case threadsLost, budgetDrifts
  }

  private let counters = StripedCells(cellCount: 9)
  private let intentsPending = Atomic<Int>(0)
  /// Bounds as HISTORY 2.6 has them in seconds: 0.1 0.5 1 2 5 10.
  let orderLatencyMs = Histogram(bounds: [100, 500, 1000, 2000, 5000, 10_000])
  /// Bounds as HISTORY 2.6 has them in seconds: 0.1 0.5 1 2.5 5 10.
  let budgetRefreshMs = Histogram(bounds: [100, 500, 1000, 2500, 5000, 10_000])
  let staleIntentAgeSeconds = Histogram(bounds: [60, 120, 300, 600, 1800, 3600])
  /// Single durations for whoever sends them on one by one.
  public let timings = TimingTap()

  /// Metrics of an engine that has done nothing; the counters start at 0.
  public init() {}

  /// An order was handed to the router; `side` is `buy` or `sell`.
  @inlinable public func recordOrderSent(symbol: @autoclosure () -> String, side: @autoclosure () -> String) {
    count(.ordersSent)
  }

  /// An order was filled `latencyMs` milliseconds after it was sent.
  @inlinable public func recordOrderFilled(
    symbol: @autoclosure () -> String, side: @autoclosure () -> String, latencyMs: Double
  ) {
    fill(latencyMs)
  }

  /// An order failed, or a part of it.
  @inlinable public func recordOrderFailed(
    symbol: @autoclosure () -> String, side: @autoclosure () -> String, errorCode: @autoclosure () -> String
  ) {
    count(.ordersFailed)
  }

  /// So many intents are pending now.
  public func recordIntentPending(count: Int) {
    intentsPending.store(count, ordering: .relaxed)
  }

  /// An intent is pending no more.
  @inlinable public func recordIntentCleared(reason: @autoclosure () -> String) {
    count(.intentsCleared)
  }

  /// An intent was pending for too long.
  public func recordStaleIntent(ageSeconds: Double) {
    count(.intentsStale)
    staleIntentAgeSeconds.record(ageSeconds)
  }

  /// The main loop waited `durationMs` for a refresh of the budget.
  public func recordBudgetRefresh(durationMs: Double, timedOut: Bool) {
    budgetRefreshMs.record(durationMs)
    if timedOut { count(.budgetRefreshTimeouts) }
    timings.record(.budgetRefresh, durationMs)
  }

  /// A log message took too long to render.
  public func recordLoggingTimeout() {
    count(.loggingTimeouts)
  }

  /// A thread ended though it should run.
  public func recordThreadLost() {
    count(.threadsLost)
  }

  /// The venue told another balance than the engine's books.
  public func recordBudgetDrift() {
    count(.budgetDrifts)
  }

  @usableFromInline func fill(_ latencyMs: Double) {
    count(.ordersFilled)
    orderLatencyMs.record(latencyMs)
    timings.record(.orderLatency, latencyMs)
  }

  @usableFromInline func count(_ counter: Counter) {
    counters.mine[counter.rawValue].wrappingAdd(1, ordering: .relaxed)
  }

  func value(_ counter: Counter) -> Int { counters.sum(counter.rawValue) }

  var pending: Int { intentsPending.load(ordering: .relaxed) }
}
