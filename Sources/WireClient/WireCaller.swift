public import Basics
public import ChaosRuntime
import Glibc
public import HTTP
import Synchronization

/// Calls of HTTP/1.1 over kept connections to one server, for live runs: every wait has a limit and ends when the run stops.
///
/// A call takes a connection that is kept, or opens one; so many callers may be at it at once. Nothing is sent twice, but for
/// a GET whose kept connection turned out to be closed.
public final class WireCaller: Sendable {
  /// Why a call has no answer.
  public enum Failure: Error, Equatable {
    /// Nothing of it left for the server.
    case notSent(String)
    /// The server may have it, and how the connection ended.
    case lost(String)
    /// The server may have it; its answer did not come in time.
    case deadline
  }

  /// Calls at once at most; more are not sent.
  private static let callsMax = 64
  /// Connections that wait for the next call.
  private static let keptMax = 8
  /// How soon the end of the run is noticed, in milliseconds.
  private static let slice: Int64 = 50
  private static let readMax = 65_536

  private struct State {
    var kept: [Int32] = []
    var calls = 0
    var isClosed = false
  }

  /// `HOST:PORT`, as the header field Host has it.
  public let host: String
  private let runtime: Runtime
  private let address: sockaddr_in
  private let state = Mutex(State())

  /// Looks the host up once; nothing is connected before the first call.
  ///
  /// - Throws: `EndpointError` for a host that the system does not know.
  public init(_ runtime: Runtime, _ endpoint: EndpointAddress) throws(EndpointError) {
    self.runtime = runtime
    host = endpoint.description
    address = try endpoint.resolved(for: "exchange")
  }

  deinit { for descriptor in state.withLock({ $0.kept }) { Glibc.close(descriptor) } }

  /// Closes what is kept; calls that are under way end by themselves.
  public func close() {
    let kept = state.withLock { state in
      defer { (state.kept, state.isClosed) = ([], true) }
      return state.kept
    }
    for descriptor in kept { Glibc.close(descriptor) }
  }

  /// One request and its answer, by `deadline`.
  public func call(
    _ request: HTTPRequest, until deadline: Instant
  ) throws(Stopped) -> Result<HTTPResponse, Failure> {
    guard runtime.now < deadline else { return .failure(.notSent("the deadline is over")) }
    let hasRoom = state.withLock { state in
      guard state.calls < Self.callsMax else { return false }
      state.calls += 1
      return true
    }
    guard hasRoom else { return .failure(.notSent("\(Self.callsMax) calls are under way")) }
    defer { state.withLock { $0.calls -= 1 } }
    if let kept = takeKept() {
      let (result, isUntouched) = try exchange(request, on: kept, until: deadline)
      // The server had closed it when the request came; a GET changes nothing and may be sent again (RFC 9110, 9.2.2).
      guard isUntouched, request.method == "GET", case .failure(.lost) = result else { return result }
    }
    switch try connect(until: deadline) {
    case .failure(let failure): return .failure(failure)
    case .success(let descriptor): return try exchange(request, on: descriptor, until: deadline).result
    }
  }

  /// Opens a WebSocket at a path by `deadline`: its socket, which is the caller's from here on, and the bytes that came with
  /// the answer. `key` is 16 bytes that were not used before.
  package func openWebSocket(
    _ path: String, key: [UInt8], until deadline: Instant
  ) throws(Stopped) -> Result<(descriptor: Int32, rest: [UInt8]), Failure> {
    let descriptor: Int32
    switch try connect(until: deadline) {
    case .failure(let failure): return .failure(failure)
    case .success(let connected): descriptor = connected
    }
    let request = WebSocketHandshake.request(path: path, host: host, key: key)
    var parser = HTTPResponseParser()
    let (result, _) = try answer(to: request, on: descriptor, &parser, until: deadline)
    let accept = WebSocketHandshake.accept(Base64.encode(key))
    guard case .success((let response, _)) = result, response.status == 101,
      response.fields["sec-websocket-accept"] == accept
    else {
      Glibc.close(descriptor)
      switch result {
      case .failure(let failure): return .failure(failure)
      case .success((let response, _)): return .failure(.lost("status \(response.status) in place of a WebSocket"))
      }
    }
    return .success((descriptor, Array(parser.takeRest())))
  }

