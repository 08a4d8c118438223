import Trading

/// Everything about the engine that can be set, under the historical names.
///
/// `definitions` is the one table of names, defaults and ranges; a test varies each setting and sees a difference.
public struct EngineSettings: Sendable, Equatable {
  /// `GLOBAL_TRADING`: whether entries are made at all; exits always are.
  public var globalTrading = true
  /// `DROP_TRIGGER_VALUE`: share of the peak at or below which a price is a signal.
  public var dropTriggerValue = Decimal.zero
  /// `DROP_TRIGGER_LOOKBACK_S`: how far back the peak is looked for.
  public var dropTriggerLookback = Duration.zero
  /// `POSITION_SIZE_USDT`: what one entry spends, fee included.
  public var positionSize = Decimal.zero
  /// `MIN_ORDER_VALUE`: smallest entry in quote asset, on top of the venue's own minimum.
  public var minOrderValue = Decimal.zero
  /// `MAX_SLIPPAGE_BPS_ENTRY`: how far the ask may lie above the last price, in basis points.
  public var maxSlippageBpsEntry = Decimal.zero
  /// `MAX_SPREAD_BPS_ENTRY`: widest spread that is bought into, in basis points.
  public var maxSpreadBpsEntry = Decimal.zero
  /// `MAX_PER_SYMBOL_USD`: most quote asset that may be held, reserved and asked for in one symbol.
  public var maxPerSymbol = Decimal.zero
  /// `MAX_CONCURRENT_POSITIONS`: most positions and open buy orders at a time.
  public var maxConcurrentPositions = 0
  /// `MAX_PENDING_BUY_INTENTS`: pending intents at which no entry is made.
  public var maxPendingIntents = 0
  /// `SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S`: how long no entry is made in a symbol after a failed entry.
  public var cooldownAfterFailedOrder = Duration.zero
  /// `TP`: share of the entry price at which profit is taken, above 1.
  public var takeProfit = Decimal.zero
  /// `SL`: share of the entry price at which the loss is stopped, below 1.
  public var stopLoss = Decimal.zero
  /// `MAX_HOLD_S`: longest that a position is held.
  public var maxHold = Duration.zero
  /// `EXIT_RETRY_S`: pause after a failed exit of a symbol.
  public var exitRetry = Duration.zero
  /// `INTENT_STALE_THRESHOLD_S`: age at which a pending intent is stale.
  public var intentStaleThreshold = Duration.zero
  /// `ORDER_TTL_S`: age at which an order that is still open is canceled.
  public var orderTimeToLive = Duration.zero
  /// `RECONCILE_AFTER_S`: silence about an order after which the venue is asked.
  public var reconcileAfter = Duration.zero
  /// `ROUTER_MAX_RETRIES`: how often a passing refusal is tried again.
  public var routerMaxRetries = 0
  /// `ROUTER_BACKOFF_MS`: pause before the first retry; doubles with each.
  public var routerBackoff = Duration.zero
  /// `ROUTER_SLIPPAGE_BPS`: how far a limit price goes beyond the top of the book, in basis points.
  public var routerSlippageBps = Decimal.zero
  /// `ROUTER_TIF`: time in force of every order, `GTC`, `IOC` or `FOK`.
  public var routerTimeInForce = "GTC"
  /// `FOREIGN_ORDERS`: what becomes of orders that the engine did not make, `alarm` or `cancel`.
  public var foreignOrders = "alarm"
  /// The value with which they are canceled.
  static let cancelsForeign = "cancel"
  /// `EXCHANGE_TIMEOUT_S`: longest that a caller waits for the venue.
  public var exchangeTimeout = Duration.zero
  /// `MD_POLL_MS`: time between two polls of the market.
  public var marketPoll = Duration.zero
  /// `ENGINE_CYCLE_MS`: time between two cycles of the main loop.
  public var engineCycle = Duration.zero
  /// `TRACE_SAMPLE_RATE`: share of TRACE_STEP records that are logged, 0...1.
  public var traceSampleRate = Decimal.zero
  /// `FIRST_FILL_REPORT`: whether FIRST_FILL is logged when the first order is filled.
  public var firstFillReport = false
  /// `STATE_PERSIST_INTERVAL_S`: longest time between two saves of the state.
  public var statePersistInterval = Duration.zero
  /// `BUDGET_REFRESH_INTERVAL_S`: time between two looks at the venue's balances.
  public var budgetRefreshInterval = Duration.zero
  /// `BUDGET_REFRESH_TIMEOUT_S`: longest that the main loop waits for the balances.
  public var budgetRefreshTimeout = Duration.zero
  /// `HEARTBEAT_INTERVAL_S`: time between two heartbeats.
  public var heartbeatInterval = Duration.zero
  /// `LOG_QUEUE_MAX`: records that may wait for the log writer.
  public var logQueueMax = 0
  /// `FORMATTER_TIMEOUT_MS`: longest that one message may take to render.
  public var formatterTimeout = Duration.zero
  /// `SHUTDOWN_TIMEOUT_S`: longest that a shutdown takes.
  public var shutdownTimeout = Duration.zero

  /// The defaults.
  public init() {
    for definition in Self.definitions { definition.reset(&self) }
  }

  /// Sets one setting from text; booleans are `True`, `true`, `False` or `false`.
  ///
  /// - Throws: `SettingError` for an unknown name, another type, or a value beyond the range.
  public mutating func set(_ name: String, _ text: String) throws(SettingError) {
    guard let definition = Self.definitions.first(where: { $0.name == name }) else { throw .unknownName(name) }
    try definition.set(&self, text)
  }

  /// The names and values in force, in the table's order.
  public var values: [(name: String, value: String)] {
    Self.definitions.map { ($0.name, $0.text(self)) }
  }

  /// Pairs of settings that cannot both be meant, one sentence each; empty when there are none.
  public var contradictions: [String] {
    var found: [String] = []
    if positionSize > maxPerSymbol {
      found.append(
        "POSITION_SIZE_USDT \(positionSize) is above MAX_PER_SYMBOL_USD \(maxPerSymbol): no entry would pass")
    }
    if minOrderValue > positionSize {
      found.append("MIN_ORDER_VALUE \(minOrderValue) is above POSITION_SIZE_USDT \(positionSize): no entry would pass")
    }
    if routerSlippageBps > maxSlippageBpsEntry {
      found.append(
        "ROUTER_SLIPPAGE_BPS \(routerSlippageBps) is above MAX_SLIPPAGE_BPS_ENTRY \(maxSlippageBpsEntry): every entry"
          + " would allow more slippage than its guard")
    }
    if orderTimeToLive > intentStaleThreshold {
      found.append("ORDER_TTL_S is above INTENT_STALE_THRESHOLD_S: intents would go stale while their order lives")
    }
    if budgetRefreshTimeout > budgetRefreshInterval {
      found.append("BUDGET_REFRESH_TIMEOUT_S is above BUDGET_REFRESH_INTERVAL_S: one refresh would run into the next")
    }
    return found
  }
}
