/// A refusal by the venue.
public struct VenueError: Error, Sendable, Equatable {
  /// What the client can conclude from a refusal.
  public enum Kind: String, Sendable {
    /// The request is at fault and will be refused again as it stands: no funds, a value against the market's rules, an
    /// order or a symbol that the venue does not have, a client id it has seen, a market that takes no orders.
    case insufficientBalance, invalidOrder, unknownOrder, unknownSymbol, rateLimited, duplicateClientId, marketClosed
    /// The request may have been good: the way to the venue failed, its answer took too long, or it says something
    /// else.
    case network, timeout, other
  }

  /// The venue's number for it.
  public var code: Int
  /// The venue's words.
  public var text: String
  /// Status of the HTTP answer that carried the refusal, such as 400 or 429.
  public var httpStatus: Int
  /// What the refusal means for the client; follows from `code` by the venue's table.
  public var kind: Kind

  /// A refusal as given; `kind` is not derived here, because each venue has a table of its own.
  public init(code: Int, text: String, httpStatus: Int, kind: Kind) {
    self.code = code
    self.text = text
    self.httpStatus = httpStatus
    self.kind = kind
  }

  /// Whether the same request can only be refused again.
  public var isPermanent: Bool {
    switch kind {
    case .rateLimited, .network, .timeout, .other: false
    case .insufficientBalance, .invalidOrder, .unknownOrder, .unknownSymbol, .duplicateClientId, .marketClosed: true
    }
  }
}

extension VenueError: CustomStringConvertible {
  /// `Kind:code:text`, as the engine's `exchange_error` field writes it.
  public var description: String {
    let name = kind.rawValue
    return "\(name.prefix(1).uppercased())\(name.dropFirst()):\(code):\(text)"
  }
}
