import Basics
import Trading

/// Books to look at.
extension Venue {
  /// The book of a symbol as a request at that time would meet it; nil for an unknown symbol.
  ///
  /// Resting client orders are left alone: `advance(to:)` lets them trade, and tells.
  package mutating func book(of symbol: Symbol, at time: Instant) -> OrderBook? {
    guard let market = market(of: symbol) else { return nil }
    if markets[market].restingCount == 0 {
      now = max(now, time)
      refresh(market)
    }
    return markets[market].book
  }
}
