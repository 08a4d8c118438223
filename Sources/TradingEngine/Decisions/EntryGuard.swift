import Basics
import Trading

/// What a guard says of an entry.
public enum Admission: Sendable, Equatable {
  /// Nothing speaks against the entry.
  case admitted
  /// The guard's name and its reason, as GUARD_BLOCK has them.
  case blocked(guardName: String, reason: String)
}

/// What the engine holds and what it has in flight, read once per cycle.
public struct EntryRequest: Sendable {
  /// Index of the symbol in `Markets`.
  public var market: Int
  /// The quote that gave the signal.
  public var quote: Quote
  /// Quote asset that the entry would take.
  public var amount: Decimal
  /// Positions and budget at the beginning of the cycle.
  public var overview: StateOverview

  /// A request as given.
  public init(market: Int, quote: Quote, amount: Decimal, overview: StateOverview) {
    self.market = market
    self.quote = quote
    self.amount = amount
    self.overview = overview
  }
}

/// Decides whether a signal may become an order: spread, duplicates, cooldown, exposure.
public protocol EntryGuard: EnginePart {
  /// Looks at the limits in a fixed order and names the first that blocks; `pending` are the intents whose orders are
  /// open.
  func admit(_ request: EntryRequest, pending: [PendingIntent]) throws(Stopped) -> Admission

  /// Keeps the symbol out of the market until `time`, and logs COOLDOWN_SET.
  func coolDown(market: Int, until time: Instant) throws(Stopped)
}
