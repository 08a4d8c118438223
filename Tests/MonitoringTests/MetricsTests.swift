import ChaosRuntime
import Testing

@testable import Monitoring

@Suite struct MetricsTests {
  @Test func theDocumentHasItsShapeFromTheStart() {
    let metrics = Metrics()
    let json = metrics.summary(at: Instant(nanoseconds: 1_698_765_432_123_456_789)).json
    #expect(
      json.text
        == #"{"timestamp":1698765432.123,"counters":{"orders_sent":0,"orders_filled":0,"orders_failed":0,"#
        + #""intents_cleared":0,"intents_stale":0,"logging_timeouts":0,"budget_refresh_timeouts":0},"#
        + #""gauges":{"intents_pending":0},"histograms":{"order_latency_ms":{"count":0,"min":0,"max":0,"avg":0},"#
        + #""budget_refresh_ms":{"count":0,"min":0,"max":0,"avg":0},"#
        + #""stale_intent_age_s":{"count":0,"min":0,"max":0,"avg":0}}}"#)
  }

  @Test func everyFunctionOfTheGuideCounts() {
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
    #expect(summary.counters.map(\.value) == [3, 1, 1, 1, 1, 1, 1])
    #expect(summary.intentsPending == 5)
    #expect(summary.json["gauges"]?["fill_rate"]?.numberText == "0.333")
    #expect(summary.json["histograms"]?["budget_refresh_ms"]?["avg"]?.numberText == "2617.25")
    #expect(summary.budgetRefreshMs.buckets == [0, 1, 0, 0, 1, 0, 0])
  }

  @Test func theFileIsReplacedAtOnce() {
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

  @Test func aHistogramIgnoresWhatIsNoNumber() {
    let histogram = Histogram(bounds: [1, 2])
    histogram.record(.nan)
    histogram.record(2)
    histogram.record(3)
    #expect(histogram.values.count == 2)
    #expect(histogram.values.buckets == [0, 1, 1])
  }
}
