public import Basics
public import ChaosRuntime
public import HTTP
public import Monitoring

/// Why a metrics endpoint does not work; its kind is `prometheus`, `statsd`, `webhook` or `export`.
public typealias EndpointError = HTTP.EndpointError
/// Where a metrics endpoint listens or sends to.
public typealias EndpointAddress = HTTP.EndpointAddress

/// Metrics for one session, exported to `metrics/summary.json` in its directory and, if asked for, to servers.
///
/// Hand the instance to the engine; there is no global one. Its threads end with the runtime.
///
/// - Parameters:
///   - sessionDirectory: exists; the summary is written every 10 s and when the run is stopped.
///   - prometheusPort: on the loopback interface.
///   - report: called when a server cannot be reached later on, once until it can.
/// - Throws: `EndpointError` when the port is in use or a host is unknown; `Stopped` never reaches the caller.
public func initMetrics(
  _ runtime: Runtime, sessionDirectory: String, enablePrometheus: Bool = false, prometheusPort: UInt16 = 8000,
  enableStatsD: Bool = false, statsDHost: String = "localhost", statsDPort: UInt16 = 8125,
  report: @escaping @Sendable (EndpointError) -> Void = { _ in }
) throws(EndpointError) -> Metrics {
  let metrics = Metrics()
  let endpoints = try MetricsEndpoints(
    prometheus: enablePrometheus ? EndpointAddress(host: "127.0.0.1", port: prometheusPort) : nil,
    statsD: enableStatsD ? EndpointAddress(host: statsDHost, port: statsDPort) : nil)
  let disk = FileDisk(directory: sessionDirectory)
  let exporter = MetricsExporter(metrics, runtime, disk: disk) { error throws(Stopped) in
    report(EndpointError(kind: "export", address: "\(sessionDirectory)/\(Metrics.summaryPath)", reason: error.text))
  }
  do throws(Stopped) {
    try runtime.spawn("metrics-export") { () throws(Stopped) in try exporter.run() }
    _ = try endpoints.start(metrics, runtime) { error throws(Stopped) in report(error) }
  } catch {
    // The run was stopped before it began: the instance counts for nobody.
  }
  return metrics
}

/// The servers of one session, bound before anything runs.
public final class MetricsEndpoints: Sendable {
  private let prometheus: PrometheusServer?
  private let statsD: StatsDSender?

  /// Binds the Prometheus port and looks the StatsD host up; nil leaves a server out.
  ///
  /// - Throws: `EndpointError` when the port is in use or the host is unknown.
  public init(prometheus: EndpointAddress?, statsD: EndpointAddress?) throws(EndpointError) {
    self.prometheus = try prometheus.map { address throws(EndpointError) in try PrometheusServer(at: address) }
    self.statsD = try statsD.map { address throws(EndpointError) in try StatsDSender(to: address) }
  }

  /// Starts a thread for each server. What is recorded from now on reaches them.
  public func start(
    _ metrics: Metrics, _ runtime: Runtime, report: @escaping @Sendable (EndpointError) throws(Stopped) -> Void
  ) throws(Stopped) -> Running {
    let pacer = Pacer(runtime, "metrics-endpoints")
    var threads: [ThreadHandle] = []
    if statsD != nil { metrics.timings.open() }
    if let prometheus {
      threads.append(
        try runtime.spawn("prometheus") { () throws(Stopped) in
          try prometheus.run(metrics, runtime, pacer, report: report)
        })
    }
    if let statsD {
      threads.append(
        try runtime.spawn("statsd") { () throws(Stopped) in try statsD.run(metrics, runtime, pacer, report: report) })
    }
    return Running(pacer: pacer, threads: threads)
  }

  /// Servers at work.
  public struct Running: Sendable {
    let pacer: Pacer
    let threads: [ThreadHandle]

    /// Sends what is left and ends, within 5 s.
    public func finish() throws(Stopped) {
      try pacer.end()
      for thread in threads { _ = try thread.join(timeout: .seconds(5)) }
    }
  }
}
