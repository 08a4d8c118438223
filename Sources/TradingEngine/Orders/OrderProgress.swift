import Basics
import Trading

/// How far an intent's order has come, as the engine knows it.
public struct OrderProgress: Sendable {
  /// The last thing that is certain.
  public enum Phase: Sendable {
    /// Waiting for the router.
    case created
    /// A call that places it is under way.
    case placing
    /// The venue has it.
    case acknowledged
    /// A call that places it ended without an answer.
    case unknown
    /// Its end is being logged and booked, by the thread that `settle` chose.
    case settling
  }

  /// The last thing that is certain.
  public var phase: Phase = .created
  /// The venue's name for the order; nil until some news had it.
  public var orderId: String?
  /// Calls that tried to place it.
  public var attempts = 0
  /// When the last of them began; nil before the first.
  public var placedAt: Instant?
  /// Base asset filled so far, as far as it is booked.
  public var filledQuantity = Decimal.zero
  /// Quote asset of it, before fees.
  public var filledQuote = Decimal.zero
  /// Fees taken in the quote asset, known or estimated.
  public var feeQuote = Decimal.zero
  /// Fees taken in the base asset.
  public var feeBase = Decimal.zero
  /// The last fee's asset as the venue named it.
  public var feeAsset: String?
  /// Whether a fee is an estimate, because nobody told it yet.
  public var isFeeEstimated = false
  /// When the engine last learned something about the order.
  public var lastNews: Instant
  /// When a query about it last ended, whatever its answer; nil before the first.
  public var askedAt: Instant?
  /// Whether news of it may have been lost since the last word.
  public var isDoubted = false
  /// Queries in a row that the venue answered with "unknown order".
  public var notFoundCount = 0
  /// Since when an exit waits for what is left of it to go; nil: nobody waits.
  public var cancelWantedAt: Instant?
  /// When the venue was last asked to take it back; nil: not yet.
  public var canceledAt: Instant?
  /// How often it was.
  public var cancelCount = 0
  /// Callers that took in a quantity or a fee and have not booked it yet.
  public var bookings = 0
  /// An end that somebody heard of meanwhile: whoever books last makes it known.
  public var heldEnd: OrderStatus?
  /// Whether it was given up though it may live.
  public var isLost = false

  /// The progress of an order that is not sent yet.
  public init(lastNews: Instant) {
    self.lastNews = lastNews
  }
}

/// An intent and its progress.
public struct PendingIntent: Sendable {
  /// What was decided.
  public var intent: OrderIntent
  /// How far its order has come.
  public var progress: OrderProgress

  /// A pair as given.
  public init(intent: OrderIntent, progress: OrderProgress) {
    self.intent = intent
    self.progress = progress
  }
}
