import Glibc

/// Why an address cannot be used: what, where, and what to do.
public struct EndpointError: Error, Sendable, Equatable {
  /// What was to be there, such as `prometheus` or `exchange`.
  public var kind: String
  /// `HOST:PORT`.
  public var address: String
  /// What the system says.
  public var reason: String

  /// An error as given.
  public init(kind: String, address: String, reason: String) {
    self.kind = kind
    self.address = address
    self.reason = reason
  }

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
  ///
  /// - Throws: `EndpointError` of that kind when the system knows no such name.
  package func resolved(for kind: String) throws(EndpointError) -> sockaddr_in {
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
