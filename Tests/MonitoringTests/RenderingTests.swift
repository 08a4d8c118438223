import ChaosRuntime
import Testing

@testable import Monitoring

@Suite struct RenderingTests {
  static let summary: MetricsSummary = {
    let metrics = Metrics()
    for _ in 0..<4 { metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy") }
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 100)
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 700.5)
    metrics.recordOrderFailed(symbol: "AIX/USDT", side: "buy", errorCode: "30004")
    metrics.recordIntentPending(count: 2)
    metrics.recordStaleIntent(ageSeconds: 65)
    metrics.recordBudgetRefresh(durationMs: 5000.1, timedOut: true)
    return metrics.summary(at: .simulationEpoch)
  }()

  private func lines(_ format: PrometheusText.Format) -> [String] {
    String(decoding: PrometheusText.render(Self.summary, as: format), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `The text format has every name of the guide`() {
    let lines = lines(.text)
    #expect(
      lines.prefix(3) == [
        "# HELP orders_sent_total Total orders sent to exchange", "# TYPE orders_sent_total counter",
        "orders_sent_total 4",
      ])
    #expect(lines.contains("order_fill_rate 0.5"))
    let latency = lines.filter { $0.hasPrefix("order_execution_latency_seconds") }
    #expect(
      latency == [
        #"order_execution_latency_seconds_bucket{le="0.1"} 1"#, #"order_execution_latency_seconds_bucket{le="0.5"} 1"#,
        #"order_execution_latency_seconds_bucket{le="1"} 2"#, #"order_execution_latency_seconds_bucket{le="2"} 2"#,
        #"order_execution_latency_seconds_bucket{le="5"} 2"#, #"order_execution_latency_seconds_bucket{le="10"} 2"#,
        #"order_execution_latency_seconds_bucket{le="+Inf"} 2"#, "order_execution_latency_seconds_sum 0.8005",
        "order_execution_latency_seconds_count 2",
      ])
    // 5 s and a little: not in the bucket of 5 s.
    #expect(lines.contains(#"budget_refresh_duration_seconds_bucket{le="5"} 0"#))
    #expect(lines.contains(#"budget_refresh_duration_seconds_bucket{le="2.5"} 0"#))
    #expect(lines.contains(#"budget_refresh_duration_seconds_bucket{le="10"} 1"#))
    for name in [
      "orders_filled_total 2", "orders_failed_total 1", "intents_pending 2", "intents_cleared_total 0",
      "intents_stale_total 1", "stale_intent_age_s_sum 65.0", "budget_refresh_timeouts_total 1",
      "logging_timeouts_total 0", "threads_lost_total 0", "budget_drifts_total 0",
    ] { #expect(lines.contains(name), "\(name)") }
    #expect(lines.last == "")
    #expect(!lines.contains("# EOF"))
  }

  @Test func `Open metrics names families writes floats and ends`() {
    let lines = lines(.openMetrics)
    #expect(lines.contains("# TYPE orders_sent counter"))
    #expect(lines.contains("orders_sent_total 4"))
    #expect(lines.contains(#"order_execution_latency_seconds_bucket{le="10.0"} 2"#))
    #expect(lines.suffix(2) == ["# EOF", ""])
  }

  @Test func `The fill rate is missing before the first order`() {
    let text = String(
      decoding: PrometheusText.render(Metrics().summary(at: .simulationEpoch), as: .text), as: UTF8.self)
    #expect(!text.contains("order_fill_rate"))
  }

  @Test func `Help is escaped`() {
    #expect(PrometheusText.escaped("a\\b\n\"c\"", .text) == #"a\\b\n"c""#)
    #expect(PrometheusText.escaped("a\\b\n\"c\"", .openMetrics) == #"a\\b\n\"c\""#)
  }

  @Test func `Stats d gets differences and single durations`() {
    let first = StatsDText.lines(since: nil, Self.summary, [.init(kind: .orderLatency, milliseconds: 700.5)])
    #expect(
      first == [
        "trading_bot.orders.sent:4|c", "trading_bot.orders.filled:2|c", "trading_bot.orders.failed:1|c",
        "trading_bot.intents.stale:1|c", "trading_bot.budget.refresh_timeouts:1|c",
        "trading_bot.orders.fill_rate:0.5|g",
        "trading_bot.intents.pending:2|g", "trading_bot.orders.latency:700.5|ms",
      ])
    #expect(
      StatsDText.lines(since: Self.summary, Self.summary, [])
        == ["trading_bot.orders.fill_rate:0.5|g", "trading_bot.intents.pending:2|g"])
  }

  @Test func `Datagrams stay below the limit and lose nothing`() {
    let lines = (0..<500).map { "trading_bot.orders.latency:\($0).25|ms" }
    let datagrams = StatsDText.datagrams(lines)
    #expect(datagrams.count > 5)
    #expect(datagrams.allSatisfy { $0.count <= StatsDText.datagramMax })
    let all = datagrams.flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init) }
    #expect(all == lines)
  }
}
