import Basics
import ChaosRuntime
import Glibc
import MetricsServer
import Monitoring
import Synchronization

/// `chaos bench scrape`: how late a heartbeat comes while a hundred clients scrape in a loop, and how late without them.
enum ScrapeBench {
  private static let clients = 100
  /// Beats of 10 ms in each of the quiet and the busy halves of a pair.
  private static let beats = 300
  private static let pairs = 5

  static func run() throws(UsageError) -> [BenchLine] {
    let runtime = Runtime(live: WallClock.now, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let metrics = Metrics()
    let server: PrometheusServer
    do throws(EndpointError) { server = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0)) } catch {
      throw UsageError(text: "bench: \(error)")
    }
    var (quiet, busy): ([Double], [Double]) = ([], [])
    let scrapes = Scrapes()
    do throws(Stopped) {
      let pacer = Pacer(runtime, "endpoint")
      let thread = try runtime.spawn("prometheus") { () throws(Stopped) in try server.run(metrics, runtime, pacer) }
      for _ in 0..<pairs {
        quiet += try lateness(runtime)
        let isOver = Scrapes()
        let port = server.port
        let threads = try (0..<clients).map { n throws(Stopped) in
          try runtime.spawn("client \(n)") { () throws(Stopped) in scrape(port, scrapes, until: isOver) }
        }
        busy += try lateness(runtime)
        isOver.add()
        for thread in threads { _ = try thread.join(timeout: .seconds(20)) }
      }
      try pacer.end()
      _ = try thread.join(timeout: .seconds(20))
    } catch { throw UsageError(text: "bench: the threads were stopped") }
    return lines("quiet", quiet) + lines("\(clients) clients", busy) + [
      BenchLine(
        name: "scrapes served a second",
        value: Double(scrapes.count) / (Double(pairs * beats) * 0.01), unit: "/s", places: 0),
      BenchLine(
        name: "heartbeat's lateness, 99 %, by the clients", value: at(0.99, busy) - at(0.99, quiet), unit: "ms",
        isHeadline: true),
      BenchLine(
        name: "heartbeat's lateness, worst, by the clients", value: at(1, busy) - at(1, quiet), unit: "ms",
        isHeadline: true),
    ]
  }

  private final class Scrapes: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
  }

  private static func lines(_ name: String, _ late: [Double]) -> [BenchLine] {
    [("median", 0.5), ("99 %", 0.99), ("worst", 1)].map { what, share in
      BenchLine(name: "heartbeat's lateness, \(name), \(what)", value: at(share, late), unit: "ms", places: 3)
    }
  }

  private static func at(_ share: Double, _ late: [Double]) -> Double {
    let sorted = late.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  /// How late each beat comes, in milliseconds.
  private static func lateness(_ runtime: Runtime) throws(Stopped) -> [Double] {
    var late: [Double] = []
    var next = runtime.now
    for _ in 0..<beats {
      next = max(next + .milliseconds(10), runtime.now)
      try runtime.sleep(max(.zero, next - runtime.now))
      late.append((runtime.now - next).milliseconds)
    }
    return late
  }

  /// Asks again as soon as an answer is there; five seconds without one end it.
  private static func scrape(_ port: UInt16, _ scrapes: Scrapes, until isOver: Scrapes) {
    // Scrapers run elsewhere: what is measured is the endpoint, not their share of this machine.
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { return }
    let request = Array("GET /metrics HTTP/1.1\r\n\r\n".utf8)
    let ending = Array("logging_timeouts_total 0\n".utf8)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while isOver.count == 0 {
      guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return }
      var tail: [UInt8] = []
      while !tail.suffix(ending.count).elementsEqual(ending) {
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        tail = Array((tail + chunk[..<count]).suffix(ending.count))
      }
      scrapes.add()
    }
  }
}
