import Glibc

/// Why a metrics endpoint does not work: what, where, and what to do.
public struct EndpointError: Error, Sendable, Equatable {
  /// `prometheus`, `statsd` or `webhook`.
  public var kind: String
  /// `HOST:PORT`.
  public var address: String
  /// What the system says.
  public var reason: String

  /// For people.
  public var text: String { "\(kind) \(address): \(reason)" }
}

/// An IPv4 address and a port.
public struct EndpointAddress: Sendable, Equatable, CustomStringConvertible {
  /// A dotted address or a name that the system can look up.
  public var host: String
  /// In host byte order; 0 asks a listener for any free port.
  public var port: UInt16

  /// An address as given; the host is looked up when it is used.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `[HOST:]PORT`; nil when the text is neither. `host` is taken where the text has none; nil: it needs one.
  public init?(_ text: String, host: String? = nil) {
    guard let colon = text.lastIndex(of: ":") else {
      guard let host, let port = UInt16(text), port > 0 else { return nil }
      self.init(host: host, port: port)
      return
    }
    guard colon != text.startIndex, let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
    let host = text[..<colon]
    guard !host.utf8.contains(UInt8(ascii: ":")) else { return nil }
    self.init(host: String(host), port: port)
  }

  /// `HOST:PORT`.
  public var description: String { "\(host):\(port)" }

  /// Whether only this machine can reach it: `localhost` or 127.0.0.0/8.
  public var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") && Self.numeric(host) != nil }

  private static func numeric(_ host: String) -> in_addr? {
    var address = in_addr()
    return inet_pton(AF_INET, host, &address) == 1 ? address : nil
  }

  /// The address as the system wants it; a name is looked up, which may wait for the network.
  func resolved(for kind: String) throws(EndpointError) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    if let numeric = Self.numeric(host == "localhost" ? "127.0.0.1" : host) {
      address.sin_addr = numeric
      return address
    }
    var hints = addrinfo()
    hints.ai_family = AF_INET
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &found)
    defer { if let found { freeaddrinfo(found) } }
    guard code == 0, let first = found?.pointee.ai_addr else {
      throw EndpointError(kind: kind, address: description, reason: String(cString: gai_strerror(code)))
    }
    address.sin_addr = first.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr }
    return address
  }
}

/// The few calls on sockets that the module makes.
enum Socket {
  enum Kind { case stream, datagram }

  /// A socket that never blocks, closed in children; -1 and errno when there is none.
  static func make(_ kind: Kind) -> Int32 {
    let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
    let descriptor = socket(AF_INET, Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    return descriptor
  }

  static func bind(_ descriptor: Int32, _ address: sockaddr_in) -> Bool {
    withAddress(address) { Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }

  static func connect(_ descriptor: Int32, _ address: sockaddr_in) -> Bool {
    withAddress(address) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }

  private static func withAddress(_ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
    withUnsafePointer(to: address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
  }

  /// Sends what fits now; -1 and errno when nothing does. Never blocks, never raises a signal.
  static func send(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  /// The next client, never blocking, closed in children; -1 and errno when there is none.
  static func accept(_ listener: Int32) -> Int32 {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return -1 }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return descriptor
  }

  static var errorText: String { String(cString: strerror(errno)).lowercased() }
}
