import Basics
import Trading

extension Check {
  /// Reads the orders, trades, polls and calls of the venue's truth, the settings of entries, ENGINE_CYCLE_MS,
  /// BUDGET_REFRESH_TIMEOUT_S, EXCHANGE_TIMEOUT_S, RECONCILE_AFTER_S and MD_POLL_MS of config.json.
  ///
  /// A stretch of time in which the venue's quotes show a drop, and nothing speaks against buying by any reckoning of what
  /// the engine can know, is no longer than one cycle and a second. Doubt counts against the stretch: a quote that the main
  /// loop may have missed is no peak, an order whose end the engine may not have heard of is open, and money that is not free
  /// with a tenth to spare is not there. A stalled schedule excuses the rest.
  public static let signalsActedOn = Check(
    .signalsActedOn, "a drop that the venue's quotes show is bought at once, when nothing speaks against it"
  ) { record throws(Unjudged) in
    let name = CheckName.signalsActedOn
    if record.settings.flag(.globalTrading) == false {
      return .notApplicable(name, "\(SettingName.globalTrading) is off: nothing was to be bought")
    }
    if record.truth.quotes.symbols.isEmpty { return .open(name, "the venue gave no quotes with prices") }
    try record.requirePrices()
    let situation = try EntrySituation(record)
    let limit = try record.settingTime(.engineCycleMs) + reactionSlack
    var wrong: [String] = []
    var signals = 0
    var longest = Duration.zero
    for symbol in record.truth.quotes.symbols {
      let (signalled, kept) = (try situation.signals(symbol), situation.keptBack(symbol))
      signals += signalled.all.count
      for stretch in signalled.all {
        for gap in kept.gaps(in: stretch) {
          longest = max(longest, gap.length)
          if gap.length > limit {
            wrong.append(
              "\(symbol): a drop is there from \(gap.lowerBound.iso8601()) on, nothing buys it for \(seconds(gap.length.seconds))"
            )
          }
        }
      }
    }
    let worst = "the longest wait \(milliseconds(longest.milliseconds))"
    if !record.run.isStallFree { return .stalled(name, [worst]) }
    if signals == 0 { return .notApplicable(name, "the venue's quotes showed no drop that had to be bought") }
    if wrong.isEmpty { return .pass(name, "\(counted(signals, "drop")), \(worst)") }
    return .fail(name, "\(wrong.count) drops were not bought though nothing spoke against it", wrong)
  }
}
