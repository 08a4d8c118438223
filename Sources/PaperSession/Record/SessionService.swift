public import Basics
import ChaosRuntime
import Monitoring
public import TradingEngine

/// Something that accompanies an engine for a session, such as an endpoint for its metrics.
public protocol SessionService: Sendable {
  /// Called before the engine starts, so that nothing is missed; starts threads and returns at once.
  func start(_ engine: Engine) throws(Stopped) -> any RunningService
}

/// A service at work.
public protocol RunningService: Sendable {
  /// Called before the engine ends: the last moment for words in its log.
  func engineWillEnd() throws(Stopped)
  /// Called when the engine has ended; ends the service's threads, within a limit. Not called when a run is stopped.
  func finish() throws(Stopped)
}

extension RunningService {
  /// Nothing to say.
  public func engineWillEnd() throws(Stopped) {}
}

/// Exports the metrics at intervals, beside the engine's own export at its end.
public struct ExportService: SessionService {
  private let interval: Duration

  /// An export every `interval`; 10 s unless said otherwise.
  public init(interval: Duration = .seconds(10)) { self.interval = interval }

  /// Starts the thread `metrics-export`; a write that fails is logged as METRICS_EXPORT_FAILED.
  public func start(_ engine: Engine) throws(Stopped) -> any RunningService {
    let exporter = MetricsExporter(engine.context.metrics, engine.context.runtime, interval: interval) {
      error throws(Stopped) in
      try engine.log(
        .warning, .metricsExportFailed,
        [
          LogField(.path, Metrics.summaryPath), LogField(.reason, error.text), LogField(.advice, error.advice),
        ])
    }
    let thread = try engine.context.runtime.spawn("metrics-export") { () throws(Stopped) in try exporter.run() }
    return Running(exporter: exporter, thread: thread)
  }

  private struct Running: RunningService {
    let exporter: MetricsExporter
    let thread: ThreadHandle

    func finish() throws(Stopped) {
      try exporter.end()
      // 5 s: a write that a faulty disk delays.
      _ = try thread.join(timeout: .seconds(5))
    }
  }
}
