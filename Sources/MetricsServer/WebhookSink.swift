public import Basics
public import ChaosRuntime
import Glibc
import HTTP
public import Monitoring

/// Posts an alert as JSON to a server on this machine; every wait is bounded, and the target's path is never shown.
public struct WebhookSink: AlertSink {
  /// `webhook`.
  public let name = "webhook"
  private let address: EndpointAddress
  private let path: String

  /// For connecting, sending and the first line of the answer together.
  static let limit = Duration.seconds(3)

  /// `http://HOST[:PORT]/PATH` with a host of the loopback interface; `reason` says what else it is.
  ///
  /// - Throws: `AlertError` for another scheme, a host that is not this machine, a user name in it, or a path that is
  ///   not plain ASCII.
  public init(url: String) throws(AlertError) {
    guard url.hasPrefix("http://") else { throw AlertError(reason: "a webhook's address must begin with http://") }
    let rest = url.dropFirst("http://".count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    guard let address = EndpointAddress(authority.contains(":") ? String(authority) : "\(authority):80"),
      address.isLoopback, !authority.contains("@")
    else { throw AlertError(reason: "a webhook goes to this machine: http://127.0.0.1:PORT/PATH") }
    guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw AlertError(reason: "a webhook's path is plain ASCII without blanks")
    }
    self.address = address
    self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
  }

  /// Connects anew and posts the alert; anything but an answer of 2xx within 3 s is a failure.
  public func deliver(_ alert: Alert, _ runtime: Runtime) throws(Stopped) -> Result<Void, AlertError> {
    let descriptor = Socket.make(.stream)
    guard descriptor >= 0 else { return failure(Socket.errorText) }
    defer { close(descriptor) }
    let deadline = runtime.now + Self.limit
    let resolved: sockaddr_in
    do throws(EndpointError) { resolved = try address.resolved(for: name) } catch { return failure(error.reason) }
    if !Socket.connect(descriptor, resolved), errno != EINPROGRESS { return failure(Socket.errorText) }
    let body = alert.json.text
    var request = Array(
      "POST \(path) HTTP/1.1\r\nHost: \(address)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        .utf8)[...]
    while !request.isEmpty {
      guard try ready(descriptor, POLLOUT, deadline, runtime) else { return failure("no answer within 3 s") }
      let count = Socket.send(descriptor, request)
      if count < 0, errno != EAGAIN, errno != EINTR { return failure(Socket.errorText) }
      request = request.dropFirst(max(0, count))
    }
    return try answer(descriptor, deadline, runtime)
  }

  /// Reads the status of the answer, `HTTP/1.1 2xx`.
  private func answer(
    _ descriptor: Int32, _ deadline: Instant, _ runtime: Runtime
  ) throws(Stopped) -> Result<Void, AlertError> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64)
    while bytes.count < 12 {
      guard try ready(descriptor, POLLIN, deadline, runtime) else { return failure("no answer within 3 s") }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      if count <= 0 { return failure(count == 0 ? "the connection ended without an answer" : Socket.errorText) }
      bytes.append(contentsOf: chunk[..<count])
    }
    let status = String(decoding: bytes[..<12], as: UTF8.self)
    return status.hasPrefix("HTTP/1.") && status.dropFirst(9).hasPrefix("2")
      ? .success(()) : failure("it said '\(status)'")
  }

  private func ready(
    _ descriptor: Int32, _ event: Int32, _ deadline: Instant, _ runtime: Runtime
  ) throws(Stopped) -> Bool {
    while runtime.now < deadline {
      if runtime.isStopping { throw .stopped }
      var wanted = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      if poll(&wanted, 1, 100) > 0 { return true }
    }
    return false
  }

  private func failure(_ reason: String) -> Result<Void, AlertError> {
    .failure(AlertError(reason: "\(address): \(reason)"))
  }
}
