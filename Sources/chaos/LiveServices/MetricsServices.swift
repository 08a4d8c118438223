import Basics
import MetricsServer
import PaperSession
import TradingEngine

/// `--prometheus` and `--statsd` of a live paper session.
struct MetricsServices: SessionService {
  static let options = [
    Option(
      "prometheus", "[HOST:]PORT", "serve the metrics at /metrics, with --live (default 127.0.0.1:8000)",
      fallback: "8000"),
    Option("statsd", "HOST:PORT", "send the metrics by UDP once a second, with --live"),
  ]

  private let endpoints: MetricsEndpoints

  /// Nil: neither was asked for. A port in use, an unknown host and a missing --live are usage errors.
  init?(_ arguments: Arguments) throws(UsageError) {
    let words = Self.options.filter { arguments.has($0.name) }
    if let option = words.first, !arguments.has("live") {
      throw UsageError(text: "paper: --\(option.name) requires --live")
    }
    if words.isEmpty { return nil }
    let prometheus = try Self.address(arguments, "prometheus", host: "127.0.0.1")
    let statsD = try Self.address(arguments, "statsd", host: nil)
    do throws(EndpointError) { endpoints = try MetricsEndpoints(prometheus: prometheus, statsD: statsD) } catch {
      let advice =
        error.reason.contains("in use")
        ? "'ss -ltnp' says who has it; or take another port" : "take an address of this machine and a port above 1023"
      throw UsageError(
        text: "--\(error.kind) \(error.address): \(error.reason)\(error.kind == "prometheus" ? "; \(advice)" : "")")
    }
    if let prometheus { Terminal.note("metrics http://\(prometheus)/metrics") }
  }

  private static func address(
    _ arguments: Arguments, _ name: String, host: String?
  ) throws(UsageError) -> EndpointAddress? {
    guard let text = arguments[name] else { return nil }
    guard let address = EndpointAddress(text, host: host) else {
      throw UsageError(
        text: name == "prometheus"
          ? "--prometheus expects [HOST:]PORT, as in --prometheus 8000, not '\(text)'"
          : "--statsd expects HOST:PORT, as in --statsd localhost:8125, not '\(text)'")
    }
    return address
  }

  func start(_ engine: Engine) throws(Stopped) -> any RunningService {
    Running(
      endpoints: try endpoints.start(engine.context.metrics, engine.context.runtime) { error throws(Stopped) in
        try engine.log(
          .warning, .metricsEndpointFailed,
          [
            LogField(.kind, .text(error.kind)), LogField(.address, .text(error.address)),
            LogField(.reason, .text(error.reason)),
          ])
      })
  }

  private struct Running: RunningService {
    let endpoints: MetricsEndpoints.Running
    func finish() throws(Stopped) { try endpoints.finish() }
  }
}
