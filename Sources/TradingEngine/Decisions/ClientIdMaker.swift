import Trading

/// Names orders for the venue.
public protocol ClientIdMaker: EnginePart {
  /// An id of at most 32 characters; equal arguments give equal ids.
  ///
  /// - Parameter decision: the symbol's running number of decisions, from 1.
  func clientOrderId(symbol: Symbol, side: Side, decision: Int) -> String
}
