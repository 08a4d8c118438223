/// Types of the event log's lines, as `event_type` has them.
public enum EventName: String, WrittenName {
  /// An alert rule fired (`alert`, `alert_message`).
  case alertFired = "ALERT_FIRED"
  /// A sink did not take an alert (`alert`, `sink`, `reason`).
  case alertNotDelivered = "ALERT_NOT_DELIVERED"
  /// What was reserved became a purchase (`committed`, `remaining_budget`, `reserved`, USDT).
  case budgetCommitted = "BUDGET_COMMITTED"
  /// The venue told another free balance than the engine's books, which took it over (`books`, `venue_free`, `drift`, USDT).
  case budgetDriftDetected = "BUDGET_DRIFT_DETECTED"
  /// The balances were asked for again (`blocked_ms`: how long the caller waited).
  case budgetRefresh = "BUDGET_REFRESH"
  /// The venue did not tell the balances (`error`, `error_class`); the budget stays as it was.
  case budgetRefreshFailed = "BUDGET_REFRESH_FAILED"
  /// The balances did not come within BUDGET_REFRESH_TIMEOUT_S.
  case budgetRefreshTimeout = "BUDGET_REFRESH_TIMEOUT"
  /// A reservation, or what is left of it, was given back (`released`, `reason`).
  case budgetReleased = "BUDGET_RELEASED"
  /// Budget was set aside for an intent (`reserved`, `total_reserved`, `available`, USDT).
  case budgetReserved = "BUDGET_RESERVED"
  /// The event of the bus that a pre-fix part tells subscribers of a purchase.
  case buyOrderPlaced = "BUY_ORDER_PLACED"
  /// A symbol rests after a failed order (`until`).
  case cooldownSet = "COOLDOWN_SET"
  /// The venue found a request's time wrong, and the engine asked it for its own.
  case clockSynchronized = "CLOCK_SYNCHRONIZED"
  /// A round of decisions took longer than the cycle (`duration_ms`, `limit_ms`).
  case decisionsSlow = "DECISIONS_SLOW"
  /// A decision was made (`outcome`).
  case decisionEnd = "DECISION_END"
  /// A decision begins (`decision_id`, `symbol`).
  case decisionStart = "DECISION_START"
  /// The engine starts (`symbols`, `threads`).
  case engineStart = "ENGINE_START"
  /// A part failed (`error`).
  case errorOccurred = "ERROR_OCCURRED"
  /// A subscriber of the bus failed (`topic`, `error`).
  case eventHandlerFailed = "EVENT_HANDLER_FAILED"
  /// A call to the venue took longer than its limit (`call`, `took_ms`, `limit_ms`).
  case exchangeCallSlow = "EXCHANGE_CALL_SLOW"
  /// Exits of a symbol rest after refusals for good in a row (`refusals`).
  case exitRefused = "EXIT_REFUSED"
  /// The first fill of an order, reported at once if FIRST_FILL_REPORT is on.
  case firstFill = "FIRST_FILL"
  /// A symbol's phase changed (`from`, `to`).
  case fsmTransition = "FSM_TRANSITION"
  /// An entry was not made (`guard`, `reason`).
  case guardBlock = "GUARD_BLOCK"
  /// The engine lives (`seq`, `uptime_s`), every HEARTBEAT_INTERVAL_S.
  case heartbeat = "HEARTBEAT"
  /// An intent is done (`reason`).
  case intentCleared = "INTENT_CLEARED"
  /// An intent was made and its budget reserved (`quote`, USDT).
  case intentPending = "INTENT_PENDING"
  /// The venue asks for no call for a while.
  case limitPause = "LIMIT_PAUSE"
  /// A caller waited for the log longer than its limit (`waited_ms`, `logged_event`).
  case logCallSlow = "LOG_CALL_SLOW"
  /// The log's queue was full (`count` records are lost).
  case logRecordsDropped = "LOG_RECORDS_DROPPED"
  /// The disk refused lines of a log; they are written later (`file`, `error`, `advice`).
  case logWriteFailed = "LOG_WRITE_FAILED"
  /// The main loop's thread ended before the engine was stopped.
  case mainLoopGone = "MAIN_LOOP_GONE"
  /// The engine ended without knowing the end of these orders (`count`, `intents`).
  case intentsLeftPending = "INTENTS_LEFT_PENDING"
  /// The venue did not tell its market rules (`error`, `error_class`).
  case marketRulesFailed = "MARKET_RULES_FAILED"
  /// A poll for quotes failed (`error`, `error_class`).
  case mdPollFailed = "MD_POLL_FAILED"
  /// The answer to a poll lacks quotes that were asked for (`count`, `symbols`: ten at most).
  case mdQuotesMissing = "MD_QUOTES_MISSING"
  /// The answer to a poll has quotes that were not asked for, or twice (`count`, `symbols`: ten at most).
  case mdQuotesUnexpected = "MD_QUOTES_UNEXPECTED"
  /// A poll for quotes took longer than MD_POLL_MS (`overrun_s`).
  case mdPollOverrun = "MD_POLL_OVERRUN"
  /// An endpoint of the metrics could not serve (`kind`, `address`, `reason`).
  case metricsEndpointFailed = "METRICS_ENDPOINT_FAILED"
  /// The summary of the metrics could not be written (`path`, `reason`).
  case metricsExportFailed = "METRICS_EXPORT_FAILED"
  /// The counters at the end.
  case metricsSummary = "METRICS_SUMMARY"
  /// The venue accepted an order (`order_id`).
  case orderAck = "ORDER_ACK"
  /// An order was canceled, with or without a fill.
  case orderCanceled = "ORDER_CANCELED"
  /// An order failed (`error_code`, `exchange_error`).
  case orderFailed = "ORDER_FAILED"
  /// An order is filled (`filled_qty`, `filled_quote`, `fee`).
  case orderFilled = "ORDER_FILLED"
  /// The venue told nothing of an order for INTENT_STALE_THRESHOLD_S; it may live (`order_id`, `count` of "unknown order").
  case orderLost = "ORDER_LOST"
  /// A call for an order ended without an answer.
  case orderOutcomeUnknown = "ORDER_OUTCOME_UNKNOWN"
  /// An order ended filled in part.
  case orderPartial = "ORDER_PARTIAL"
  /// An order is sent (`client_order_id`, `qty`, `price`).
  case orderSent = "ORDER_SENT"
  /// More of an order is filled (`filled_qty`).
  case orderUpdate = "ORDER_UPDATE"
  /// A position was sold (`proceeds`, USDT).
  case positionClosed = "POSITION_CLOSED"
  /// A position was bought (`qty`, `cost`, USDT).
  case positionOpened = "POSITION_OPENED"
  /// Asking the venue showed a fill that no event had reported.
  case reconcileMissingFill = "RECONCILE_MISSING_FILL"
  /// A query gave the outcome that was unknown (`status`).
  case reconcileUnknownResolved = "RECONCILE_UNKNOWN_RESOLVED"
  /// The shutdown is over (`leaked`: threads that still run).
  case shutdownComplete = "SHUTDOWN_COMPLETE"
  /// The engine was asked to end.
  case shutdownStarted = "SHUTDOWN_STARTED"
  /// Quotes are fresh again after STALE_SNAPSHOTS_WARNING.
  case snapshotsFresh = "SNAPSHOTS_FRESH"
  /// Stale intents were cleared (`count`, `intents`).
  case staleIntentCleanup = "STALE_INTENT_CLEANUP"
  /// Quotes are older than they may be (`stale_count`).
  case staleSnapshotsWarning = "STALE_SNAPSHOTS_WARNING"
  /// The disk refused the state file (`file`, `error`, `advice`).
  case stateWriteFailed = "STATE_WRITE_FAILED"
  /// A thread ended by an error (`thread`); its owner replaces it with the next call.
  case threadEnded = "THREAD_ENDED"
  /// A thread did not stay alive (`thread`, `restarts`): the engine ends.
  case threadGivenUp = "THREAD_GIVEN_UP"
  /// A thread ended though it should run, and was started again (`thread`, `restarts`).
  case threadRestarted = "THREAD_RESTARTED"
  /// One step of a sampled decision (`step`), by TRACE_SAMPLE_RATE.
  case traceStep = "TRACE_STEP"
  /// The user stream is gone, silent, or tells what cannot be read.
  case streamLost = "STREAM_LOST"
  /// The user stream is open again, and every order is asked for.
  case streamOpened = "STREAM_OPENED"
  /// An answer about a balance is not what the user stream told; it counts when the next one says the same.
  case balanceDisagrees = "BALANCE_DISAGREES"
  /// An order of the account that this engine did not make (`client_order_id`, `order_id`, `status`).
  case foreignOrder = "FOREIGN_ORDER"
  /// The venue has less of a coin than the position.
  case positionDriftDetected = "POSITION_DRIFT_DETECTED"
}
