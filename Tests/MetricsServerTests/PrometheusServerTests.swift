import Basics
import ChaosRuntime
import Glibc
import Monitoring
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

/// The endpoint on real sockets.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct PrometheusServerTests {
  private let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
  private let metrics = Metrics()

  /// A server at work for the length of `body`.
  private func serving(_ body: (UInt16) throws -> Void) throws {
    let server = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0))
    let pacer = Pacer(runtime, "test")
    let (metrics, runtime) = (metrics, runtime)
    let thread = try runtime.spawn("prometheus") { () throws(Stopped) in try server.run(metrics, runtime, pacer) }
    defer { runtime.stop() }
    try body(server.port)
    try pacer.end()
    #expect(try thread.join(timeout: .seconds(20)))
  }

  private func ask(_ port: UInt16, _ request: String) throws -> String {
    let client = try Client(port: port)
    client.send(request)
    return try #require(client.receive())
  }

  @Test func `A scrape is served in both formats`() throws {
    try serving { port in
      metrics.recordOrderSent(symbol: "AIX/USDT", side: "buy")
      let text = try ask(port, "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(text.contains("\norders_sent_total 1\n"))
      let open = try ask(port, "GET /metrics HTTP/1.0\r\nAccept: application/openmetrics-text; version=1.0.0\r\n\r\n")
      #expect(open.contains("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"))
      #expect(open.hasSuffix("\n# EOF\n"))
      let head = try ask(port, "HEAD /metrics HTTP/1.0\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func `What is not a scrape is refused`() throws {
    try serving { port in
      for (request, status) in [
        ("GET / HTTP/1.0\r\n\r\n", "404"), ("GET /../../etc/passwd HTTP/1.0\r\n\r\n", "404"),
        ("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405"), ("hello\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n", "431"),
      ] {
        let answer = try ask(port, request)
        // A head that goes on may be cut off by a reset before the answer is read.
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") || status == "431" && answer.isEmpty, "\(request.prefix(30))")
      }
      #expect(try ask(port, "GET /metrics HTTP/1.0\r\n\r\n").contains("orders_sent_total"))
    }
  }

  @Test func `A connection serves many requests also at once`() throws {
    try serving { port in
      let client = try Client(port: port)
      let request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
      func count(_ text: String) -> Int { text.components(of: "logging_timeouts_total 0\n") }
      client.send(request)
      #expect(client.receive { count($0) == 1 } != nil)
      client.send(request + request)
      #expect(client.receive { count($0) == 2 } != nil)
    }
  }

  @Test func `Clients that stall are dropped and make room`() throws {
    try serving { port in
      var stalled: [Client] = []
      for n in 0..<(PrometheusServer.connectionsMax + 10) {
        let client = try Client(port: port)
        // Half of them say nothing, half begin and do not go on.
        client.send(n % 2 == 0 ? "" : "GET /met")
        stalled.append(client)
      }
      // Those who say nothing have to go for newcomers.
      #expect(try ask(port, "GET /metrics HTTP/1.0\r\n\r\n").contains("orders_sent_total"))
      #expect(stalled[1].receive() == "", "dropped after its 5 s, without an answer")
    }
  }

  @Test func `Who asks and never reads is dropped and holds nobody up`() throws {
    try serving { port in
      let request = "GET /metrics HTTP/1.1\r\n\r\n"
      let deaf = try Client(port: port)
      // 20,000 answers of 4 KiB are more than any socket buffer here takes; what cannot be sent now is not waited for.
      let asking = try runtime.spawn("deaf") { () throws(Stopped) in
        deaf.send(String(repeating: request, count: 20_000))
      }
      for _ in 0..<20 { #expect(try ask(port, "GET /metrics HTTP/1.0\r\n\r\n").contains("orders_sent_total")) }
      #expect(try asking.join(timeout: .seconds(20)), "the connection was ended under it")
    }
  }

  /// A heartbeat of 10 ms on a thread of its own: how late its beats are, the median in milliseconds.
  private func lateness() throws -> Double {
    var late: [Double] = []
    var next = runtime.now
    for _ in 0..<150 {
      next = max(next + .milliseconds(10), runtime.now)
      try runtime.sleep(max(.zero, next - runtime.now))
      late.append((runtime.now - next).milliseconds)
    }
    return late.sorted()[late.count / 2]
  }

  @Test func `A hundred clients in a loop do not hold a heartbeat up`() throws {
    let quiet = try lateness()
    try serving { port in
      let (isOver, scrapes) = (Flag(), Flag())
      for n in 0..<100 {
        try runtime.spawn("client \(n)") { () throws(Stopped) in
          // The load of a hundred programs elsewhere is not what is measured.
          setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)
          guard let client = try? Client(port: port) else { return }
          while isOver.count.load(ordering: .relaxed) == 0 {
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
            if client.receive(until: { $0.hasSuffix("logging_timeouts_total 0\n") }) == nil { return }
            scrapes.count.add(1, ordering: .relaxed)
          }
        }
      }
      let busy = try lateness()
      isOver.count.add(1, ordering: .relaxed)
      let count = scrapes.count.load(ordering: .relaxed)
      #expect(count > 100, "the clients were served")
      #expect(busy - quiet < 10, "\(busy) ms late instead of \(quiet) ms, \(count) scrapes")
      print("heartbeat lateness, median: \(quiet) ms quiet, \(busy) ms during \(count) scrapes")
    }
  }

  private final class Flag: Sendable { let count = Atomic<Int>(0) }

  @Test func `A port in use is told at once`() throws {
    let first = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0))
    #expect(
      throws: EndpointError(kind: "prometheus", address: "127.0.0.1:\(first.port)", reason: "address already in use")
    ) { try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: first.port)) }
    #expect(throws: EndpointError.self) { try PrometheusServer(at: EndpointAddress(host: "192.0.2.1", port: 0)) }
  }

  @Test func `Addresses are read strictly`() {
    #expect(EndpointAddress("8000", host: "127.0.0.1") == EndpointAddress(host: "127.0.0.1", port: 8000))
    #expect(EndpointAddress("localhost:81")?.isLoopback == true)
    #expect(EndpointAddress("127.evil.example:81")?.isLoopback == false)
    for bad in ["", ":", "a:", ":80", "a:b", "a:0", "a:70000", "::1:80", "80"] { #expect(EndpointAddress(bad) == nil) }
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let found = rest.firstRange(of: part) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
