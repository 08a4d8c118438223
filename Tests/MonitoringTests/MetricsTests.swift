import Basics
import ChaosRuntime
import Synchronization
import Testing

@testable import Monitoring

@Suite struct MetricsTests {
  @Test func `The document has its shape from the start`() {
    let metrics = Metrics()
    let empty = #""count":0,"min":0,"max":0,"avg":0,"p50":0,"p95":0,"p99":0"#
    let json = metrics.summary(at: Instant(nanoseconds: 1_698_765_432_123_456_789)).json
    #expect(
      json.text
        == #"{"timestamp":1698765432.123,"counters":{"orders_sent":0,"orders_filled":0,"orders_failed":0,"#
        + #""intents_cleared":0,"intents_stale":0,"logging_timeouts":0,"budget_refresh_timeouts":0,"threads_lost":0,"budget_drifts":0},"#
        + #""gauges":{"intents_pending":0},"histograms":{"order_latency_ms":{\#(empty)},"#
        + #""budget_refresh_ms":{\#(empty)},"stale_intent_age_s":{\#(empty)}}}"#)
  }

  @Test func `Every function of the guide counts`() {
    let metrics = Metrics()
    for _ in 0..<3 { metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy") }
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 123.4)
    metrics.recordOrderFailed(symbol: "AIX/USDT", side: "buy", errorCode: "INSUFFICIENT_BALANCE")
    metrics.recordIntentPending(count: 5)
    metrics.recordIntentCleared(reason: "order_filled")
    metrics.recordStaleIntent(ageSeconds: 65)
    metrics.recordBudgetRefresh(durationMs: 234.5, timedOut: false)
    metrics.recordBudgetRefresh(durationMs: 5000, timedOut: true)
    metrics.recordLoggingTimeout()
    let summary = metrics.summary(at: .simulationEpoch)
    #expect(summary.counters.map(\.value) == [3, 1, 1, 1, 1, 1, 1, 0, 0])
    #expect(summary.intentsPending == 5)
    #expect(summary.json["gauges"]?["fill_rate"]?.numberText == "0.333")
    #expect(summary.json["histograms"]?["budget_refresh_ms"]?["avg"]?.numberText == "2617.25")
    #expect(summary.budgetRefreshMs.buckets == [0, 1, 0, 0, 1, 0, 0])
  }

  @Test func `The file is replaced at once`() {
    let disk = MemoryDisk()
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      let metrics = Metrics()
      try metrics.exportJSON(runtime)
      try runtime.sleep(.milliseconds(1500))
      metrics.recordLoggingTimeout()
      try metrics.exportJSON(runtime)
    }
    #expect(disk.files.map(\.path) == ["metrics/summary.json"])
    let json = disk.files.first.flatMap { try? JSON.parse($0.bytes) }
    #expect(json?["timestamp"]?.numberText == "1735689601.5")
    #expect(json?["counters"]?["logging_timeouts"]?.int == 1)
  }

  @Test func `A crash leaves the last complete export`() {
    let disk = MemoryDisk()
    let reasons = Reasons()
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      let metrics = Metrics()
      let exporter = MetricsExporter(metrics, runtime, interval: .seconds(10)) { error throws(Stopped) in
        reasons.add(error.text)
      }
      try runtime.spawn("metrics-export") { () throws(Stopped) in try exporter.run() }
      for _ in 0..<25 {
        try runtime.sleep(.seconds(1))
        metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
      }
      // The run ends here without the engine's own export: what is there is of second 20.
    }
    let json = disk.files.first { $0.path == Metrics.summaryPath }.flatMap { try? JSON.parse($0.bytes) }
    #expect(json?["counters"]?["orders_sent"]?.int == 19)
    #expect(disk.files.count == 1)
    #expect(reasons.all == [])
  }

  @Test func `The summary fits a terminal`() {
    let metrics = Metrics()
    metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 250)
    #expect(
      MetricsSummary.text(of: metrics.summary(at: .simulationEpoch).json) == """
        metrics  orders_sent 1, orders_filled 1, orders_failed 0, intents_cleared 0, intents_stale 0, \
        logging_timeouts 0, budget_refresh_timeouts 0, threads_lost 0, budget_drifts 0
        metrics  fill_rate 1, intents_pending 0
        metrics  order_latency_ms: count 1, min 250, max 250, avg 250, p50 250, p95 250, p99 250
        """)
  }
}

/// What was said, from any thread.
final class Reasons: Sendable {
  private let texts = Mutex<[String]>([])
  func add(_ text: String) { texts.withLock { $0.append(text) } }
  var all: [String] { texts.withLock { $0 } }
}
