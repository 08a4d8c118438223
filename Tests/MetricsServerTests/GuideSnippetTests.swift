import ChaosRuntime
import Glibc
import Monitoring
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

/// The snippets of the article on metrics, compiled and run as they stand there.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct GuideSnippetTests {
  @Test func `The snippets count what they say`() throws {
    let scratch = Scratch()
    let directory = scratch.path
    let runtime = Runtime(live: .simulationEpoch, disk: FileDisk(directory: directory), choices: Choices(.seeded(1)))
    defer { runtime.stop() }
    var sent: [String] = []
    func sendAlert(_ text: String) { sent.append(text) }
    let lines = Mutex<[String]>([])
    func print(_ text: String) { lines.withLock { $0.append(text) } }
    let listener = try Listener(SOCK_DGRAM)
    let server = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0))
    let (port, statsDPort) = (server.port, listener.port)
    #expect(throws: EndpointError.self) {
      try initMetrics(runtime, sessionDirectory: directory, enablePrometheus: true, prometheusPort: port)
    }

    do {
      let metrics = try initMetrics(runtime, sessionDirectory: directory)
      #expect(metrics.summary(at: runtime.now).ordersSent == 0)
    }

    let metrics = try initMetrics(
      runtime, sessionDirectory: directory,
      enableStatsD: true, statsDHost: "localhost", statsDPort: statsDPort)

    // Record order execution
    metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 123.4)
    metrics.recordOrderFailed(symbol: "AIX/USDT", side: "buy", errorCode: "INSUFFICIENT_BALANCE")

    // Record intent lifecycle
    metrics.recordIntentPending(count: 5)
    metrics.recordIntentCleared(reason: "order_filled")
    metrics.recordStaleIntent(ageSeconds: 65.0)

    // Record performance
    metrics.recordBudgetRefresh(durationMs: 234.5, timedOut: false)
    metrics.recordLoggingTimeout()

    // Export metrics
    try metrics.exportJSON(runtime)
    try metrics.logSummary(at: runtime.now) { summary in
      print(MetricsSummary.text(of: summary.json))
    }

    let summary = metrics.summary(at: runtime.now)
    if let fillRate = summary.fillRate, fillRate < 0.3 {
      sendAlert("Low fill rate: \(fillRate)")
    }
    if summary.intentsPending > 50 || summary.intentsStale > 10 {
      sendAlert("Intent cleanup issues: \(summary.intentsPending) pending, \(summary.intentsStale) stale")
    }
    if summary.budgetRefreshTimeouts > 5 {
      sendAlert("Budget refresh degraded: \(summary.budgetRefreshTimeouts) timeouts")
    }

    #expect(summary.counters.map(\.value) == [1, 1, 1, 1, 1, 1, 0, 0, 0])
    #expect(summary.intentsPending == 5)
    #expect(sent == [])
    #expect(lines.withLock { $0 }.first?.hasPrefix("metrics  orders_sent 1, orders_filled 1, ") == true)
    #expect(scratch.exists("metrics/summary.json"))
    #expect(listener.datagram()?.contains("trading_bot.orders.sent:1|c") == true)
  }

  /// The article's Swift blocks, without their indentation, stand in this file one line after the other.
  @Test func `The article on metrics has these snippets`() throws {
    let page = try read(Folder.root + "/Sources/chaos/Documentation.docc/Metrics.md")
    let own = stripped(try read(#filePath))
    var blocks: [String] = []
    var rest = page[...]
    while let start = rest.firstRange(of: "```swift\n") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "```") else { break }
      blocks.append(stripped(String(rest[..<end.lowerBound])))
      rest = rest[end.upperBound...]
    }
    #expect(blocks.count >= 4)
    for block in blocks { #expect(own.contains(block), "\(block)") }
    #expect(!own.contains("let metrics = try initMetrics(runtime, sessionDirectory: " + "elsewhere)"))
  }

  private func stripped(_ text: String) -> String {
    text.split(separator: "\n").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func read(_ path: String) throws -> String {
    String(decoding: try FileDisk.contents(of: path).get(), as: UTF8.self)
  }
}
