import Trading

/// Everything about the engine that can be set, under the historical names.
///
/// `definitions` is the one table of names, defaults and ranges; a test varies each setting and sees a difference.
public struct EngineSettings: Sendable, Equatable {
  public var globalTrading = true
  public var dropTriggerValue = Decimal.zero
  public var dropTriggerLookback = Duration.zero
  public var positionSize = Decimal.zero
  public var minOrderValue = Decimal.zero
  public var maxSlippageBpsEntry = Decimal.zero
  public var maxSpreadBpsEntry = Decimal.zero
  public var maxPerSymbol = Decimal.zero
  public var maxConcurrentPositions = 0
  public var maxPendingIntents = 0
  public var cooldownAfterFailedOrder = Duration.zero
  public var takeProfit = Decimal.zero
  public var stopLoss = Decimal.zero
  public var maxHold = Duration.zero
  public var exitRetry = Duration.zero
  public var intentStaleThreshold = Duration.zero
  public var orderTimeToLive = Duration.zero
  public var reconcileAfter = Duration.zero
  public var routerMaxRetries = 0
  public var routerBackoff = Duration.zero
  public var routerSlippageBps = Decimal.zero
  public var routerTimeInForce = "GTC"
  public var exchangeTimeout = Duration.zero
  public var marketPoll = Duration.zero
  public var engineCycle = Duration.zero
  public var traceSampleRate = Decimal.zero
  public var firstFillReport = false
  public var statePersistInterval = Duration.zero
  public var budgetRefreshInterval = Duration.zero
  public var budgetRefreshTimeout = Duration.zero
  public var heartbeatInterval = Duration.zero
  public var logQueueMax = 0
  public var formatterTimeout = Duration.zero
  public var shutdownTimeout = Duration.zero

  /// The defaults.
  public init() {
    for definition in Self.definitions { definition.reset(&self) }
  }

  /// Sets one setting from text; booleans are `True`, `true`, `False` or `false`.
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
