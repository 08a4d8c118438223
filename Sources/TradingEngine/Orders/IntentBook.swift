import Basics
import Trading

/// Why an intent is pending no more; the raw value is how logs write it.
public enum ClearReason: String, Sendable {
  /// The order was filled completely.
  case orderFilled = "order_filled"
  /// The order failed, or ended with a part filled.
  case orderFailed = "order_failed"
  /// It was pending beyond INTENT_STALE_THRESHOLD_S, and nobody had an end for it.
  case stale
  /// The venue told nothing of the order for too long; it may live.
  case lost
  /// The engine ended first.
  case shutdown
}

/// What a report about an order changed.
public struct OrderAdvance: Sendable {
  /// The intent after the report.
  public var pending: PendingIntent
  /// Base asset filled since the last report.
  public var quantity: Decimal
  /// Quote asset of it, before fees.
  public var quote: Decimal
  /// Fees of it in the quote asset; negative when an earlier estimate was too high.
  public var feeQuote: Decimal
  /// Fees of it in the base asset.
  public var feeBase: Decimal
  /// Whether the report was the first that named the venue's order id.
  public var isFirstNews: Bool
  /// Whether there is anything to book; the caller says `booked` when it has.
  public var isBooking: Bool { quantity.isPositive || !feeQuote.isZero || !feeBase.isZero }
  /// Whether the report ended the order, nobody settles it yet, and nobody else is still booking what it filled before. A
  /// filled order is the caller's to settle from then on; for every other end the caller calls `OrderRouter.fail`.
  public var endsOrder: Bool
  /// Whether the intent was cleared before: the fill is late.
  public var isLate: Bool

  /// A change as given.
  public init(
    pending: PendingIntent, quantity: Decimal, quote: Decimal, feeQuote: Decimal, feeBase: Decimal, isFirstNews: Bool,
    endsOrder: Bool, isLate: Bool
  ) {
    self.pending = pending
    self.quantity = quantity
    self.quote = quote
    self.feeQuote = feeQuote
    self.feeBase = feeBase
    self.isFirstNews = isFirstNews
    self.endsOrder = endsOrder
    self.isLate = isLate
  }
}

/// Keeps the intents whose orders have not ended: who clears an intent, and when.
///
/// What every book does alike, and who is pending, stands in its bookkeeping.
public protocol IntentBook: EnginePart {
  /// The table and what goes with it; every book has the same one.
  var bookkeeping: IntentBookkeeping { get }

  /// The pending intents whose orders may still do something: what limits and the shutdown look at.
  func open() throws(Stopped) -> [PendingIntent]

  /// Takes in what the venue says of an order: each quantity is reported to exactly one caller, and so is the end.
  /// Nil when the client order id is not the engine's.
  func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance?

  /// Removes the intent, releases what is left of its budget, logs INTENT_CLEARED and asks for a save. False when it was
  /// not pending any more.
  @discardableResult
  func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool

  /// Called by the main loop when a cycle starts.
  func cycleStarted(at time: Instant) throws(Stopped)
}

extension IntentBook {
  /// All pending intents: a book that clears at once has no others.
  public func open() throws(Stopped) -> [PendingIntent] { try pending() }

  /// As the table does it: books differ in who clears, not in what is booked.
  public func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    try bookkeeping.table.advance(report, fill: fill)
  }

  /// Says that what `advance` gave is booked; the end of the order when it fell to this caller meanwhile.
  public func booked(_ clientOrderId: String) throws(Stopped) -> (pending: PendingIntent, status: OrderStatus)? {
    try bookkeeping.table.booked(clientOrderId)
  }

  /// Takes the intent out first, so that of two callers one does the rest: budget, log, save.
  @discardableResult
  public func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool {
    try bookkeeping.clear(id, reason: reason)
  }

  /// Nothing: whoever clears at once needs no turn.
  public func cycleStarted(at time: Instant) throws(Stopped) {}
}

extension IntentBook {
  /// The pending intents' number, without a lock.
  public var count: Int { bookkeeping.table.count }

  /// Adds an intent and logs INTENT_PENDING.
  public func add(_ intent: OrderIntent) throws(Stopped) { try bookkeeping.add(intent) }

  /// Every pending intent, oldest first.
  public func pending() throws(Stopped) -> [PendingIntent] { try bookkeeping.table.pending() }

  /// One pending intent; nil when it is cleared.
  public func find(_ id: String) throws(Stopped) -> PendingIntent? { try bookkeeping.table.find(id) }

  /// Changes the progress of a pending intent and returns it; nil when it is cleared.
  @discardableResult
  public func update(_ id: String, _ change: (inout OrderProgress) -> Void) throws(Stopped) -> PendingIntent? {
    try bookkeeping.table.update(id, change)
  }

  /// Makes the caller the one who settles the intent, pending or lost; nil when somebody else is.
  ///
  /// - Parameter ifUntaken: nil as well when the venue has named the order meanwhile.
  public func settle(_ id: String, ifUntaken: Bool = false) throws(Stopped) -> PendingIntent? {
    try bookkeeping.table.settle(id, ifUntaken: ifUntaken)
  }
}
