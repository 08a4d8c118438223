import Glibc

/// An address `http://HOST[:PORT][/PATH]`, looked up once.
public struct HeartbeatURL: Sendable {
  let text: String
  let host: String
  let path: String
  /// What connect(2) takes.
  let address: [UInt8]
  let family: Int32

  /// Why an address cannot be asked.
  public struct Refusal: Error {
    /// For people.
    public var text: String
  }

  /// Reads an address and looks its host up, which may wait for a name server.
  ///
  /// - Throws: `Refusal` where it is none, is not `http`, or its host is unknown.
  public init(_ text: String) throws(Refusal) {
    guard text.hasPrefix("http://") else {
      throw Refusal(text: "an address like http://127.0.0.1:8080/health is needed (https cannot be asked)")
    }
    let rest = text.dropFirst(7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    var host = String(authority)
    var port = "80"
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      host = String(authority[..<colon])
      port = String(authority[authority.index(after: colon)...])
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty, let number = UInt16(port), number > 0, !authority.contains("@"),
      !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
    else { throw Refusal(text: "host or port cannot be read; as in http://127.0.0.1:8080/health") }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, port, &hints, &found) == 0, let first = found else {
      throw Refusal(text: "the host '\(host)' is not known")
    }
    defer { freeaddrinfo(found) }
    address = Array(UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    family = first.pointee.ai_family
    self.text = text
    self.host = String(authority)
    self.path = path.isEmpty ? "/" : path.hasPrefix("?") ? "/\(path)" : String(path)
  }
}

/// Asks an address now and then; an answer of status 200 to 299 is a beat. Never waits.
final class URLProbe: Polled {
  private(set) var descriptor: Int32 = -1
  private let url: HeartbeatURL
  private let interval: UInt64
  private let onBeat: (UInt64) -> Void
  private var isSent = false
  private var answer: [UInt8] = []
  private var started: UInt64 = 0

  init(_ url: HeartbeatURL, every seconds: Double, onBeat: @escaping (UInt64) -> Void) {
    self.url = url
    interval = UInt64(seconds * 1e9)
    self.onBeat = onBeat
  }

  deinit { finish() }

  var events: Int16 { descriptor < 0 ? 0 : Int16(isSent ? POLLIN : POLLOUT) }

  /// Begins a question when it is time; gives up one that has no answer after two intervals.
  func tick(_ now: UInt64) {
    if descriptor >= 0, now > started &+ 2 * interval { finish() }
    guard descriptor < 0, started == 0 || now >= started &+ interval else { return }
    started = now
    isSent = false
    answer = []
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = socket(url.family, kind, 0)
    guard descriptor >= 0 else { return }
    let result = url.address.withUnsafeBytes { raw -> Int32 in
      guard let start = raw.baseAddress else { return -1 }
      return connect(descriptor, start.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
    }
    if result != 0, errno != EINPROGRESS { finish() }
  }

  func ready(_ now: UInt64) {
    if !isSent {
      let question = Array(
        "GET \(url.path) HTTP/1.1\r\nHost: \(url.host)\r\nUser-Agent: chaos-watch\r\nConnection: close\r\n\r\n".utf8)
      isSent = send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count
      if !isSent { finish() }
      return
    }
    var chunk = [UInt8](repeating: 0, count: 512)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return finish() }
    answer += chunk[..<count]
    guard answer.count >= 13 else { return }
    // RFC 9112, section 4: HTTP-version SP status-code.
    let line = String(decoding: answer.prefix(13), as: UTF8.self)
    if line.hasPrefix("HTTP/1."), line.dropFirst(9).hasPrefix("2") { onBeat(now) }
    finish()
  }

  private func finish() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }
}
