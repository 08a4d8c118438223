import Glibc

/// The few calls on sockets that are made here, none of which blocks.
package enum Socket {
  /// TCP or UDP.
  package enum Kind { case stream, datagram }

  /// A socket that never blocks, closed in children; -1 and errno when there is none.
  package static func make(_ kind: Kind) -> Int32 {
    let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    return descriptor
  }

  /// Gives the socket an address; false and errno when it cannot have it.
  package static func bind(_ descriptor: Int32, _ address: sockaddr_in) -> Bool {
    withAddress(address) { Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }

  /// Begins to connect; false and errno when it cannot be told at once that it worked.
  package static func connect(_ descriptor: Int32, _ address: sockaddr_in) -> Bool {
    withAddress(address) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }

  private static func withAddress(_ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
    withUnsafePointer(to: address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
  }

  /// Sends what fits now; -1 and errno when nothing does. Never blocks, never raises a signal.
  package static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  /// The next client, never blocking, closed in children; -1 and errno when there is none.
  package static func accept(_ listener: Int32) -> Int32 {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return -1 }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  /// What the system says about the last call.
  package static var errorText: String { String(cString: strerror(errno)).lowercased() }
}
