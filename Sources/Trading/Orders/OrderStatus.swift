/// Where an order stands; the raw value is how venues and `exchange.jsonl` write it.
public enum OrderStatus: String, Sendable, Hashable {
  /// Taken by the venue, nothing filled yet.
  case new = "NEW"
  /// Open, with a part filled.
  case partiallyFilled = "PARTIALLY_FILLED"
  /// Filled whole: the usual end.
  case filled = "FILLED"
  /// Canceled with nothing filled.
  case canceled = "CANCELED"
  /// Canceled with a part filled.
  case partiallyCanceled = "PARTIALLY_CANCELED"
  /// Refused by the venue; nothing was filled and nothing can be.
  case rejected = "REJECTED"
  /// Ended by the venue: the unfilled rest of an IOC, FOK or market order.
  case expired = "EXPIRED"
  /// Ended by the venue because it would have traded with an order of its own account.
  case expiredInMatch = "EXPIRED_IN_MATCH"
  /// A status that no document has: it says nothing.
  case unknown = "UNKNOWN"

  /// Whether nothing can happen to the order any more.
  @inlinable public var isTerminal: Bool { self != .new && self != .partiallyFilled && self != .unknown }
}
