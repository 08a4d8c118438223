/// Members of the lines of a session's logs, the engine's and the venue's.
public enum FieldName: String, WrittenName {
  /// Whose balances these are.
  case account = "account"
  /// Of an endpoint, `host:port`.
  case address = "address"
  /// What an operator can do about it.
  case advice = "advice"
  /// After how long, s.
  case afterS = "after_s"
  /// How old the quote was, ms.
  case ageMs = "age_ms"
  /// Name of the alert rule.
  case alert = "alert"
  /// The alert's text.
  case alertMessage = "alert_message"
  /// Quantity in the base asset.
  case amount = "amount"
  /// When the client gets it, ISO 8601.
  case arrives = "arrives"
  /// Best ask, quote per base.
  case ask = "ask"
  /// Name of an asset, such as `USDT`.
  case asset = "asset"
  /// Number of the attempt, from 1.
  case attempt = "attempt"
  /// How many attempts were made.
  case attempts = "attempts"
  /// Budget that is neither spent nor reserved, USDT.
  case available = "available"
  /// Quote per base over all fills.
  case averagePrice = "average_price"
  /// List of `asset`, `free` and `locked`.
  case balances = "balances"
  /// Best bid, quote per base.
  case bid = "bid"
  /// How long the caller was held up, ms.
  case blockedMs = "blocked_ms"
  /// Free budget by the engine's books, USDT.
  case books = "books"
  /// Times that the venue told another balance than the books.
  case budgetDrifts = "budget_drifts"
  /// Free budget, USDT.
  case budgetFree = "budget_free"
  /// Reserved budget, USDT.
  case budgetReserved = "budget_reserved"
  /// Counter of the metrics.
  case budgetRefreshTimeouts = "budget_refresh_timeouts"
  /// The venue's call, such as `place_order`.
  case call = "call"
  /// The engine's own id of an order.
  case clientOrderId = "client_order_id"
  /// The venue's error code, as a text or a number.
  case code = "code"
  /// Budget that became a purchase, USDT.
  case committed = "committed"
  /// Whether the venue's funds add up.
  case conserved = "conserved"
  /// What a position cost, fee included, USDT.
  case cost = "cost"
  /// What is in a file, as JSON.
  case content = "content"
  /// How many.
  case count = "count"
  /// Length of a cycle of the main loop, s.
  case cycleDurationS = "cycle_duration_s"
  /// Names the decision that an intent follows from.
  case decisionId = "decision_id"
  /// Whether the event reached the user stream.
  case delivered = "delivered"
  /// What the venue has more than the engine's books, USDT; negative: less.
  case drift = "drift"
  /// Lines that the venue's history had no room for.
  case dropped = "dropped"
  /// How long it took, ms.
  case durationMs = "duration_ms"
  /// What went wrong, in words.
  case error = "error"
  /// What follows from the error: `final`, `passing`, `limit` or `unknown`, as `FailureClass` says.
  case errorClass = "error_class"
  /// Code of a failure, the venue's or the engine's own.
  case errorCode = "error_code"
  /// Name of an event of the bus.
  case event = "event"
  /// The venue's own words.
  case exchangeError = "exchange_error"
  /// Failed requests by call.
  case failed = "failed"
  /// What the venue took, in `fee_asset`; null when the venue does not say.
  case fee = "fee"
  /// What the fee was taken in, such as `USDT` or `BNB`.
  case feeAsset = "fee_asset"
  /// In what the venue takes its fees: `quote`, `received` or `token`.
  case feeMode = "fee_mode"
  /// The token in which it takes them.
  case feeToken = "fee_token"
  /// Path in the session directory.
  case file = "file"
  /// Filled orders over sent ones, 0 to 1.
  case fillRate = "fill_rate"
  /// Quantity filled so far, base asset.
  case filledQty = "filled_qty"
  /// What the fills cost or brought so far, quote asset.
  case filledQuote = "filled_quote"
  /// True: the message took too long, so fields other than ids and codes may be absent.
  case formatterTimeout = "formatter_timeout"
  /// Balance that is not locked.
  case free = "free"
  /// The phase before.
  case from = "from"
  /// The guard that blocked an entry.
  case `guard` = "guard"
  /// Number of a request; its reply has the same.
  case id = "id"
  /// True: a fault made this reply.
  case injected = "injected"
  /// Names the intent that an order serves.
  case intentId = "intent_id"
  /// The stale ones that were cleared, by id.
  case intents = "intents"
  /// Counter of the metrics.
  case intentsCleared = "intents_cleared"
  /// Intents without an end.
  case intentsPending = "intents_pending"
  /// Counter of the metrics.
  case intentsStale = "intents_stale"
  /// Kind of a line of the venue's log, or of an endpoint.
  case kind = "kind"
  /// Last price, quote per base.
  case last = "last"
  /// Price of this trade, quote per base.
  case lastPrice = "last_price"
  /// Quantity of this trade, base asset.
  case lastQty = "last_qty"
  /// Quantity times price of this trade, quote asset.
  case lastQuote = "last_quote"
  /// From sending to the fill, ms.
  case latencyMs = "latency_ms"
  /// Names of threads that did not end.
  case leaked = "leaked"
  /// What a crash leaves of a file: `whole`, `torn` or `missing`.
  case left = "left"
  /// How many lines were added to a file.
  case lines = "lines"
  /// The limit that was passed, ms.
  case limitMs = "limit_ms"
  /// Balance that is locked in open orders.
  case locked = "locked"
  /// The event whose record was waited for.
  case loggedEvent = "logged_event"
  /// Counter of the metrics.
  case loggingTimeouts = "logging_timeouts"
  /// Whether the order that traded had waited in the book.
  case maker = "maker"
  /// What the venue takes from who waited in the book, a share of the fill.
  case makerFee = "maker_fee"
  /// The record in words.
  case message = "message"
  /// The market's smallest quantity times price, quote asset.
  case minNotional = "min_notional"
  /// The market's smallest quantity, base asset.
  case minQty = "min_qty"
  /// The venue's id of an order.
  case orderId = "order_id"
  /// Whether the connection still stands.
  case isOpen = "is_open"
  /// How far the engine's clock is behind the venue's, ms.
  case offsetMs = "offset_ms"
  /// `limit` or `market`.
  case orderType = "order_type"
  /// Counter of the metrics.
  case ordersFailed = "orders_failed"
  /// Counter of the metrics.
  case ordersFilled = "orders_filled"
  /// Counter of the metrics.
  case ordersSent = "orders_sent"
  /// What a decision or a request came to.
  case outcome = "outcome"
  /// By how much a poll was too long, s.
  case overrunS = "overrun_s"
  /// Where it should have been written.
  case path = "path"
  /// Intents without an end.
  case pendingIntents = "pending_intents"
  /// True: the same request would be refused again.
  case permanent = "permanent"
  /// Time between polls, s.
  case pollIntervalS = "poll_interval_s"
  /// Polls that the venue's history had no room for.
  case pollsNotKept = "polls_not_kept"
  /// Open positions.
  case positionsCount = "positions_count"
  /// The limit, quote per base.
  case price = "price"
  /// What a sale brought, fee deducted, USDT.
  case proceeds = "proceeds"
  /// Quantity, base asset.
  case qty = "qty"
  /// Amount in the quote asset.
  case quote = "quote"
  /// Symbols of a reply and the time of each quote.
  case quotes = "quotes"
  /// Why, as a word or a sentence.
  case reason = "reason"
  /// Refusals for good in a row.
  case refusals = "refusals"
  /// Budget that was given back, USDT.
  case released = "released"
  /// Free budget afterwards, USDT.
  case remainingBudget = "remaining_budget"
  /// Requests by call.
  case requests = "requests"
  /// Of a request that takes an order back and places another: the id of the one taken back.
  case replaces = "replaces"
  /// How long the venue asks for no call, s.
  case retryAfterS = "retry_after_s"
  /// Budget that is set aside, USDT.
  case reserved = "reserved"
  /// Times that a thread was started again.
  case restarts = "restarts"
  /// What the venue accepts and charges, market by market.
  case rules = "rules"
  /// Number of a heartbeat, from 1.
  case seq = "seq"
  /// `buy` or `sell`.
  case side = "side"
  /// What made the decision.
  case signal = "signal"
  /// Where an alert was sent.
  case sink = "sink"
  /// Symbols without fresh quotes.
  case staleCount = "stale_count"
  /// Age at which a quote is stale, s.
  case staleTtlS = "stale_ttl_s"
  /// When the state file was last written, ISO 8601.
  case stateSavedAt = "state_saved_at"
  /// The venue's status of an order.
  case status = "status"
  /// Step of a trace, or of the venue's ledger.
  case step = "step"
  /// Such as `BTC/USDT`.
  case symbol = "symbol"
  /// All that are traded, or asked for.
  case symbols = "symbols"
  /// What the venue takes from who took from the book, a share of the fill.
  case takerFee = "taker_fee"
  /// The venue's words.
  case text = "text"
  /// Who did it or did not end.
  case thread = "thread"
  /// All that the engine started.
  case threads = "threads"
  /// Threads that ended though they should run.
  case threadsLost = "threads_lost"
  /// The market's price step.
  case tick = "tick"
  /// Time in force: `gtc`, `ioc` or `fok`.
  case tif = "tif"
  /// Whether a limit ended it.
  case timedOut = "timed_out"
  /// The limit, s.
  case timeoutS = "timeout_s"
  /// The phase afterwards.
  case to = "to"
  /// The status that an event names, where that is not the order's.
  case told = "told"
  /// From request to reply, ms.
  case tookMs = "took_ms"
  /// Topic of the bus.
  case topic = "topic"
  /// All reservations together, USDT.
  case totalReserved = "total_reserved"
  /// All funds of the venue by asset.
  case totals = "totals"
  /// Type of an event or an order.
  case type = "type"
  /// Until when, ISO 8601.
  case until = "until"
  /// Time since the start, s.
  case uptimeS = "uptime_s"
  /// Free balance that the venue told, USDT.
  case venueFree = "venue_free"
  /// How long a caller waited, ms.
  case waitedMs = "waited_ms"
}
