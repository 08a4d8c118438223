import Glibc

/// A port that is listened on.
public final class Listener {
  /// As asked for; `port` says what it got.
  public let address: EndpointAddress
  let descriptor: Int32

  /// Binds and listens at once, so that a port in use is reported before anything runs.
  ///
  /// - Throws: `EndpointError` of that kind when the host is unknown or the port cannot be had.
  public init(at address: EndpointAddress, kind: String, backlog: Int = 128) throws(EndpointError) {
    self.address = address
    let resolved = try address.resolved(for: kind)
    let made = Socket.make(.stream)
    var reuse: Int32 = 1
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    guard made >= 0, Socket.bind(made, resolved), listen(made, Int32(backlog)) == 0 else {
      let reason = Socket.errorText
      if made >= 0 { close(made) }
      throw EndpointError(kind: kind, address: address.description, reason: reason)
    }
    descriptor = made
  }

  deinit { close(descriptor) }

  /// The port it listens on; differs from the address when that asks for port 0, any free one.
  public var port: UInt16 {
    var bound = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &bound) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return UInt16(bigEndian: bound.sin_port)
  }
}
