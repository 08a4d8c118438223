/// Something that the files of a session show or do not show: what hypotheses predict, allow or forbid.
///
/// A sign is read from what a bot believed and what its venue did, so that it can be looked for in any session; where a file is
/// missing, it is neither seen nor missed.
public enum FieldSign: String, Sendable, CaseIterable {
  /// The bot's errors by their words: an order without the venue's id; a fee that is null; a transaction within another; a
  /// cancel event that nobody knows.
  case noOrderId = "no-order-id", feeError = "fee-error", nestedTransaction = "nested-transaction"
  /// An end of an order that the bot's states do not know.
  case unknownCancelEvent = "unknown-cancel-event"
  /// Several orders of one pair and side where one would do: seconds apart, one each round; within one second; or later.
  case buysByRound = "buys-by-round", buysAtOnce = "buys-at-once", boughtAgain = "bought-again"
  /// The venue filled what the bot never heard of; what it called failed was filled in whole.
  case fillUnseen = "fill-unseen", failedButFilled = "failed-but-filled"
  /// The venue acknowledged it, the bot gave it up as unknown, and it lives.
  case acknowledgedNotFound = "acknowledged-not-found"
  /// The venue refused orders, and the log has no failure of them.
  case refusalsSilent = "refusals-silent"
  /// One order was sent three times and more after a refusal for good.
  case refusedRetried = "refused-retried"
  /// The venue answered that it has that order already; an order of unknown outcome was sent again.
  case sentAfterTaken = "sent-after-taken", unknownResent = "unknown-resent"
  /// An order was called filled in part when nothing was filled.
  case partOfNothing = "part-of-nothing"
  /// Sale after sale of one pair is refused for good, and no line says that exits rest.
  case saleRefusedForever = "sale-refused-for-ever"
  /// A cancel was refused, the order lived on, and nobody canceled it again.
  case cancelNotRepeated = "cancel-not-repeated"
  /// Entries that were filled in part rested until they were all as old, and their sales came at that moment.
  case saleWaitedForEntry = "sale-waited-for-entry"
  /// Sales that the log sent failed, and the venue never had them.
  case salesUnsent = "sales-unsent"
  /// Intents of failed orders stay pending; the one of a filled order does; a stale sweep cleared some.
  case failedStayPending = "failed-stay-pending", filledStaysPending = "filled-stays-pending"
  /// The sweep for old intents had work.
  case staleSweep = "stale-sweep"
  /// A caller of the budget refresh waited longer than five seconds.
  case refreshBlocked = "refresh-blocked"
  /// Whoever logged waited for the log.
  case logCallsSlow = "log-calls-slow"
  /// Calls of different kinds took long at the same time.
  case callsStalled = "calls-stalled"
  /// A call was never answered, and the bot lives on.
  case callUnanswered = "call-unanswered"
  /// The log ends and orders go on; log and calls end together, without a shutdown, or at a refusal.
  case logEndsEarly = "log-ends-early", everythingStops = "everything-stops", stopsAtRefusal = "stops-at-refusal"
  /// The log ends, orders too, and polls go on.
  case pollsAlone = "polls-alone"
  /// Nothing but heartbeats at the end, and no shutdown.
  case heartbeatsAlone = "heartbeats-alone"
  /// The main loop ended by itself; the shutdown took long.
  case mainLoopGone = "main-loop-ended", shutdownSlow = "shutdown-slow"
  /// More budget was released than reserved, by count; more was committed than orders cost.
  case releasedTwice = "released-twice", committedBeyondCost = "committed-beyond-cost"
  /// The state was not saved for twenty seconds and more; and never again.
  case stateOld = "state-old", stateNeverAgain = "state-never-again"
  /// The log of orders lacks the last lines that the event log has.
  case orderLogShort = "order-log-short"
  /// The bot's own check refused orders for their step or tick.
  case preflightRefusals = "preflight-refusals"
  /// Polls take longer than they may, most of the time; they end; quotes stay old for good.
  case latePolls = "late-polls", pollsEnd = "polls-end", staleForGood = "stale-for-good"
  /// An order was sent on quotes that had stopped coming.
  case boughtOnOldQuotes = "bought-on-old-quotes"
  /// The log of orders' steps shows that an id was lost and found again; each buy of one signal has a name made of another decision.
  case orderIdRestored = "order-id-restored", nameOfEachDecision = "name-of-each-decision"
  /// Of `stackdump.txt`: threads wait for each other in a circle; one does not go on.
  case lockCycle = "lock-cycle", hang = "hang"

  // Few orders are filled, or none is sent, and this is why.

  /// Trading is switched off; spread or slippage keep entries back.
  case tradingOff = "trading-off", spreadBlocks = "spread-blocks", slippageBlocks = "slippage-blocks"
  /// Another limit does; no price came to the trigger.
  case limitBlocks = "limit-blocks", noTrigger = "no-trigger"
  /// The venue does not answer, tells no balances, refuses most orders.
  case venueSilent = "venue-silent", balancesUntold = "balances-untold", ordersRefused = "orders-refused"
  /// Orders end without a trade.
  case nobodyToTradeWith = "nobody-to-trade-with"
  /// The venue filled several orders, and no fill of any order is in the log; lines of the log were dropped.
  case noFillHeard = "no-fill-heard", logLinesDropped = "log-lines-dropped"

  // Intents and failures that stay.

  /// The venue does not say what became of orders; intents are never swept; they end long after their order.
  case ordersGivenUp = "orders-given-up", neverSwept = "never-swept", settledLate = "settled-late"
  /// Failures stand below the level ERROR; are counted and not logged.
  case failuresBelowError = "failures-below-error", failuresCountedOnly = "failures-counted-only"
  /// Failures have neither code nor words.
  case failuresVague = "failures-vague"

  // Of the metrics.

  /// The port is taken; nothing can listen at the address; the StatsD server does not take values.
  case portTaken = "port-taken", addressUnusable = "address-unusable", statsDUnreachable = "statsd-unreachable"
  /// The export cannot be written; for want of space; is no JSON.
  case exportUnwritable = "export-unwritable", diskFull = "disk-full", exportTorn = "export-torn"
  /// The engine ended, and no export was ever written.
  case exportMissing = "export-missing"

  /// Signs that are there with this one, whatever brought it.
  public var bringsAlong: [FieldSign] {
    switch self {
    case .fillUnseen: [.noFillHeard]
    case .failedStayPending, .filledStaysPending: [.settledLate, .neverSwept]
    default: []
    }
  }
}

/// What a bug does to the signs of a session: each list is of what files show, not of what the code does.
public struct FieldHypothesis: Sendable {
  /// Signs that a session shows in which it happened.
  public var predicts: [FieldSign]
  /// Signs of which it shows one at least: the same mechanism does not always get as far.
  public var oneOf: [FieldSign]
  /// Signs that it may bring with it: they are explained by it, and speak neither for nor against it.
  public var allows: [FieldSign]
  /// Signs that cannot come together with it.
  public var forbids: [FieldSign]

  /// Whatever is in none of the lists is left open.
  public init(
    predicts: [FieldSign] = [], oneOf: [FieldSign] = [], allows: [FieldSign] = [], forbids: [FieldSign] = []
  ) {
    self.predicts = predicts
    self.oneOf = oneOf
    self.allows = allows
    self.forbids = forbids
  }
}
