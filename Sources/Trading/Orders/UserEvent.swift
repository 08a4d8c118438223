/// What the user stream reports about the account's own orders.
///
/// Indirect: an event passes through several hands, and its reports are large.
public indirect enum UserEvent: Sendable {
  /// The order is in the book or about to trade.
  case accepted(OrderReport)
  /// One trade, and the order after it.
  case trade(Fill, OrderReport)
  /// The order ended before it was filled: canceled by the client or expired by the venue.
  case canceled(OrderReport)
  /// The venue refused the order.
  case rejected(OrderReport, VenueError)
  /// The balances that changed.
  case balance([Balance])
  /// What the stream says of itself.
  case stream(StreamNews)
}

/// What a user stream says of itself.
public enum StreamNews: Sendable, Equatable {
  /// The connection is gone, and why; until it is opened again nothing is told.
  case lost(String)
  /// A message came that cannot be read.
  case unreadable
}
