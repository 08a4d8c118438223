import Glibc
import Testing

/// A TCP client of the tests' own on the loopback interface, with a limit on every wait.
final class Client: Sendable {
  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = Loopback.address(port)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0, "cannot connect to \(port)")
  }

  deinit { close(descriptor) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What comes until the other side ends or `isEnough` says so; nil on a time-out.
  func receive(until isEnough: (String) -> Bool = { _ in false }) -> String? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if isEnough(text) { return text }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 || count < 0 && errno == ECONNRESET { return text }
      // A read with a time limit is not restarted after a signal, and the watchdog's tests dump every thread.
      if count < 0, errno == EINTR { continue }
      if count < 0 { return nil }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}

enum Loopback {
  static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    return address
  }
}

/// A socket that listens on any free port of the loopback interface.
final class Listener: Sendable {
  let descriptor: Int32
  let port: UInt16

  init(_ type: __socket_type) throws {
    descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = Loopback.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = descriptor
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) | getsockname(socket, $0, &length)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    try #require(code == 0)
    if type == SOCK_STREAM { try #require(listen(descriptor, 16) == 0) }
  }

  deinit { close(descriptor) }

  /// One datagram; nil on a time-out.
  func datagram() -> String? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var count = recv(descriptor, &chunk, chunk.count, 0)
    while count < 0, errno == EINTR { count = recv(descriptor, &chunk, chunk.count, 0) }
    return count < 0 ? nil : String(decoding: chunk[..<count], as: UTF8.self)
  }

  /// Takes one connection, reads its request up to `ending`, answers and ends it; the request.
  func answer(_ text: String, ending: String) -> String {
    var client = accept(descriptor, nil, nil)
    while client < 0, errno == EINTR { client = accept(descriptor, nil, nil) }
    guard client >= 0 else { return "" }
    defer { close(client) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: bytes, as: UTF8.self).hasSuffix(ending) {
      let count = recv(client, &chunk, chunk.count, 0)
      if count <= 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    let answer = Array(text.utf8)
    _ = Glibc.send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
    return String(decoding: bytes, as: UTF8.self)
  }
}
