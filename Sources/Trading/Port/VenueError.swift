/// A refusal by the venue.
public struct VenueError: Error, Sendable, Equatable {
  /// What the venue says is wrong; `failureClass` says what follows from it.
  public enum Kind: String, Sendable {
    /// The request is at fault: no funds, a value against the market's rules, an order or a symbol that the venue does not
    /// have, a client id it has seen, a market that takes no orders.
    case insufficientBalance, invalidOrder, unknownOrder, unknownSymbol, duplicateClientId, marketClosed
    /// Too many requests.
    case rateLimited
    /// The key is not good, or not for this.
    case unauthorized
    /// The request's time is too far from the venue's.
    case clock
    /// The request never left for the venue.
    case notSent
    /// The way to the venue failed, or its answer took too long.
    case network, timeout
    /// A code that the venue's table does not have; its HTTP status is all that is known.
    case other
  }

  /// The venue's number for it.
  public var code: Int
  /// The venue's words.
  public var text: String
  /// Status of the HTTP answer that carried the refusal, such as 400 or 429.
  public var httpStatus: Int
  /// How long the venue asks the client to make no call; nil: it does not say.
  public var retryAfter: Duration?
  /// What the refusal means for the client; follows from `code` by the venue's table.
  public var kind: Kind

  /// A refusal as given; `kind` is not derived here, because each venue has a table of its own.
  public init(code: Int, text: String, httpStatus: Int, kind: Kind, retryAfter: Duration? = nil) {
    self.code = code
    self.text = text
    self.httpStatus = httpStatus
    self.kind = kind
    self.retryAfter = retryAfter
  }

  /// The same refusal with a pause that the venue asks for.
  public func retry(after pause: Duration) -> VenueError {
    VenueError(code: code, text: text, httpStatus: httpStatus, kind: kind, retryAfter: pause)
  }
}

extension VenueError: CustomStringConvertible {
  /// `Kind:code:text`, as the engine's `exchange_error` field writes it.
  public var description: String {
    let name = kind.rawValue
    return "\(name.prefix(1).uppercased())\(name.dropFirst()):\(code):\(text)"
  }
}
