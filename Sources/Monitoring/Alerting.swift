import Basics
import ChaosRuntime

/// Looks at the metrics again and again, and hands alerts to sinks, each on a thread of its own: one that hangs or fails
/// holds up neither the rules nor its neighbours. No lock is held while a rule is looked at or a sink is called.
public final class Alerting: Sendable {
  /// From one look to the next.
  public static let interval = Duration.seconds(1)
  /// Alerts that wait for one sink; what comes on top of them is refused and reported.
  public static let waitingMax = 16

  private let metrics: Metrics
  private let rules: AlertRules
  private let sinks: [any AlertSink]
  private let report: @Sendable (AlertFailure) throws(Stopped) -> Void

  /// - Parameter report: called for every alert that did not reach a sink.
  public init(
    _ metrics: Metrics, rules: AlertRules, sinks: [any AlertSink],
    report: @escaping @Sendable (AlertFailure) throws(Stopped) -> Void
  ) {
    self.metrics = metrics
    self.rules = rules
    self.sinks = sinks
    self.report = report
  }

  /// Starts the threads.
  public func start(_ runtime: Runtime) throws(Stopped) -> Running {
    let pacer = Pacer(runtime, "alerts")
    var threads: [ThreadHandle] = []
    var channels: [Channel<Alert>] = []
    for (index, sink) in sinks.enumerated() {
      let channel = Channel<Alert>(runtime, "alert-\(index)-\(sink.name)", capacity: Self.waitingMax)
      channels.append(channel)
      let report = report
      threads.append(
        try runtime.spawn("alert-\(sink.name)") { () throws(Stopped) in
          while let alert = try channel.receive() {
            if case .failure(let error) = try sink.deliver(alert, runtime) {
              try report(AlertFailure(sink: sink.name, rule: alert.rule, reason: error.reason))
            }
          }
        })
    }
    let all = channels
    threads.append(try runtime.spawn("alerts") { [self] () throws(Stopped) in try run(runtime, pacer, all) })
    return Running(pacer: pacer, channels: all, threads: threads)
  }

  private func run(_ runtime: Runtime, _ pacer: Pacer, _ channels: [Channel<Alert>]) throws(Stopped) {
    var given: [Alert.Rule: Instant] = [:]
    var isLast = false
    while !isLast {
      isLast = try pacer.wait(until: runtime.now + Self.interval)
      let now = runtime.now
      for alert in rules.broken(by: metrics.summary(at: now)) {
        if let last = given[alert.rule], now < last + rules.cooldown { continue }
        given[alert.rule] = now
        for (sink, channel) in zip(sinks, channels) where try !channel.offer(alert) {
          try report(AlertFailure(sink: sink.name, rule: alert.rule, reason: "the sink is busy"))
        }
      }
    }
    for channel in channels { try channel.close() }
  }

  /// Rules and sinks at work.
  public struct Running: Sendable {
    let pacer: Pacer
    let channels: [Channel<Alert>]
    let threads: [ThreadHandle]

    /// Looks once more and lets the sinks end what they do, within `limit`; a sink that hangs is left behind.
    @discardableResult
    public func finish(limit: Duration = .seconds(5)) throws(Stopped) -> Bool {
      try pacer.end()
      var haveEnded = true
      for thread in threads.reversed() { haveEnded = try thread.join(timeout: limit) && haveEnded }
      return haveEnded
    }
  }
}

/// Where alerts go.
public protocol AlertSink: Sendable {
  /// For messages, such as `file`; it holds no secret.
  var name: String { get }
  /// Hands one alert over; it may take its time.
  func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError>
}

/// Why a sink did not take an alert.
public struct AlertError: Error, Sendable, Equatable {
  /// It holds no secret: no command's arguments, no address beyond host and port.
  public var reason: String

  /// A reason for people, in one line.
  public init(reason: String) { self.reason = reason }
}

/// An alert that did not reach a sink.
public struct AlertFailure: Sendable, Equatable {
  /// Name of the sink.
  public var sink: String
  /// The alert that it did not get.
  public var rule: Alert.Rule
  /// Why, in one line.
  public var reason: String
}
