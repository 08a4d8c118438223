import Basics
import ChaosRuntime

/// Writes `metrics/summary.json` again and again, so that after a crash the last complete one is there.
public final class MetricsExporter: Sendable {
  private let metrics: Metrics
  private let runtime: Runtime
  private let disk: (any Disk)?
  private let interval: Duration
  private let pacer: Pacer
  private let report: @Sendable (DiskError) throws(Stopped) -> Void

  /// - Parameters:
  ///   - disk: of the session's directory; the runtime's unless it is given.
  ///   - interval: from one export to the next.
  ///   - report: called for an export that failed, once until one succeeds again.
  public init(
    _ metrics: Metrics, _ runtime: Runtime, disk: (any Disk)? = nil, interval: Duration = .seconds(10),
    report: @escaping @Sendable (DiskError) throws(Stopped) -> Void
  ) {
    self.metrics = metrics
    self.runtime = runtime
    self.disk = disk
    self.interval = interval
    self.report = report
    pacer = Pacer(runtime, "metrics-export")
  }

  /// The service's thread; it returns after `end()`, and exports once more when the run is stopped instead.
  public func run() throws(Stopped) {
    do throws(Stopped) {
      var last: DiskError?
      repeat {
        switch try metrics.exportJSON(runtime, to: disk) {
        case .success: last = nil
        case .failure(let error):
          if error != last { try report(error) }
          last = error
        }
      } while try !pacer.wait(until: runtime.now + interval)
    } catch {
      _ = try metrics.exportJSON(runtime, to: disk)
      throw error
    }
  }

  /// Whoever calls this exports for the last time itself.
  public func end() throws(Stopped) { try pacer.end() }
}
