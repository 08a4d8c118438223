/// What the user stream reports about the account's own orders.
///
/// Indirect where it is large: an event passes through several hands.
public enum UserEvent: Sendable {
  /// The order is in the book or about to trade.
  indirect case accepted(OrderReport)
  /// One trade, and the order after it.
  indirect case trade(Fill, OrderReport)
  /// The order ended before it was filled: canceled by the client or expired by the venue.
  indirect case canceled(OrderReport)
  /// The venue refused the order.
  indirect case rejected(OrderReport, VenueError)
  /// The balances that changed.
  case balance([Balance])
  /// What the stream says of itself.
  indirect case stream(StreamNews)
}

/// What a user stream says of itself.
public enum StreamNews: Sendable, Equatable {
  /// The connection is gone, and why; until it is opened again nothing is told.
  case lost(String)
  /// A message came that cannot be read.
  case unreadable
}
