import Trading

extension EngineSettings {
  /// Every name, in the table's order; for suggestions.
  public static var names: [String] { definitions.map(\.name) }

  /// The table. Defaults are those of the bot's last version (HISTORY 2.5, column HEAD) where it had the setting.
  public static let definitions: [SettingDefinition] = trading + orders + rhythm

  private static let trading: [SettingDefinition] = [
    .init(
      .globalTrading, "True", "", "Whether entries are made at all; exits always are.", .boolean(\.globalTrading)),
    .init(
      .dropTriggerValue, "0.985", "", "Share of the peak at or below which a price is a signal.",
      .decimal(\.dropTriggerValue, range("0.5", "1"))),
    .init(
      .dropTriggerLookbackS, "300", "s", "How far back the peak is looked for.",
      .time(\.dropTriggerLookback, unit: .seconds(1), range("1", "3600"))),
    .init(
      .positionSizeUsdt, "25", "USDT", "What one entry spends, fee included.",
      .decimal(\.positionSize, range("1", "1000000"))),
    .init(
      .minOrderValue, "5.1", "USDT", "Smallest entry, on top of the venue's own minimum.",
      .decimal(\.minOrderValue, range("0", "1000000"))),
    .init(
      .maxSlippageBpsEntry, "30", "bps", "How far the ask may lie above the last price.",
      .decimal(\.maxSlippageBpsEntry, range("0", "10000"))),
    .init(
      .maxSpreadBpsEntry, "50", "bps", "Widest spread that is bought into.",
      .decimal(\.maxSpreadBpsEntry, range("0", "10000"))),
    .init(
      .maxPerSymbolUsd, "60", "USDT", "Most that may be held, reserved and asked for in one symbol.",
      .decimal(\.maxPerSymbol, range("1", "1000000"))),
    .init(
      .maxConcurrentPositions, "3", "", "Most positions and open buy orders at a time.",
      .integer(\.maxConcurrentPositions, 1...1000)),
    .init(
      .maxPendingBuyIntents, "100", "", "Pending intents at which no entry is made.",
      .integer(\.maxPendingIntents, 1...10_000)),
    .init(
      .symbolCooldownAfterFailedOrderS, "60", "s", "How long no entry is made in a symbol after a failed entry.",
      .time(\.cooldownAfterFailedOrder, unit: .seconds(1), range("0", "86400"))),
    .init(
      .tp, "1.005", "", "Share of the entry price at which profit is taken.",
      .decimal(\.takeProfit, range("1.0001", "10"))),
    .init(
      .sl, "0.990", "", "Share of the entry price at which the loss is stopped.",
      .decimal(\.stopLoss, range("0.01", "0.9999"))),
    .init(
      .maxHoldS, "3600", "s", "Longest that a position is held.",
      .time(\.maxHold, unit: .seconds(1), range("1", "86400"))),
    .init(
      .exitRetryS, "5", "s", "Pause after a failed exit of a symbol.",
      .time(\.exitRetry, unit: .seconds(1), range("0.5", "3600"))),
  ]

  private static let orders: [SettingDefinition] = [
    .init(
      .intentStaleThresholdS, "60", "s",
      "Age at which a pending intent is stale: the venue is asked, then it is cleared.",
      .time(\.intentStaleThreshold, unit: .seconds(1), range("1", "86400"))),
    .init(
      .orderTtlS, "30", "s", "Age at which an order that is still open is canceled.",
      .time(\.orderTimeToLive, unit: .seconds(1), range("1", "86400"))),
    .init(
      .reconcileAfterS, "3", "s", "Silence about an order after which the venue is asked.",
      .time(\.reconcileAfter, unit: .seconds(1), range("0.5", "3600"))),
    .init(
      .routerMaxRetries, "3", "", "How often a passing refusal is tried again.",
      .integer(\.routerMaxRetries, 0...20)),
    .init(
      .routerBackoffMs, "400", "ms", "Pause before the first retry; doubles with each.",
      .time(\.routerBackoff, unit: .milliseconds(1), range("1", "60000"))),
    .init(
      .routerSlippageBps, "20", "bps", "How far a limit price goes beyond the top of the book.",
      .decimal(\.routerSlippageBps, range("0", "1000"))),
    .init(
      .routerTif, "GTC", "", "Time in force of every order.", .choice(\.routerTimeInForce, ["GTC", "IOC", "FOK"])),
    .init(
      .foreignOrders, "alarm", "", "What becomes of orders of the account that the engine did not make.",
      .choice(\.foreignOrders, ["alarm", cancelsForeign])),
    .init(
      .exchangeTimeoutS, "10", "s", "Longest that a caller waits for the venue.",
      .time(\.exchangeTimeout, unit: .seconds(1), range("0.2", "600"))),
  ]

  private static let rhythm: [SettingDefinition] = [
    .init(
      .mdPollMs, "2500", "ms", "Time between two polls of the market.",
      .time(\.marketPoll, unit: .milliseconds(1), range("50", "60000"))),
    .init(
      .engineCycleMs, "500", "ms", "Time between two cycles of the main loop.",
      .time(\.engineCycle, unit: .milliseconds(1), range("10", "10000"))),
    .init(
      .traceSampleRate, "0.1", "", "Share of TRACE_STEP records that are logged; nothing else is sampled.",
      .decimal(\.traceSampleRate, range("0", "1"))),
    .init(
      .firstFillReport, "False", "", "Whether FIRST_FILL is logged when the first order is filled.",
      .boolean(\.firstFillReport)),
    .init(
      .statePersistIntervalS, "10", "s", "Longest time between two saves of the state.",
      .time(\.statePersistInterval, unit: .seconds(1), range("0.1", "3600"))),
    .init(
      .budgetRefreshIntervalS, "61", "s", "Time between two refreshes of the venue's balances.",
      .time(\.budgetRefreshInterval, unit: .seconds(1), range("0.5", "86400"))),
    .init(
      .budgetRefreshTimeoutS, "5", "s", "Longest that the main loop waits for the balances.",
      .time(\.budgetRefreshTimeout, unit: .seconds(1), range("0.1", "600"))),
    .init(
      .heartbeatIntervalS, "5", "s", "Time between two heartbeats.",
      .time(\.heartbeatInterval, unit: .seconds(1), range("0.1", "3600"))),
    .init(
      .logQueueMax, "10000", "", "Records that may wait for the log writer; more are dropped and counted.",
      .integer(\.logQueueMax, 1...1_000_000)),
    .init(
      .formatterTimeoutMs, "100", "ms", "Longest that one message may take to render.",
      .time(\.formatterTimeout, unit: .milliseconds(1), range("1", "60000"))),
    .init(
      .shutdownTimeoutS, "10", "s", "Longest that a shutdown takes.",
      .time(\.shutdownTimeout, unit: .seconds(1), range("1", "600"))),
  ]

  private static func range(_ low: String, _ high: String) -> ClosedRange<Decimal> {
    guard let low = Decimal(low), let high = Decimal(high), low <= high else {
      preconditionFailure("the table of settings has a bad range: \(low) to \(high)")
    }
    return low...high
  }
}
