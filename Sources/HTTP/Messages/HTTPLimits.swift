/// How much of a message is read, and how strictly.
public struct HTTPLimits: Sendable, Equatable {
  /// Bytes of a request or answer before its body.
  public var headBytesMax: Int
  /// Fields of a head.
  public var fieldsMax: Int
  /// Bytes of a body; 0 reads none: who sends one is answered, and nothing is read after it.
  public var bodyBytesMax: Int
  /// Whether a request of HTTP/1.1 without a Host is refused, as RFC 9112 section 3.2 asks.
  public var requiresHost: Bool

  /// Limits as given; by default what an exchange needs.
  public init(
    headBytesMax: Int = 16_384, fieldsMax: Int = 100, bodyBytesMax: Int = 65_536, requiresHost: Bool = true
  ) {
    self.headBytesMax = headBytesMax
    self.fieldsMax = fieldsMax
    self.bodyBytesMax = bodyBytesMax
    self.requiresHost = requiresHost
  }
}

/// Why bytes are no message; the connection cannot go on after it.
public enum HTTPFailure: Error, Sendable, Equatable {
  /// The bytes are no message of HTTP/1.x; the text says what is wrong.
  case malformed(String)
  /// The head is longer than the limit, or has too many fields.
  case headTooLarge
  /// The body is longer than the limit.
  case bodyTooLarge
  /// A transfer coding that is not read here.
  case unknownCoding
  /// An expectation that is not met here.
  case unknownExpectation

  /// What to answer.
  public var status: Int {
    switch self {
    case .malformed: 400
    case .headTooLarge: 431
    case .bodyTooLarge: 413
    case .unknownCoding: 501
    case .unknownExpectation: 417
    }
  }
}
