import Basics
import Trading

/// The market as the feed last saw it.
public struct MarketView: Sendable {
  /// Counts the polls that brought quotes.
  public var version = 0
  /// One per market, in the order of `Markets`; nil before its first quote.
  public var quotes: [Quote?]
  /// When the last poll that brought quotes ended.
  public var updatedAt: Instant?

  /// A view before the first poll.
  public init(marketCount: Int) {
    quotes = Array(repeating: nil, count: marketCount)
  }
}

/// Polls the venue's quotes, on the thread `market-data` that it starts.
public protocol MarketFeed: EnginePart {
  /// The last quotes; never waits for the venue.
  func view() -> MarketView
}
