import Basics
import ChaosRuntime

extension Metrics {
  /// Where `exportJSON` writes, in the session directory.
  public static let summaryPath = "metrics/summary.json"

  /// Writes `metrics/summary.json`: temporary file, sync, rename, so that a reader sees the old document or the new one.
  ///
  /// - Parameter disk: of the session's directory; the runtime's unless it is given.
  @discardableResult
  public func exportJSON(
    _ runtime: Runtime, to disk: (any Disk)? = nil
  ) throws(Stopped) -> Result<Void, DiskError> {
    let text = summary(at: runtime.now).json.pretty()
    return try (disk ?? runtime.disk).replace(Array(text.utf8), at: Self.summaryPath)
  }

  /// Hands the summary to `log`, which writes one METRICS_SUMMARY event.
  public func logSummary(
    at time: Instant, to log: (MetricsSummary) throws(Stopped) -> Void
  ) throws(Stopped) {
    try log(summary(at: time))
  }
}
