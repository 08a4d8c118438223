import Basics
import Trading

extension Check {
  /// Reads the orders, trades and polls of the venue's truth, ORDER_SENT of the engine's log for the moment of the decision,
  /// and DROP_TRIGGER_VALUE and DROP_TRIGGER_LOOKBACK_S of config.json.
  ///
  /// Nothing is bought either while the venue refuses for good, time after time, to take a sale.
  ///
  /// Of the quotes before the symbol's last position was sold none counts as its peak: a drop is bought once. A schedule that
  /// holds the deciding thread up lets it see a quote of before after the sale.
  public static let entriesJustified = Check(
    .entriesJustified,
    "nothing is bought unless the venue's quotes of its symbol show the drop that the settings ask for, nor while a sale is "
      + "refused again and again"
  ) { record throws(Unjudged) in
    let name = CheckName.entriesJustified
    let entries = record.truth.orders.filter(\.isBuy)
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    if entries.isEmpty { return .notApplicable(name, "nothing was bought") }
    try record.requirePrices()
    let trigger = try record.settingFigure(.dropTriggerValue)
    let lookback = try record.settingTime(.dropTriggerLookbackS)
    let heldUp = record.run.isStallFree ? .zero : try record.decisionSlack()
    let holdings = try record.holdings()
    let alarms = try ExitPauseRule.alarms(record, Hearing(record)).certain
    let cycle = try record.settingTime(.engineCycleMs) + heldUp
    var wrong: [String] = []
    for entry in entries {
      let decided = record.decided(entry)
      if let alarm = alarms.first(where: { $0.lowerBound + cycle < decided && decided < $0.upperBound }) {
        wrong.append(
          "\(entry.id): \(entry.symbol) is bought, and since \(alarm.lowerBound.iso8601()) the venue refuses a sale again and again"
        )
      }
      let closed = holdings[entry.symbol]?.closed(before: entry.asked)?.minus(heldUp) ?? Instant(nanoseconds: .min)
      var least: (last: Decimal, peak: Decimal)?
      var isDropped = false
      for quote in try record.decisionQuotes(of: entry) where !isDropped {
        guard let peak = record.truth.quotes.peak(before: quote, within: lookback, since: closed) else { continue }
        least = (quote.last, peak)
        isDropped = try quote.last <= peak.times(trigger, .down, of: entry.id)
      }
      if !isDropped {
        let text = least.map { "the last price \($0.last) after a peak of \($0.peak)" } ?? "no price of it was known"
        wrong.append("\(entry.id): \(entry.symbol) is bought, \(text), \(SettingName.dropTriggerValue) \(trigger)")
      }
    }
    if wrong.isEmpty { return .pass(name, "\(entries.count) entries, each after its drop") }
    return .fail(
      name,
      "\(wrong.count) of \(entries.count) entries were made without the drop for it, or while nothing could be sold",
      wrong)
  }
}

extension Holding {
  /// When the last position before `time` was sold for certain; nil: none was.
  func closed(before time: Instant) -> Instant? {
    var wasOpen = false
    var closed: Instant?
    for step in steps where step.time <= time {
      let isOpen = isOpen(step)
      if isOpen == false, wasOpen { closed = step.time }
      wasOpen = isOpen != false
    }
    return closed
  }
}
