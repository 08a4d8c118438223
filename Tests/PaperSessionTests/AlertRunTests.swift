import Basics
import Exploration
import Monitoring
import PaperSession
import Synchronization
import Testing
import TradingEngine

/// Every metric and every alert moves in a session of the real engine, and no alert in a healthy one.
@Suite struct AlertRunTests {
  /// Keeps the alerts of a session and its last summary.
  private final class Watch: SessionService, RunningService {
    let alerts = Mutex<[Alert]>([])
    let summary = Mutex<MetricsSummary?>(nil)
    private let running = Mutex<(Alerting.Running, EngineContext)?>(nil)

    func start(_ engine: Engine) throws(Stopped) -> any RunningService {
      let sink = LogSink { [self] alert throws(Stopped) in alerts.withLock { $0.append(alert) } }
      let alerting = Alerting(engine.context.metrics, rules: AlertRules(), sinks: [sink]) { _ throws(Stopped) in }
      let started = try alerting.start(engine.context.runtime)
      running.withLock { $0 = (started, engine.context) }
      return self
    }

    func finish() throws(Stopped) {
      guard let (alerting, context) = running.withLock({ $0 }) else { return }
      try alerting.finish()
      let last = context.metrics.summary(at: context.runtime.now)
      summary.withLock { $0 = last }
      running.withLock { $0 = nil }
    }
  }

  private func run(
    _ faults: [PaperInputs.FaultSource], revisions: [PaperInputs.Revision] = [], seconds: Double
  ) throws -> (alerts: [Alert], summary: MetricsSummary) {
    let watch = Watch()
    var system = try PaperSystem(
      PaperInputs(kind: .paper, revisions: revisions, faults: faults, durationSeconds: seconds))
    system.attach(watch)
    _ = Executor().runUnjudged(system, PaperSystem.paperRequest(seed: 1))
    return (watch.alerts.withLock { $0 }, try #require(watch.summary.withLock { $0 }))
  }

  @Test func `A healthy session alerts nobody and moves its metrics`() throws {
    let (alerts, summary) = try run([try Sessions.source("everyday")], seconds: 300)
    #expect(alerts == [])
    #expect(summary.ordersSent > 0 && summary.ordersFilled > 0 && summary.ordersFailed > 0)
    #expect(summary.intentsCleared > 0 && summary.loggingTimeouts == 1 && summary.budgetRefreshTimeouts == 1)
    #expect(summary.orderLatencyMs.count == summary.ordersFilled)
    #expect(summary.budgetRefreshMs.count > 4 && summary.budgetRefreshMs.max >= 5000)
    #expect(summary.orderLatencyMs.p50 <= summary.orderLatencyMs.p99)
  }

  @Test func `Refused orders lower the fill rate`() throws {
    let (alerts, summary) = try run([try Sessions.source("insufficient-balance")], seconds: 120)
    #expect(alerts.map(\.rule) == [.fillRate])
    #expect(alerts.first?.message == "Low fill rate: 0%")
    #expect(summary.ordersFailed > 0)
  }

  @Test func `Intents that nobody clears are told and counted`() throws {
    let (alerts, summary) = try run(
      [try Sessions.source("insufficient-balance")],
      revisions: [PaperInputs.Revision(bug: "9.2", revision: "original")], seconds: 900)
    let intents = alerts.first { $0.rule == .intents }
    #expect(intents?.message.hasPrefix("Intent cleanup issues: ") == true, "\(summary.counters)")
    #expect(summary.intentsStale > 10 || summary.intentsPending > 50)
  }

  @Test func `Refreshes that time out are told`() throws {
    let (alerts, summary) = try run([.oneLine("exchange.fetch_balance=sleep(8s)")], seconds: 600)
    #expect(alerts.first { $0.rule == .budgetRefresh }?.message == "Budget refresh degraded: 6 timeouts")
    #expect(summary.budgetRefreshTimeouts > 5)
  }
}
