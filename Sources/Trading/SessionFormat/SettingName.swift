/// Settings of the engine, as config.json has them.
public enum SettingName: String, WrittenName {
  /// Whether entries are made at all; exits always are.
  case globalTrading = "GLOBAL_TRADING"
  /// Share of the peak at or below which a price is a signal.
  case dropTriggerValue = "DROP_TRIGGER_VALUE"
  /// How far back the peak is looked for, in s.
  case dropTriggerLookbackS = "DROP_TRIGGER_LOOKBACK_S"
  /// What one entry spends, fee included, in USDT.
  case positionSizeUsdt = "POSITION_SIZE_USDT"
  /// Smallest entry, on top of the venue's own minimum, in USDT.
  case minOrderValue = "MIN_ORDER_VALUE"
  /// How far the ask may lie above the last price, in bps.
  case maxSlippageBpsEntry = "MAX_SLIPPAGE_BPS_ENTRY"
  /// Widest spread that is bought into, in bps.
  case maxSpreadBpsEntry = "MAX_SPREAD_BPS_ENTRY"
  /// Most that may be held, reserved and asked for in one symbol, in USDT.
  case maxPerSymbolUsd = "MAX_PER_SYMBOL_USD"
  /// Most positions and open buy orders at a time.
  case maxConcurrentPositions = "MAX_CONCURRENT_POSITIONS"
  /// Pending intents at which no entry is made.
  case maxPendingBuyIntents = "MAX_PENDING_BUY_INTENTS"
  /// How long a symbol rests after a failed entry, in s.
  case symbolCooldownAfterFailedOrderS = "SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S"
  /// Share of the entry price at which profit is taken.
  case tp = "TP"
  /// Share of the entry price at which the loss is stopped.
  case sl = "SL"
  /// Longest that a position is held, in s.
  case maxHoldS = "MAX_HOLD_S"
  /// Pause after a failed exit of a symbol, in s.
  case exitRetryS = "EXIT_RETRY_S"
  /// Age at which a pending intent is stale: the venue is asked, then it is cleared, in s.
  case intentStaleThresholdS = "INTENT_STALE_THRESHOLD_S"
  /// Age at which an order that is still open is canceled, in s.
  case orderTtlS = "ORDER_TTL_S"
  /// Silence about an order after which the venue is asked, in s.
  case reconcileAfterS = "RECONCILE_AFTER_S"
  /// How often a passing refusal is tried again.
  case routerMaxRetries = "ROUTER_MAX_RETRIES"
  /// Pause before the first retry; doubles with each, in ms.
  case routerBackoffMs = "ROUTER_BACKOFF_MS"
  /// How far a limit price goes beyond the top of the book, in bps.
  case routerSlippageBps = "ROUTER_SLIPPAGE_BPS"
  /// Time in force of every order.
  case routerTif = "ROUTER_TIF"
  /// What becomes of orders of the account that the engine did not make.
  case foreignOrders = "FOREIGN_ORDERS"
  /// Longest that a caller waits for the venue, in s.
  case exchangeTimeoutS = "EXCHANGE_TIMEOUT_S"
  /// Time between two polls of the market, in ms.
  case mdPollMs = "MD_POLL_MS"
  /// Time between two cycles of the main loop, in ms.
  case engineCycleMs = "ENGINE_CYCLE_MS"
  /// Share of TRACE_STEP records that are logged; nothing else is sampled.
  case traceSampleRate = "TRACE_SAMPLE_RATE"
  /// Whether FIRST_FILL is logged when the first order is filled.
  case firstFillReport = "FIRST_FILL_REPORT"
  /// Longest time between two saves of the state, in s.
  case statePersistIntervalS = "STATE_PERSIST_INTERVAL_S"
  /// Time between two looks at the venue's balances, in s.
  case budgetRefreshIntervalS = "BUDGET_REFRESH_INTERVAL_S"
  /// Longest that the main loop waits for the balances, in s.
  case budgetRefreshTimeoutS = "BUDGET_REFRESH_TIMEOUT_S"
  /// Time between two heartbeats, in s.
  case heartbeatIntervalS = "HEARTBEAT_INTERVAL_S"
  /// Records that may wait for the log writer; more are dropped and counted.
  case logQueueMax = "LOG_QUEUE_MAX"
  /// Longest that one message may take to render, in ms.
  case formatterTimeoutMs = "FORMATTER_TIMEOUT_MS"
  /// Longest that a shutdown takes, in s.
  case shutdownTimeoutS = "SHUTDOWN_TIMEOUT_S"
}
