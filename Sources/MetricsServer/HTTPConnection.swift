import Basics
import Glibc

/// One client of the endpoint: what it asked so far, and what it has still to take.
struct HTTPConnection {
  let descriptor: Int32
  /// When the client has to be done with what it does now.
  var deadline: Instant
  private var input: [UInt8] = []
  private var output: ArraySlice<UInt8> = []
  private var endsAfterOutput = false
  private var hasServed = false

  /// For a request, and for its answer.
  static let requestLimit = Duration.seconds(5)
  /// Between two requests; longer than Prometheus' default interval of 60 s.
  static let idleLimit = Duration.seconds(75)

  init(descriptor: Int32, now: Instant) {
    self.descriptor = descriptor
    deadline = now + Self.requestLimit
  }

  var isWriting: Bool { !output.isEmpty }
  var isIdle: Bool { output.isEmpty && input.isEmpty }
  var events: Int16 { Int16(isWriting ? POLLOUT : POLLIN) }

  /// Goes on as far as it can without waiting; false: the connection is over.
  mutating func advance(at now: Instant, answer: (HTTPHead) -> HTTPAnswer) -> Bool {
    let wasIdle = isIdle
    guard isWriting ? write() : read() else { return false }
    if wasIdle, hasServed { deadline = now + Self.requestLimit }
    // One read holds a bounded number of requests; each is answered in full before the next.
    while output.isEmpty {
      if endsAfterOutput { return false }
      switch HTTPHead.parse(input) {
      case .incomplete:
        if input.isEmpty, hasServed { deadline = now + Self.idleLimit }
        return true
      case .malformed: refuse(.badRequest)
      case .tooLarge: refuse(.headTooLarge)
      case .head(let head, let length):
        input.removeFirst(length)
        hasServed = true
        let reply = answer(head)
        endsAfterOutput = !head.isPersistent || head.hasBody
        output = reply.bytes(isHead: head.method == "HEAD", endsAfter: endsAfterOutput)[...]
      }
      deadline = now + Self.requestLimit
      guard write() else { return false }
    }
    return true
  }

  private mutating func refuse(_ answer: HTTPAnswer) {
    input.removeAll()
    endsAfterOutput = true
    output = answer.bytes(isHead: false, endsAfter: true)[...]
  }

  private mutating func read() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 { return errno == EAGAIN || errno == EINTR }
    if count == 0 { return false }
    input.append(contentsOf: chunk[..<count])
    return true
  }

  private mutating func write() -> Bool {
    while !output.isEmpty {
      let count = Socket.send(descriptor, output)
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      output = output.dropFirst(count)
    }
    return true
  }
}

/// What the endpoint says.
struct HTTPAnswer {
  var status: String
  var contentType = "text/plain; charset=utf-8"
  var body: [UInt8]
  var extra = ""

  static let badRequest = HTTPAnswer(status: "400 Bad Request", body: Array("this is not an HTTP request\n".utf8))
  static let headTooLarge = HTTPAnswer(
    status: "431 Request Header Fields Too Large", body: Array("at most \(HTTPHead.bytesMax) bytes\n".utf8))
  static let notFound = HTTPAnswer(status: "404 Not Found", body: Array("there is only /metrics\n".utf8))
  static let wrongMethod = HTTPAnswer(
    status: "405 Method Not Allowed", body: Array("GET or HEAD\n".utf8), extra: "Allow: GET, HEAD\r\n")

  func bytes(isHead: Bool, endsAfter: Bool) -> [UInt8] {
    let head =
      "HTTP/1.1 \(status)\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n\(extra)"
      + (endsAfter ? "Connection: close\r\n\r\n" : "\r\n")
    return Array(head.utf8) + (isHead ? [] : body)
  }
}
