/// Where an order stands; the raw value is how venues and `exchange.jsonl` write it.
public enum OrderStatus: String, Sendable, Hashable {
  case new = "NEW"
  case partiallyFilled = "PARTIALLY_FILLED"
  case filled = "FILLED"
  /// Canceled with nothing filled.
  case canceled = "CANCELED"
  /// Canceled with a part filled.
  case partiallyCanceled = "PARTIALLY_CANCELED"
  case rejected = "REJECTED"
  /// Ended by the venue: the unfilled rest of an IOC, FOK or market order.
  case expired = "EXPIRED"

  /// Whether nothing can happen to the order any more.
  @inlinable public var isTerminal: Bool { self != .new && self != .partiallyFilled }
}
