/// Requests out of the bytes of a connection, cut as they come (RFC 9112): a state machine without sockets.
public struct HTTPRequestParser: Sendable {
  /// What the bytes so far hold.
  public enum Event: Sendable, Equatable {
    /// A whole request.
    case request(HTTPRequest)
    /// A client waits for `100 Continue` before it sends the body.
    case continueExpected
    /// Nothing after this can be read.
    case failure(HTTPFailure)
  }

  /// What is being read.
  private enum State { case head, body(HTTPRequest, HTTPBodyReader), failed }

  private let limits: HTTPLimits
  private var input: [UInt8] = []
  private var at = 0
  private var seen = 0
  private var state = State.head

  /// A parser at the start of a connection.
  public init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

  /// Whether no request has begun.
  public var isIdle: Bool { if case .head = state { at == input.count } else { false } }

  /// Bytes that were taken and not yet made into requests.
  public var unreadCount: Int { input.count - at }

  /// Takes further bytes of the connection; `next()` says what they make.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    if case .failed = state { return }
    if at == input.count {
      input.removeAll(keepingCapacity: true)
      (at, seen) = (0, 0)
    } else if at > 65_536 {
      input.removeFirst(at)
      (at, seen) = (0, seen - at)
    }
    input.append(contentsOf: bytes)
  }

  /// The next event; nil: more bytes are needed. After a failure there is none.
  public mutating func next() -> Event? {
    do throws(HTTPFailure) {
      switch state {
      case .failed: return nil
      case .body(var request, var reader):
        guard try reader.read(input, &at) else {
          state = .body(request, reader)
          return nil
        }
        request.body = reader.bytes
        return done(request)
      case .head: return try head()
      }
    } catch {
      state = .failed
      input = []
      (at, seen) = (0, 0)
      return .failure(error)
    }
  }

  /// Bytes after the last request, for the protocol that follows an upgrade; nothing more is parsed.
  public mutating func takeRest() -> ArraySlice<UInt8> {
    defer {
      state = .failed
      input = []
      (at, seen) = (0, 0)
    }
    return input[at...]
  }

  private mutating func done(_ request: HTTPRequest) -> Event {
    state = .head
    seen = at
    return .request(request)
  }

  private mutating func head() throws(HTTPFailure) -> Event? {
    // Empty lines before a request are passed over (RFC 9112, section 2.2).
    while at < input.count, input[at] == 0x0A || input[at] == 0x0D && (at + 1 == input.count || input[at + 1] == 0x0A) {
      if input[at] == 0x0D, at + 1 == input.count { return nil }
      at += 1
    }
    guard let end = HTTPHeadReader.end(input, from: at, seen: &seen) else {
      if input.count - at >= limits.headBytesMax { throw .headTooLarge }
      return nil
    }
    guard end - at <= limits.headBytesMax else { throw .headTooLarge }
    let lines = HTTPHeadReader.lines(input[at..<end])
    at = end
    guard let first = lines.first else { throw .malformed("an empty head") }
    var request = try Self.requestLine(first)
    request.fields = try HTTPHeadReader.fields(lines.dropFirst(), limits)
    if request.isCurrent {
      request.isPersistent = !request.fields.has("connection", word: "close")
      let hosts = request.fields.list.count { $0.name == "host" }
      if hosts > 1 || hosts == 0 && limits.requiresHost { throw .malformed("a request needs one Host") }
    }
    return try body(request)
  }

  private mutating func body(_ request: HTTPRequest) throws(HTTPFailure) -> Event? {
    var request = request
    if limits.bodyBytesMax == 0 {
      let length = request.fields["content-length"]
      if request.fields["transfer-encoding"] != nil || length.map({ $0 != "0" }) ?? false {
        request.isPersistent = false
        state = .failed
        return .request(request)
      }
      return done(request)
    }
    guard var reader = try HTTPHeadReader.body(request.fields, limits) else { return done(request) }
    if let expectation = request.fields["expect"], request.isCurrent {
      guard expectation.lowercased() == "100-continue" else { throw .unknownExpectation }
      if at == input.count, !reader.isWhole {
        state = .body(request, reader)
        return .continueExpected
      }
    }
    guard try reader.read(input, &at) else {
      state = .body(request, reader)
      return nil
    }
    request.body = reader.bytes
    return done(request)
  }

  /// `METHOD TARGET HTTP/1.x` with a target in origin or absolute form, or `*` (RFC 9112, section 3.2).
  private static func requestLine(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> HTTPRequest {
    let words = line.parts(at: 0x20)
    guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw .malformed("this is not an HTTP request")
    }
    let isCurrent = words[2].elementsEqual("HTTP/1.1".utf8)
    guard isCurrent || words[2].elementsEqual("HTTP/1.0".utf8) else { throw .malformed("not HTTP/1.0 or HTTP/1.1") }
    guard words[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .malformed("the target is not plain ASCII") }
    var target = words[1]
    for scheme in ["http://", "https://"] where words[1].first != UInt8(ascii: "/") && target.starts(with: scheme.utf8)
    {
      target = target.dropFirst(scheme.utf8.count).drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
      if target.first != UInt8(ascii: "/") { target = [UInt8(ascii: "/")] + target }
    }
    guard target.first == UInt8(ascii: "/") || target.elementsEqual("*".utf8) else {
      throw .malformed("the target is no path")
    }
    let path = target.prefix { $0 != UInt8(ascii: "?") }
    return HTTPRequest(
      method: String(decoding: words[0], as: UTF8.self), path: String(decoding: path, as: UTF8.self),
      query: String(decoding: target.dropFirst(path.count + 1), as: UTF8.self), isPersistent: false,
      isCurrent: isCurrent)
  }
}
