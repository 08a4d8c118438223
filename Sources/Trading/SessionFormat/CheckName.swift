/// Checks of a session, as verdicts, fault files and proofs name them.
public enum CheckName: String, WrittenName {
  /// No thread waits beyond the limit of the activity it is in.
  case noStuckWait = "no-stuck-wait"
  /// No predicted cycle of locks was brought about.
  case lockOrder = "lock-order"
  /// No threads wait for each other in a cycle.
  case noDeadlock = "no-deadlock"
  /// At the end the engine's positions are what the venue's balances and fills say.
  case positionsAgree = "positions-agree"
  /// No asset appears or vanishes at the venue.
  case fundsConserved = "funds-conserved"
  /// The venue's own books are right: locked funds, fees, fills and balances follow from the orders by its rules.
  case venueBooks = "venue-books"
  /// A fill lies within the book of its moment and the order's limit, and what the book reaches is filled.
  case fillsAtMarket = "fills-at-market"
  /// A position costs what its fills took, fees included, and a sale brings what its fills brought.
  case positionCosts = "position-costs"
  /// What the log says of an order's fills, by quantity, amount, price and fee, is what the venue did.
  case fillsAgree = "fills-agree"
  /// When nothing is in flight, free and reserved budget are the venue's quote asset, to the last digit.
  case budgetAgrees = "budget-agrees"
  /// An order has one end in the log and the right one: filled if the venue filled all of it, else failed, at level ERROR.
  case endsAgree = "ends-agree"
  /// No intent is pending for longer than its bound while the venue says nothing of its order.
  case intentsBounded = "intents-bounded"
  /// An order that the log sends was decided on and reaches the venue as it was sent, and no other does.
  case ordersArrive = "orders-arrive"
  /// What was reserved is released, committed or still reserved, as much as was spent and no longer than its order
  /// lives.
  case budgetBalances = "budget-balances"
  /// Every order that the venue took ends in the engine's log, or is still pending in its state.
  case noLostOrder = "no-lost-order"
  /// What is spent on one symbol, and on all, and not sold again stays within its limit.
  case exposureWithinLimits = "exposure-within-limits"
  /// An intent or decision has one order, a client id one intent, the venue gets it once, a signal buys once, and a
  /// position is sold once.
  case noDuplicateOrders = "no-duplicate-orders"
  /// Every order that the venue ended unfilled or filled in part has an ORDER_FAILED line: ERROR, with code and reason.
  case errorsObservable = "errors-observable"
  /// What the venue fills, the engine's log has as filled: at least 1 order in 10.
  case ordersFilled = "orders-filled"
  /// No client id contains the time: a key that never comes twice stops no second order.
  case idempotentKeys = "idempotent-keys"
  /// No entry is refused for its size that the market's tick, step and minimum would take.
  case validOrdersSent = "valid-orders-sent"
  /// An order that the venue refused for good is not sent again, and its position is left alone for as long as
  /// promised.
  case noFutileRetries = "no-futile-retries"
  /// An entry is as large as its setting says, and positions and open purchases stay within their number and their sum.
  case entriesWithinLimits = "entries-within-limits"
  /// Every limit price meets the other side of the book and goes as far beyond it as its setting allows; no entry is
  /// made into a wider spread.
  case pricesWithinSlippage = "prices-within-slippage"
  /// After an order that failed its symbol is left alone for as long as the settings say, and a retry waits its turn.
  case pausesKept = "pauses-kept"
  /// A lost user stream is opened again.
  case streamReopened = "stream-reopened"
  /// While the venue asks for a pause it is not called.
  case limitsRespected = "limits-respected"
  /// The venue is asked for quotes, balances and silent orders no more often than the settings say.
  case requestsPaced = "requests-paced"
  /// A call that is given up was waited for as long as the settings say, no less and no longer.
  case callsGivenTime = "calls-given-time"
  /// An engine that ends sends no more orders, takes back what is open and asks for what it does not know.
  case quietEnd = "quiet-end"
  /// Quotes that have become stale are told, and so is a position that the venue refuses again and again to take.
  case troubleTold = "trouble-told"
  /// An order that is still open at the end of its time is canceled, again and again until it is gone.
  case ordersExpire = "orders-expire"
  /// A position is sold when the venue's quotes and its settings say so, not before, and then all of it.
  case salesJustified = "sales-justified"
  /// Nothing is bought unless the venue's quotes of its symbol show the drop that the settings ask for.
  case entriesJustified = "entries-justified"
  /// A drop that the venue's quotes show is bought at once, when nothing speaks against it.
  case signalsActedOn = "signals-acted-on"
  /// Every thread of the engine lives until the engine is asked to end; one that dies is replaced at once.
  case threadsLive = "threads-live"
  /// A fill is booked as soon as the user stream or an answer tells of it, and never before it happened.
  case fillsBookedPromptly = "fills-booked-promptly"
  /// An order of which nothing is heard is asked for, again and again until its end is known.
  case ordersWatched = "orders-watched"
  /// The venue's balances are asked for at the start, and again every interval.
  case balancesAsked = "balances-asked"
  /// What a heartbeat says of positions and pending intents is what the venue says.
  case heartbeatsTrue = "heartbeats-true"
  /// At the end every figure of the metrics is what the log and the venue say.
  case metricsTrue = "metrics-true"
  /// What the log calls sent is at the venue a moment later, exits before entries.
  case ordersSentPromptly = "orders-sent-promptly"
  /// A position that must be sold by the venue's quotes and its settings is offered at once.
  case exitsOffered = "exits-offered"
  /// No intent is pending when the engine must know of its order's end; a stale sweep settles nothing.
  case intentsSettled = "intents-settled"
  /// The session ended as it was asked to, without a trap.
  case noCrash = "no-crash"
  /// The state file is whole, has what a restart needs, and agrees with the last events.
  case stateRecoverable = "state-recoverable"
  /// A crash at any moment leaves a state file that can be read, has the venue's orders and positions, and is no older than
  /// a save takes.
  case stateSurvivesCrash = "state-survives-crash"
  /// Every order that the venue took or filled has its log line, and no line is torn, lost or out of order.
  case logComplete = "log-complete"
  /// Every symbol's quotes are asked for all the time, whatever the venue answers, and failures are reported.
  case feedAlive = "feed-alive"
  /// A refresh of the budget blocks its caller no longer than its time-out.
  case budgetRefreshBounded = "budget-refresh-bounded"
  /// Deciding waits for nothing: no round of decisions takes longer than its limit.
  case decisionsOnTime = "decisions-on-time"
  /// No order is decided on a quote that is older than what the engine calls stale.
  case marketDataFresh = "market-data-fresh"
  /// The engine ends within its limit and leaves no thread.
  case shutdownBounded = "shutdown-bounded"
  /// No call to the venue keeps its caller beyond its deadline.
  case exchangeCallsBounded = "exchange-calls-bounded"
  /// No thread waits for the log beyond its limit.
  case loggingBounded = "logging-bounded"
  /// Every line of the log is as loud as what it tells asks for, and orders that may live on are told at the end.
  case levelsKept = "levels-kept"
  /// Whatever the venue is asked again has a pace, a reason and an end, and what it must be asked again is asked.
  case questionsBounded = "questions-bounded"
  /// A crash at any moment leaves every file that is replaced whole.
  case filesReplaced = "files-replaced"
  /// Records that the log had no room for are told once.
  case dropsTold = "drops-told"
  /// A fault that fired is noticed by the engine within the time that its file names.
  case detectedInTime = "detected-in-time"
  /// Positions and intents are right again within the time that the fault's file names.
  case recoveredInTime = "recovered-in-time"
  /// Heartbeats come at least every second interval.
  case heartbeatsOnTime = "heartbeats-on-time"
}
