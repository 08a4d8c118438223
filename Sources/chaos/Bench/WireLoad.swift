import Basics
import Glibc
import HTTP

/// Signed orders over kept connections, as fast as the answers come, or at a rate.
///
/// It shares the cores with the server it measures: requests are signed beforehand, and of an answer it reads the status and
/// where it ends.
struct WireLoad {
  let port: UInt16
  let key: String
  let secret: String
  let connections: Int

  private struct Line {
    var descriptor: Int32
    /// What has come of an answer.
    var answer: [UInt8] = []
    /// When the order that it waits for was due: nil: it waits for none.
    var dueAt: Double?
  }

  /// What a load came to.
  struct Result {
    /// Orders a second.
    var rate = 0.0
    /// Seconds from when each order was due to its answer: an order that has to wait for a connection is late from then on,
    /// so that an exchange that stands still is not asked less.
    var latencies: [Double] = []
    /// Seconds from when each order was due until it was sent, which are part of its latency.
    var waits: [Double] = []
  }

  /// Requests a second that are signed beforehand, where no rate is given.
  private static let expectedRate = 40_000.0
  /// Requests that are signed at a time.
  private static let batchMax = 200_000

  /// Sends orders for so long; without a rate each is due when a connection is free. Nil: somebody did not answer.
  func orders(seconds: Double, rate: Double?) -> Result? {
    let hmac = HMAC(key: Array(secret.utf8))
    var lines: [Line] = []
    defer { for line in lines { close(line.descriptor) } }
    for _ in 0..<connections {
      guard let descriptor = Self.connect(port) else { return nil }
      lines.append(Line(descriptor: descriptor))
    }
    var wanted = lines.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let expected = Int(min(Double(Self.batchMax), seconds * (rate ?? Self.expectedRate))) + connections
    var (requests, base) = (signed(0..<expected, hmac), 0)
    let start = WallClock.monotonic
    var (result, sent) = (Result(), 0)
    result.latencies.reserveCapacity(expected)
    result.waits.reserveCapacity(expected)
    var buffer = [UInt8](repeating: 0, count: 65_536)
    func send(_ index: Int) -> Bool {
      if sent - base == requests.count { (requests, base) = (signed(sent..<(sent + 1000), hmac), sent) }
      let now = WallClock.monotonic
      let due = rate.map { start + Double(sent) / $0 } ?? now
      lines[index].dueAt = due
      result.waits.append(now - due)
      sent += 1
      return Socket.send(lines[index].descriptor, requests[sent - 1 - base][...]) >= 0
    }
    while true {
      let now = WallClock.monotonic
      if now - start >= seconds { break }
      for index in lines.indices where lines[index].dueAt == nil {
        if let rate, Double(sent) >= (now - start) * rate { break }
        if !send(index) { return nil }
      }
      let isWaiting = lines.contains { $0.dueAt != nil }
      let ready = poll(&wanted, nfds_t(wanted.count), isWaiting && rate == nil ? 2000 : 0)
      if ready == 0, rate == nil { return nil }
      for index in lines.indices where wanted[index].revents != 0 {
        let count = recv(lines[index].descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        lines[index].answer.append(contentsOf: buffer[..<count])
        guard let length = Self.length(lines[index].answer) else { continue }
        guard lines[index].answer.starts(with: Self.good), lines[index].answer.count == length,
          let due = lines[index].dueAt
        else { return nil }
        lines[index].answer.removeAll(keepingCapacity: true)
        let now = WallClock.monotonic
        result.latencies.append(now - due)
        lines[index].dueAt = nil
        // The next one at once: the server has work while the other answers are read.
        if rate == nil, now - start < seconds, !send(index) { return nil }
      }
    }
    result.rate = Double(result.latencies.count) / (WallClock.monotonic - start)
    return result
  }

  private static let good = Array("HTTP/1.1 200 ".utf8)

  private static let lengthField = Array("\r\nContent-Length: ".utf8)
  private static let headEnd = Array("\r\n\r\n".utf8)

  /// Bytes of the whole answer; nil: not all of it has come.
  private static func length(_ answer: [UInt8]) -> Int? {
    guard let end = index(of: headEnd, in: answer), let field = index(of: lengthField, in: answer) else { return nil }
    var count = 0
    for digit in answer[(field + lengthField.count)...] {
      guard (0x30...0x39).contains(digit) else { break }
      count = count * 10 + Int(digit - 0x30)
    }
    let length = end + headEnd.count + count
    return answer.count >= length ? length : nil
  }

  private static func index(of word: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      word.withUnsafeBufferPointer { word in
        var at = 0
        while at + word.count <= bytes.count {
          var same = 0
          while same < word.count, bytes[at + same] == word[same] { same += 1 }
          if same == word.count { return at }
          at += 1
        }
        return nil
      }
    }
  }

