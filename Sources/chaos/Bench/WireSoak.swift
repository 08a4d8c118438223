import Basics
import ChaosRuntime
import Glibc
import HTTP

/// `chaos bench wire --soak S`: orders, questions, streams and broken clients for so long, under faults of the wire, while the
/// exchange's memory and descriptors are watched: what they have after a fifth of the time they may have at the end.
struct WireSoak {
  let port: UInt16
  let key: String
  let secret: String
  /// Of the exchange.
  let process: pid_t

  /// What came out of it.
  struct Result {
    /// Resident bytes and open descriptors after a fifth of the time, and at the end.
    var memory: (early: Int, late: Int)
    var descriptors: (early: Int, late: Int)
    /// Orders that reached the venue, and rounds of the load that a fault ended.
    var orders = 0
    var broken = 0
    /// Whether the venue's books add up, by control.
    var isConserved = false
  }

  private static let faults = [
    "wire.request[method=POST]=2%replace(wire=reset-after)->2%replace(wire=truncated)",
    "wire.request[method=GET]=2%replace(wire=html-502)", "wire.frame=1%replace(wire=cut)",
    "exchange.place_order=2%return(-1001)",
  ]

  func run(seconds: Double) -> Result? {
    guard ask("PUT", "/chaos/v1/faults", body: faultsBody) != nil else { return nil }
    var result = Result(memory: (0, 0), descriptors: (0, 0))
    let before = orderCount
    let start = WallClock.monotonic
    var round = 0
    while WallClock.monotonic - start < seconds {
      round += 1
      let load = WireLoad(port: port, key: key, secret: secret, connections: 4)
      // A connection that a fault resets ends its round.
      if load.orders(seconds: 0.5, rate: 500) == nil { result.broken += 1 }
      _ = WireStreams(port: port, clients: 8, deaf: 2).lateness(seconds: 0.2)
      mumble(round)
      if result.memory.early == 0, WallClock.monotonic - start >= seconds / 5 {
        (result.memory.early, result.descriptors.early) = (memory, descriptors)
      }
    }
    _ = ask("POST", "/chaos/v1/heal", body: "{}")
    result.orders = orderCount - before
    // What was reset or dropped is closed by the next turn.
    usleep(500_000)
    (result.memory.late, result.descriptors.late) = (memory, descriptors)
    result.isConserved = ask("GET", "/chaos/v1/verdict", body: "")?.contains("\"outcome\":\"pass\"") ?? false
    return result
  }

  /// Orders that have reached the venue, as control's state has them.
  private var orderCount: Int {
    guard let text = ask("GET", "/chaos/v1/state", body: ""), let start = text.firstRange(of: "\r\n\r\n"),
      let state = try? JSON.parse(Array(text[start.upperBound...].utf8))
    else { return 0 }
    return state["orders"]?.int ?? 0
  }

  private var faultsBody: String {
    JSON.object([("faults", .array(Self.faults.map { .string($0) }))]).text
  }

  /// Connects, says half of something, and goes.
  private func mumble(_ round: Int) {
    let texts = [
      "GET /api/v3/ti", "POST /api/v3/order HTTP/1.1\r\nContent-Length: 99\r\n\r\nab", "\u{0}\u{1}\u{2}\r\n\r\n",
    ]
    guard let descriptor = WireLoad.connect(port) else { return }
    _ = Socket.send(descriptor, Array(texts[round % texts.count].utf8)[...])
    close(descriptor)
  }

  /// The text of an answer of control; nil: there was none within a second.
  private func ask(_ method: String, _ path: String, body: String) -> String? {
    guard let descriptor = WireLoad.connect(port) else { return nil }
    defer { close(descriptor) }
    let request =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    _ = Socket.send(descriptor, Array(request.utf8)[...])
    var (text, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
    let limit = WallClock.monotonic + 1
    while WallClock.monotonic < limit {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, 100) > 0 else { continue }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
    return nil
  }

  private var memory: Int { WireBench.residentBytes(process) }
  private var descriptors: Int { Files.names(in: "/proc/\(process)/fd").count }
}