  // MARK: One connection

  /// A kept connection that is still open; one that says something without being asked is none.
  private func takeKept() -> Int32? {
    while let descriptor = state.withLock({ $0.kept.popLast() }) {
      var byte: UInt8 = 0
      if recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0, errno == EAGAIN {
        return descriptor
      }
      Glibc.close(descriptor)
    }
    return nil
  }

  private func connect(until deadline: Instant) throws(Stopped) -> Result<Int32, Failure> {
    let descriptor = Socket.make(.stream)
    guard descriptor >= 0 else { return .failure(.notSent(Socket.errorText)) }
    if !Socket.connect(descriptor, address), errno != EINPROGRESS {
      defer { Glibc.close(descriptor) }
      return .failure(.notSent(Socket.errorText))
    }
    do throws(Stopped) {
      guard try wait(descriptor, POLLOUT, until: deadline) else {
        Glibc.close(descriptor)
        return .failure(.notSent("no connection by the deadline"))
      }
    } catch {
      Glibc.close(descriptor)
      throw error
    }
    var (problem, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length)
    guard problem == 0 else {
      Glibc.close(descriptor)
      return .failure(.notSent(String(cString: strerror(problem)).lowercased()))
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    return .success(descriptor)
  }

  /// The answer to a request; the connection is kept or closed. `isUntouched`: not a byte of an answer came.
  private func exchange(
    _ request: HTTPRequest, on descriptor: Int32, until deadline: Instant
  ) throws(Stopped) -> (result: Result<HTTPResponse, Failure>, isUntouched: Bool) {
    var parser = HTTPResponseParser()
    var isKept = false
    defer { if !isKept { Glibc.close(descriptor) } }
    let (result, isUntouched) = try answer(to: request, on: descriptor, &parser, until: deadline)
    switch result {
    case .failure(let failure): return (.failure(failure), isUntouched)
    case .success((let response, let endsAfter)):
      isKept =
        !endsAfter
        && state.withLock { state in
          guard !state.isClosed, state.kept.count < Self.keptMax else { return false }
          state.kept.append(descriptor)
          return true
        }
      return (.success(response), false)
    }
  }

  private func answer(
    to request: HTTPRequest, on descriptor: Int32, _ parser: inout HTTPResponseParser, until deadline: Instant
  ) throws(Stopped) -> (result: Result<(HTTPResponse, Bool), Failure>, isUntouched: Bool) {
    parser.expect(method: request.method)
    if let failure = try send(request.bytes, on: descriptor, until: deadline) { return (.failure(failure), true) }
    var buffer = [UInt8](repeating: 0, count: Self.readMax)
    var isUntouched = true
    while true {
      guard try wait(descriptor, POLLIN, until: deadline) else { return (.failure(.deadline), isUntouched) }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      var event: HTTPResponseParser.Event?
      if count > 0 {
        isUntouched = false
        parser.append(buffer[..<count])
        event = parser.next()
      } else {
        let reason = count < 0 ? Socket.errorText : "the connection was closed"
        event = count == 0 ? parser.end() : nil
        guard event != nil else { return (.failure(.lost(reason)), isUntouched) }
      }
      switch event {
      case nil: continue
      case .failure(let failure)?: return (.failure(.lost("\(failure)")), isUntouched)
      case .response(let response, let endsAfter)?: return (.success((response, endsAfter)), isUntouched)
      }
    }
  }

  private func send(
    _ bytes: [UInt8], on descriptor: Int32, until deadline: Instant
  ) throws(Stopped) -> Failure? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Socket.send(descriptor, rest)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        guard try wait(descriptor, POLLOUT, until: deadline) else { return .deadline }
      } else if errno != EINTR {
        return .lost(Socket.errorText)
      }
    }
    return nil
  }

  /// False: the deadline is over.
  private func wait(_ descriptor: Int32, _ events: Int32, until deadline: Instant) throws(Stopped) -> Bool {
    while true {
      if runtime.isStopping { throw .stopped }
      let left = (deadline - runtime.now).nanoseconds
      guard left > 0 else { return false }
      var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      // Of an interrupted wait or an error the next call on the socket tells.
      if poll(&wanted, 1, Int32(min(Self.slice, left / 1_000_000 + 1))) > 0 { return true }
    }
  }
}