  /// Market takers of a little, sales and purchases in turn, good for a minute.
  private func signed(_ numbers: Range<Int>, _ hmac: HMAC) -> [[UInt8]] {
    let time = WallClock.now.nanoseconds / 1_000_000
    return numbers.map { number in
      let side = number % 2 == 0 ? "BUY" : "SELL"
      let query =
        "symbol=BTCUSDT&side=\(side)&type=LIMIT&timeInForce=IOC&quantity=0.0001&price=\(side == "BUY" ? 200_000 : 50_000)"
        + "&newClientOrderId=b\(getpid())-\(number)-\(time)&newOrderRespType=RESULT&timestamp=\(time)&recvWindow=60000"
      let signature = Base64.hexadecimal(hmac.code(Array(query.utf8)[...]))
      return Array(
        "POST /api/v3/order?\(query)&signature=\(signature) HTTP/1.1\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: \(key)\r\nContent-Length: 0\r\n\r\n"
          .utf8)
    }
  }

  /// A connection that never blocks once it is there.
  static func connect(_ port: UInt16) -> Int32? {
    let descriptor = Socket.make(.stream)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    _ = Socket.connect(descriptor, address)
    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&wanted, 1, 5000) == 1, wanted.revents & Int16(POLLERR) == 0 else {
      close(descriptor)
      return nil
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    return descriptor
  }
}

/// Clients of `btcusdt@depth@100ms`, some of which never read.
struct WireStreams {
  let port: UInt16
  let clients: Int
  let deaf: Int

  /// How late each event was read, in seconds, by the time that stands in it.
  func lateness(seconds: Double) -> [Double] {
    var open: [(descriptor: Int32, reader: WebSocketReader)] = []
    var silent: [Int32] = []
    defer { for descriptor in open.map(\.descriptor) + silent { close(descriptor) } }
    for index in 0..<(clients + deaf) {
      guard let descriptor = WireLoad.connect(port) else { return [] }
      let request = WebSocketHandshake.request(
        path: "/ws/btcusdt@depth@100ms", host: "127.0.0.1", key: Array("0123456789abcdef".utf8))
      _ = Socket.send(descriptor, request.bytes[...])
      if index < deaf {
        silent.append(descriptor)
      } else {
        open.append((descriptor, WebSocketReader(from: .server)))
      }
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    // The answers to the handshakes come first, in one piece each.
    let handshakes = WallClock.monotonic + 10
    var upgraded = [Bool](repeating: false, count: open.count)
    while WallClock.monotonic < handshakes, upgraded.contains(false) {
      for index in open.indices where !upgraded[index] {
        let count = recv(open[index].descriptor, &buffer, buffer.count, 0)
        guard count > 0, let end = Self.headEnd(buffer[..<count]) else { continue }
        upgraded[index] = true
        open[index].reader.append(buffer[end..<count])
      }
      usleep(1000)
    }
    return read(&open, seconds, &buffer)
  }

  private func read(
    _ open: inout [(descriptor: Int32, reader: WebSocketReader)], _ seconds: Double, _ buffer: inout [UInt8]
  ) -> [Double] {
    var late: [Double] = []
    let start = WallClock.monotonic
    var wanted = open.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    while WallClock.monotonic - start < seconds {
      guard poll(&wanted, nfds_t(wanted.count), 200) > 0 else { continue }
      for index in open.indices where wanted[index].revents != 0 {
        let count = recv(open[index].descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { continue }
        let now = Double(WallClock.now.nanoseconds) / 1e9
        open[index].reader.append(buffer[..<count])
        while let event = open[index].reader.next() {
          guard case .text(let text) = event, let time = Self.eventTime(text) else { continue }
          // The first second belongs to connecting.
          if WallClock.monotonic - start > 1 { late.append(now - time) }
        }
      }
    }
    return late
  }

  private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    var index = bytes.startIndex
    while index + 3 < bytes.endIndex {
      if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index + 4 }
      index += 1
    }
    return nil
  }

  /// The number behind `"E":`, in seconds.
  private static func eventTime(_ text: [UInt8]) -> Double? {
    let word = Array("\"E\":".utf8)
    guard let at = text.indices.first(where: { text[$0...].starts(with: word) }) else { return nil }
    let digits = text[(at + word.count)...].prefix { (0x30...0x39).contains($0) }
    return Double(String(decoding: digits, as: UTF8.self)).map { $0 / 1000 }
  }
}
