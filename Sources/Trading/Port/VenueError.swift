/// A refusal by the venue.
public struct VenueError: Error, Sendable, Equatable {
  /// What the client can conclude from a refusal.
  public enum Kind: String, Sendable {
    case insufficientBalance, invalidOrder, unknownOrder, unknownSymbol, rateLimited, duplicateClientId, marketClosed
    case network, timeout, other
  }

  /// The venue's number for it.
  public var code: Int
  /// The venue's words.
  public var text: String
  public var httpStatus: Int
  public var kind: Kind

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
