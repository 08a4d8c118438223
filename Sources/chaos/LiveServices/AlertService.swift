import Basics
import FaultInjection
import Monitoring
import PaperSession
import TradingEngine

/// The alerts of a live paper session: the built-in rules into the log, or what `--alerts` says.
struct AlertService: SessionService {
  static let option = Option("alerts", "FILE", "thresholds and sinks of the alerts (TOML), with --live")

  private let rules: AlertRules
  private let sinks: [AlertsFile.Sink]

  /// A file that cannot be read, or a mistake in it, is a usage error.
  init(_ arguments: Arguments) throws(UsageError) {
    guard let path = arguments["alerts"] else {
      rules = AlertRules()
      sinks = [.log]
      return
    }
    guard arguments.has("live") else {
      throw UsageError(text: "paper: --alerts requires --live")
    }
    let bytes = try CommonOptions.file("alerts", path, .toml)
    do throws(SourceError) {
      let file = try AlertsFile(bytes, path: path)
      rules = file.rules
      sinks = file.sinks
    } catch {
      throw UsageError(text: error.description)
    }
  }

  func start(_ engine: Engine) throws(Stopped) -> any RunningService {
    let log = LogSink { alert throws(Stopped) in
      try engine.log(
        .warning, .alertFired,
        [LogField(.alert, .text(alert.rule.rawValue)), LogField(.alertMessage, .text(alert.message))])
    }
    let made: [any AlertSink] = sinks.map { sink in
      switch sink {
      case .log: log
      case .other(let other): other
      }
    }
    let alerting = Alerting(engine.context.metrics, rules: rules, sinks: made) { failure throws(Stopped) in
      try engine.log(
        .warning, .alertNotDelivered,
        [
          LogField(.alert, .text(failure.rule.rawValue)), LogField(.sink, .text(failure.sink)),
          LogField(.reason, .text(failure.reason)),
        ])
    }
    return Running(alerting: try alerting.start(engine.context.runtime))
  }

  private struct Running: RunningService {
    let alerting: Alerting.Running
    /// While the log is still open.
    func engineWillEnd() throws(Stopped) { try alerting.finish() }
    func finish() throws(Stopped) {}
  }
}
