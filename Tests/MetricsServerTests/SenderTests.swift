import Basics
import ChaosRuntime
import Glibc
import Monitoring
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

/// StatsD, webhooks and `initMetrics` on real sockets.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct SenderTests {
  private let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
  private let alert = Alert(time: .simulationEpoch, rule: .fillRate, message: "Low fill rate: 25%")

  @Test func `What happened arrives once`() throws {
    let listener = try Listener(SOCK_DGRAM)
    let metrics = Metrics()
    metrics.timings.open()
    let sender = try StatsDSender(to: EndpointAddress(host: "localhost", port: listener.port))
    metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
    metrics.recordOrderFilled(symbol: "AIX/USDT", side: "buy", latencyMs: 12.5)
    #expect(sender.flush(metrics, at: runtime.now) == nil)
    #expect(
      listener.datagram() == """
        trading_bot.orders.sent:1|c
        trading_bot.orders.filled:1|c
        trading_bot.orders.fill_rate:1.0|g
        trading_bot.intents.pending:0|g
        trading_bot.orders.latency:12.5|ms
        """)
    #expect(sender.flush(metrics, at: runtime.now) == nil)
    #expect(listener.datagram() == "trading_bot.orders.fill_rate:1.0|g\ntrading_bot.intents.pending:0|g")
  }

  @Test func `A server that is away is told once and does no harm`() throws {
    let port = try Listener(SOCK_DGRAM).port
    let metrics = Metrics()
    let endpoints = try MetricsEndpoints(prometheus: nil, statsD: EndpointAddress(host: "127.0.0.1", port: port))
    let failures = Mutex<[EndpointError]>([])
    defer { runtime.stop() }
    let running = try endpoints.start(metrics, runtime) { error throws(Stopped) in
      failures.withLock { $0.append(error) }
    }
    // Until it was told, and then long enough for it to be told again.
    for _ in 0..<300 where failures.withLock({ $0.isEmpty }) { try runtime.sleep(.milliseconds(100)) }
    try runtime.sleep(.milliseconds(1500))
    try running.finish()
    #expect(
      failures.withLock { $0 }
        == [EndpointError(kind: "statsd", address: "127.0.0.1:\(port)", reason: "connection refused")])
    #expect(throws: EndpointError.self) {
      try StatsDSender(to: EndpointAddress(host: "no.such.host.invalid", port: 8125))
    }
  }

  @Test func `A webhook gets the alert`() throws {
    let listener = try Listener(SOCK_STREAM)
    let sink = try WebhookSink(url: "http://127.0.0.1:\(listener.port)/hook?token=secret")
    let request = Mutex("")
    let alert = alert
    let runtime = runtime
    defer { runtime.stop() }
    for (answer, reason) in [
      ("HTTP/1.1 204 No Content\r\n\r\n", nil),
      ("HTTP/1.1 500 Oops\r\n\r\n", "127.0.0.1:\(listener.port): it said 'HTTP/1.1 500'"),
      ("", "127.0.0.1:\(listener.port): the connection ended without an answer"),
    ] {
      let server = try runtime.spawn("server") { () throws(Stopped) in
        let text = listener.answer(answer, ending: "}")
        request.withLock { $0 = text }
      }
      let result = try sink.deliver(alert, runtime)
      try server.join()
      if case .failure(let error) = result { #expect(error.reason == reason) } else { #expect(reason == nil) }
      let text = request.withLock { $0 }
      #expect(text.hasPrefix("POST /hook?token=secret HTTP/1.1\r\nHost: 127.0.0.1:\(listener.port)\r\n"))
      #expect(text.hasSuffix("\r\n\r\n\(alert.json.text)"))
    }
    // Nobody takes the connection: it is given up.
    guard case .failure(let error) = try sink.deliver(alert, runtime) else {
      Issue.record("a server that hangs is no success")
      return
    }
    #expect(error.reason == "127.0.0.1:\(listener.port): no answer within 3 s")
  }

  @Test func `A webhook stays on this machine`() throws {
    for url in [
      "https://127.0.0.1/", "http://example.com/", "http://127.0.0.1@example.com/", "http://10.0.0.1:80/", "http://",
      "http://127.0.0.1:1/a b", "http://user:pass@127.0.0.1:80/",
    ] { #expect(throws: AlertError.self, "\(url)") { try WebhookSink(url: url) } }
    _ = try WebhookSink(url: "http://localhost")
  }
}
