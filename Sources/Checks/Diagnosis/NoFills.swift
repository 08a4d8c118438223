import Basics
import Trading

/// "No ORDER_FILLED events": what kept entries from being made.
extension Diagnosis {
  static let noFills = Symptom(
    name: "No ORDER_FILLED events",
    sign: { record in
      let count = OrderCounts(record)
      if count.sent == 0 { return "no order was sent" }
      if count.filled == 0 { return "none of \(counted(count.sent, "order")) was filled" }
      return count.filled * 10 < count.sent ? "only \(count.filled) of \(count.sent) orders were filled" : nil
    },
    causes: [
      cutShort, tradingOff, fillsLost, connectivity, balancesUnknown, refusals, thinBook, unbookedFills, spreadGuard,
      slippageGuard, otherGuards,
      noSignal,
    ])

  static let tradingOff: Reader = { record in
    let blocks = blocks(record, by: "trading")
    let isOff = record.setting(.globalTrading) == "False"
    guard isOff || !blocks.isEmpty else { return nil }
    return Cause(
      "trading-off", "GLOBAL_TRADING is off: \(entriesBlocked(blocks.count))", weight: max(1, blocks.count),
      [isOff ? record.settingLine(.globalTrading) : nil] + blocks.map { record.evidence($0) },
      next: "--set GLOBAL_TRADING=True, or the line GLOBAL_TRADING in the --config file")
  }

  static let fillsLost: Reader = { queueFull($0, counter: .ordersFilled, event: .orderFilled) }

  /// Without a balance there is no budget, and the budget's guard blocks everything.
  static let balancesUnknown: Reader = { record in
    guard !knowsBalances(record) else { return nil }
    let blocked = blocks(record, by: "budget")
    let replies = record.venue.filter { $0.kind == "reply" && $0.text(.call) == "fetch_balance" }
    return Cause(
      "balances-unknown", "the venue never reported the balances: \(entriesBlocked(blocked.count)) for want of budget",
      weight: blocked.count,
      (record.events(.budgetRefreshTimeout).prefix(1) + blocked.prefix(1)).map { record.evidence($0) }
        + replies.prefix(1).map { record.evidence($0) },
      next: "the connection to the venue, BUDGET_REFRESH_TIMEOUT_S, faults at exchange.fetch_balance in run.json; part "
        + "refresher, Sources/TradingEngine/Budget/ThreadedRefresher.swift")
  }

  private static func knowsBalances(_ record: SessionRecord) -> Bool {
    !comesLate(record.truth.balances, record)
  }

  static let spreadGuard: Reader = { record in
    guardCause(
      record, "spread", id: "spread-guard", setting: .maxSpreadBpsEntry,
      says: "the spread guard: markets are wider than MAX_SPREAD_BPS_ENTRY")
  }

  static let slippageGuard: Reader = { record in
    guardCause(
      record, "slippage", id: "slippage-guard", setting: .maxSlippageBpsEntry,
      says: "the slippage guard: asks lie further above the last price than MAX_SLIPPAGE_BPS_ENTRY")
  }

  /// Limits other than those the guide names, and the setting behind each; a cooldown follows a failure and is no cause.
  private static let limits: [(String, SettingName)] = [
    ("budget", .positionSizeUsdt), ("exposure", .maxPerSymbolUsd), ("positions", .maxConcurrentPositions),
    ("pending", .maxPendingBuyIntents), ("size", .minOrderValue),
  ]

  /// The limit that blocked most.
  static let otherGuards: Reader = { record in
    let counts = limits.filter { $0.0 != "budget" || knowsBalances(record) }.map {
      (name: $0.0, setting: $0.1, count: blocks(record, by: $0.0).count)
    }
    guard let most = counts.max(by: { $0.count < $1.count }) else { return nil }
    return guardCause(
      record, most.name, id: "\(most.name)-guard", setting: most.setting, says: "the guard '\(most.name)'")
  }

  static let noSignal: Reader = { record in
    let heard: [EventName] = [.decisionStart, .guardBlock]
    guard heard.allSatisfy({ record.count($0) == 0 }), !lacksRules(record), !lacksQuotes(record) else { return nil }
    return Cause(
      "no-signal", "no price fell to the entry trigger: there was nothing to decide", weight: 1,
      [record.settingLine(.dropTriggerValue)] + record.events(.engineStart).map { record.evidence($0) },
      next: "a longer --duration, or a DROP_TRIGGER_VALUE nearer to 1")
  }

  private static func guardCause(
    _ record: SessionRecord, _ name: String, id: String, setting: SettingName, says: String
  ) -> Cause? {
    let blocks = blocks(record, by: name)
    let value = record.setting(setting).map { "now \($0), " } ?? ""
    return Cause(
      id, "\(says): \(entriesBlocked(blocks.count))", weight: blocks.count,
      blocks.prefix(evidenceMax - 1).map { record.evidence($0) } + [record.settingLine(setting)],
      next:
        "\(setting.rawValue) (\(value)--set \(setting.rawValue)=VALUE); part entryGuard, Sources/TradingEngine/Decisions/ExposureGuard.swift"
    )
  }

  private static func blocks(_ record: SessionRecord, by name: String) -> [SessionRecord.Event] {
    record.events(.guardBlock).filter { $0.text(.guard) == name }
  }

  private static func entriesBlocked(_ count: Int) -> String {
    "\(counted(count, "entry was", "entries were")) blocked"
  }
}
