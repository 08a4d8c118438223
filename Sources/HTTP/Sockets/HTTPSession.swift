public import Basics

/// A connection that speaks HTTP/1.1: one request after the other, each answered in full before the next is looked at, so
/// that pipelined requests get their answers in order and who does not read is not served further.
public final class HTTPSession: SocketSession {
  /// How long a client has for a request and for taking the answer, and how long it may be silent between two.
  public struct Times: Sendable {
    /// For a request, and for its answer.
    public var request = Duration.seconds(5)
    /// Between two requests.
    public var idle = Duration.seconds(75)

    /// As given; 75 s is longer than Prometheus' default interval.
    public init(request: Duration = .seconds(5), idle: Duration = .seconds(75)) {
      (self.request, self.idle) = (request, idle)
    }
  }

  /// The connection, to send on when an answer comes later.
  public let connection: SocketConnection
  /// Set to make another protocol of the connection: it gets the bytes from then on.
  public var successor: (any SocketSession)?
  private var parser: HTTPRequestParser
  private let times: Times
  private let answer: (HTTPRequest, HTTPSession, Instant) -> HTTPResponse?
  private var hasServed = false
  private var isWaiting = false
  private var isHead = false
  private var isLast = false

  /// Whether bytes were no request; the first such is the connection's last.
  public private(set) var failure: HTTPFailure?

  /// A session at the start of a connection. `answer` returns nil when it answers later, with `respond`.
  public init(
    _ connection: SocketConnection, limits: HTTPLimits, times: Times = Times(), at now: Instant,
    answer: @escaping (HTTPRequest, HTTPSession, Instant) -> HTTPResponse?
  ) {
    self.connection = connection
    self.times = times
    self.answer = answer
    parser = HTTPRequestParser(limits: limits)
    connection.deadline = now + times.request
  }

  /// Whether no request is under way.
  public var isIdle: Bool { successor?.isIdle ?? (!isWaiting && parser.isIdle && connection.pendingBytes == 0) }

  /// Reads requests, and answers them.
  public func receive(_ bytes: ArraySlice<UInt8>, at now: Instant) {
    if let successor { return successor.receive(bytes, at: now) }
    if parser.isIdle, !isWaiting { connection.deadline = now + times.request }
    parser.append(bytes)
    go(now)
    // Who sends on while his answers wait, or are not read, is not remembered without end.
    if parser.unreadCount > Self.unreadMax { connection.close() }
  }

  /// Goes on with requests that wait.
  public func drained(at now: Instant) {
    if let successor { return successor.drained(at: now) }
    go(now)
  }

  /// Tells the protocol that follows.
  public func ended(_ reason: SocketConnection.End, at now: Instant) { successor?.ended(reason, at: now) }

  /// Answers the request that `answer` returned nil for.
  public func respond(_ response: HTTPResponse, at now: Instant) {
    respond(bytes: response.bytes(isHead: isHead, endsAfter: isLast), at: now)
  }

  /// Answers with bytes as they are, which may be no proper answer; `isLast` ends the connection after them.
  public func respond(bytes: [UInt8], isLast ends: Bool = false, at now: Instant) {
    guard isWaiting else { return }
    isWaiting = false
    hasServed = true
    connection.deadline = now + times.request
    connection.send(bytes)
    if isLast || ends { connection.finish() } else { go(now) }
  }

  /// Whether the request that is under way asks with HEAD.
  public var asksForHead: Bool { isHead }
  /// Whether the connection ends after the answer that is under way.
  public var endsAfter: Bool { isLast }

  /// Bytes that came behind the request, for the protocol that follows.
  public func takeRest() -> ArraySlice<UInt8> { parser.takeRest() }

  /// Bytes of requests that wait for the answer of an earlier one.
  private static let unreadMax = 262_144
  /// Answers that may wait to be sent before the next request is looked at.
  private static let pipelineBytes = 65_536
  private var isGoing = false

  private func go(_ now: Instant) {
    // An answer that is given at once comes back here.
    guard !isGoing else { return }
    isGoing = true
    defer { isGoing = false }
    while !isWaiting, !isLast, successor == nil, connection.pendingBytes < Self.pipelineBytes {
      guard let event = parser.next() else {
        if parser.isIdle, hasServed, connection.pendingBytes == 0 { connection.deadline = now + times.idle }
        return
      }
      switch event {
      case .continueExpected: connection.send(HTTPResponse(100).bytes())
      case .failure(let failure):
        self.failure = failure
        isLast = true
        connection.send(HTTPResponse.failure(failure).bytes(endsAfter: true))
        connection.finish()
      case .request(let request):
        (isWaiting, isHead, isLast) = (true, request.method == "HEAD", !request.isPersistent)
        // Its answer may come much later than its request.
        connection.deadline = nil
        if let response = answer(request, self, now) { respond(response, at: now) }
      }
    }
  }
}
