/// Answers out of the bytes of a connection, cut as they come, for a client (RFC 9112).
public struct HTTPResponseParser: Sendable {
  /// What the bytes so far hold.
  public enum Event: Sendable, Equatable {
    /// A whole answer; `endsAfter` says that the server closes the connection, or that nothing else ends the body.
    case response(HTTPResponse, endsAfter: Bool)
    /// Nothing after this can be read.
    case failure(HTTPFailure)
  }

  private enum State { case head, body(HTTPResponse, HTTPBodyReader, endsAfter: Bool), failed }

  private let limits: HTTPLimits
  private var input: [UInt8] = []
  private var at = 0
  private var seen = 0
  private var state = State.head
  /// Whether each answer that is still to come answers HEAD, oldest first.
  private var isHead: [Bool] = []

  /// A parser at the start of a connection.
  public init(limits: HTTPLimits = HTTPLimits(bodyBytesMax: 16 << 20)) { self.limits = limits }

  /// A request was sent: what it asks decides whether its answer has a body.
  public mutating func expect(method: String) { isHead.append(method == "HEAD") }

  /// Takes further bytes; `next()` says what they make.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    if at == input.count {
      input.removeAll(keepingCapacity: true)
      (at, seen) = (0, 0)
    }
    input.append(contentsOf: bytes)
  }

  /// The next event; nil: more bytes are needed. Interim answers (1xx) other than 101 are passed over.
  public mutating func next() -> Event? {
    do throws(HTTPFailure) {
      while true {
        switch state {
        case .failed: return nil
        case .body(var response, var reader, let endsAfter):
          guard try reader.read(input, &at) else {
            state = .body(response, reader, endsAfter: endsAfter)
            return nil
          }
          response.body = reader.bytes
          return done(response, endsAfter)
        case .head:
          guard let end = HTTPHeadReader.end(input, from: at, seen: &seen) else {
            if input.count - at >= limits.headBytesMax { throw .headTooLarge }
            return nil
          }
          guard end - at <= limits.headBytesMax else { throw .headTooLarge }
          if let event = try head(end) { return event }
        }
      }
    } catch {
      state = .failed
      return .failure(error)
    }
  }

  /// The connection has ended; the answer that this makes whole, or a failure when one was under way.
  public mutating func end() -> Event? {
    guard case .body(var response, var reader, _) = state, reader.end() else {
      if case .head = state, at == input.count { return nil }
      if case .failed = state { return nil }
      state = .failed
      return .failure(.malformed("the connection ended within an answer"))
    }
    response.body = reader.bytes
    return done(response, true)
  }

  /// Bytes after the last answer, for the protocol that follows an upgrade.
  public mutating func takeRest() -> ArraySlice<UInt8> {
    defer { state = .failed }
    return input[at...]
  }

  private mutating func done(_ response: HTTPResponse, _ endsAfter: Bool) -> Event {
    state = .head
    seen = at
    if !isHead.isEmpty { isHead.removeFirst() }
    return .response(response, endsAfter: endsAfter)
  }

  private mutating func head(_ end: Int) throws(HTTPFailure) -> Event? {
    let lines = HTTPHeadReader.lines(input[at..<end])
    at = end
    seen = at
    guard let first = lines.first, first.starts(with: "HTTP/1.".utf8) else { throw .malformed("no answer of HTTP/1.x") }
    let words = first.split(separator: 0x20, maxSplits: 2)
    guard words.count >= 2, words[1].count == 3, let status = Int(String(decoding: words[1], as: UTF8.self)) else {
      throw .malformed("a status that is no number")
    }
    var response = HTTPResponse(status)
    response.fields = try HTTPHeadReader.fields(lines.dropFirst(), limits)
    if status < 200, status != 101 { return nil }
    let isOld = words[0].elementsEqual("HTTP/1.0".utf8)
    let endsAfter = isOld || response.fields.has("connection", word: "close")
    if isHead.first == true || status == 101 || status == 204 || status == 304 { return done(response, endsAfter) }
    let reader = try HTTPHeadReader.body(response.fields, limits)
    state = .body(
      response, reader ?? HTTPBodyReader(.untilEnd, max: limits.bodyBytesMax), endsAfter: endsAfter || reader == nil)
    return nil
  }
}
