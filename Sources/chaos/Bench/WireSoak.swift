import Basics
import ChaosRuntime
import Glibc
import HTTP

/// `chaos bench wire --soak S`: clients that order, cancel, ask, stream, read slowly and vanish, for so long, under faults of the
/// wire and of the venue, while the exchange's memory and descriptors are watched.
///
/// What it remembers of orders is bounded and full before it begins, what it remembers of their names fills while faults are armed:
/// from half of the time on neither memory nor descriptors grow.
struct WireSoak {
  let port: UInt16
  let key: String
  let secret: String
  /// Of the exchange.
  let process: pid_t

  /// What the exchange holds at a time.
  struct Sample {
    /// Seconds since the start.
    var time: Double
    /// Resident bytes.
    var memory: Int
    var descriptors: Int
  }

  /// What came out of it.
  struct Result {
    /// Before the load, once a minute, and half a second after the load.
    var samples: [Sample] = []
    /// After half of the time.
    var middle: Sample?
    /// Orders that reached the venue, firings of the faults, and rounds of the load that a fault ended.
    var orders = 0
    var firings = 0
    var broken = 0
    /// Whether the venue's books add up, by control.
    var isConserved = false
  }

  private static let faults = [
    "wire.request[method=POST]=1%replace(wire=reset-after)->1%replace(wire=truncated)->1%replace(wire=stall)",
    "wire.request[method=GET]=2%replace(wire=html-502)->2%replace(wire=dribble)->2%replace(wire=wrong-length)",
    "wire.request[method=DELETE]=5%replace(wire=reset-before)->5%sleep(300ms)->2%hang->2%drop",
    "wire.frame=1%replace(wire=cut)", "wire.frame=1%replace(wire=reorder)->1%dup->1%drop", "wire.subscribe=10%drop",
    "exchange.place_order=2%return(-1001)->1%return(timeout)", "exchange.cancel_order=2%return(lost)->2%sleep(200ms)",
    "exchange.user_stream.execution_report=2%drop->2%dup->2%sleep(200ms)",
  ]
  /// Orders before the start: more than the exchange remembers.
  private static let ordersBefore = 30_000
  /// Samples are a minute apart.
  private static let interval = 60.0
  /// Of resting orders, far from the market.
  private static let price = 60_000

  func run(seconds: Double) -> Result? {
    var result = Result()
    while orderCount < Self.ordersBefore {
      let load = WireLoad(port: port, key: key, secret: secret, connections: 8)
      guard load.orders(seconds: 1, rate: nil) != nil else { return nil }
    }
    // Clients of an earlier measurement are gone by then.
    sleep(3)
    let start = WallClock.monotonic
    func sample() -> Sample {
      Sample(
        time: WallClock.monotonic - start, memory: WireBench.residentBytes(process),
        descriptors: Files.names(in: "/proc/\(process)/fd").count)
    }
    result.samples.append(sample())
    guard ask("PUT", "/chaos/v1/faults", body: faultsBody)?.contains("\"armed\":true") == true else { return nil }
    let before = orderCount
    var round = 0
    while WallClock.monotonic - start < seconds {
      round += 1
      let load = WireLoad(port: port, key: key, secret: secret, connections: 4)
      // A connection that a fault resets ends its round.
      if load.orders(seconds: 0.5, rate: 400) == nil { result.broken += 1 }
      _ = WireStreams(port: port, clients: 8, deaf: 2).lateness(seconds: 0.2)
      trade(round)
      mumble(round)
      let time = WallClock.monotonic - start
      if result.middle == nil, time >= seconds / 2 { result.middle = sample() }
      if time >= Self.interval * Double(result.samples.count) { result.samples.append(sample()) }
    }
    result.firings = firingCount
    _ = ask("POST", "/chaos/v1/heal", body: "{}")
    result.orders = orderCount - before
    // What was reset or dropped is closed by the next turn.
    usleep(500_000)
    result.samples.append(sample())
    result.isConserved = ask("GET", "/chaos/v1/verdict", body: "")?.contains("\"outcome\":\"pass\"") ?? false
    return result
  }

  /// Orders that have reached the venue, as control's state has them.
  private var orderCount: Int { state?["orders"]?.int ?? 0 }

  private var firingCount: Int { state?["faults"]?["fired"]?.int ?? 0 }

  private var state: JSON? { json(ask("GET", "/chaos/v1/state", body: "")) }

  private var faultsBody: String {
    JSON.object([("faults", .array(Self.faults.map { .string($0) }))]).text
  }

  /// A user stream, an order that rests and is asked for, and its end, each over a connection of its own. Every third client
  /// reads nothing of its stream, and every other one goes without a word.
  private func trade(_ round: Int) {
    let listenKey = json(ask("POST", "/api/v3/userDataStream", wait: 0.3))?["listenKey"]?.string
    let stream = listenKey.flatMap { _ in WireLoad.connect(port) }
    if let stream, let listenKey {
      let request = WebSocketHandshake.request(
        path: "/ws/\(listenKey)", host: "127.0.0.1", key: Array("0123456789abcdef".utf8))
      _ = Socket.send(stream, request.bytes[...])
    }
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=\(Self.price)"
    _ = signed("POST", "/api/v3/order", "\(order)&newClientOrderId=s\(round)")
    for (path, query) in [
      ("order", "symbol=BTCUSDT&origClientOrderId=s\(round)"), ("openOrders", "symbol=BTCUSDT"),
      ("myTrades", "symbol=BTCUSDT&limit=50"), ("account", "omitZeroBalances=true"),
    ] {
      _ = signed("GET", "/api/v3/\(path)", query)
    }
    for path in ["depth?symbol=BTCUSDT&limit=20", "klines?symbol=BTCUSDT&interval=1m&limit=20", "ticker/bookTicker"] {
      _ = ask("GET", "/api/v3/\(path)", wait: 0.3)
    }
    _ = signed("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=s\(round)")
    // What a fault kept open.
    if round % 20 == 0 { _ = signed("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT") }
    guard let stream else { return }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    if round % 3 != 0 { while recv(stream, &chunk, chunk.count, 0) > 0 {} }
    if round % 2 == 0 { _ = Socket.send(stream, WebSocketFrame.close(1000, mask: 1)[...]) }
    close(stream)
    if let listenKey { _ = ask("DELETE", "/api/v3/userDataStream?listenKey=\(listenKey)", wait: 0.3) }
  }

  private func signed(_ method: String, _ path: String, _ query: String) -> String? {
    let text = "\(query)&timestamp=\(WallClock.now.nanoseconds / 1_000_000)"
    let signature = Base64.hexadecimal(HMAC(key: Array(secret.utf8)).code(Array(text.utf8)[...]))
    return ask(method, "\(path)?\(text)&signature=\(signature)", wait: 0.3)
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

  private func json(_ answer: String?) -> JSON? {
    guard let answer, let start = answer.firstRange(of: "\r\n\r\n") else { return nil }
    return try? JSON.parse(Array(answer[start.upperBound...].utf8))
  }

  /// The text of an answer; nil: there was none within that many seconds.
  private func ask(_ method: String, _ path: String, body: String = "", wait: Double = 1) -> String? {
    guard let descriptor = WireLoad.connect(port) else { return nil }
    defer { close(descriptor) }
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: \(key)\r\nConnection: close\r\n"
    _ = Socket.send(descriptor, Array("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)[...])
    var (text, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
    let limit = WallClock.monotonic + wait
    while WallClock.monotonic < limit {
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wanted, 1, 100) > 0 else { continue }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
    return nil
  }
}
