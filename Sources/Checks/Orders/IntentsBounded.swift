import Basics
import Trading

extension Check {
  /// Reads INTENT_PENDING, ORDER_SENT and INTENT_CLEARED of the engine's log against the answers and events in the venue's
  /// truth, and INTENT_STALE_THRESHOLD_S, EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// An order of which the venue goes on saying that it lives is rightly pending; one of which it says nothing, or nothing that
  /// an engine can use, must come to an end aloud.
  public static let intentsBounded = Check(
    .intentsBounded, "no intent is pending for longer than its bound after the venue last said that its order lives",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.intentsBounded
    if record.intents.isEmpty { return .open(name, "there was no intent") }
    let stale = try record.settingTime(.intentStaleThresholdS)
    let call = try record.settingTime(.exchangeTimeoutS)
    let quiet = try record.settingTime(.reconcileAfterS)
    // Asked a moment before it is stale, the venue may be silent for one call more.
    let bound = stale + quiet + call + reactionSlack
    let origin =
      "INTENT_STALE_THRESHOLD_S \(seconds(stale.seconds)) + RECONCILE_AFTER_S \(seconds(quiet.seconds)) + "
      + "EXCHANGE_TIMEOUT_S \(seconds(call.seconds)) + \(seconds(reactionSlack.seconds))"
    var longest = Duration.zero
    var wrong: [String] = []
    for life in record.intents {
      let over = min(life.clearedAt ?? record.end, record.end)
      let orders = life.clientOrderIds.compactMap { record.truth.order($0) }
      let word = orders.compactMap { $0.lastWord(before: over) }.max() ?? life.pendingAt
      let waited = over - max(word, life.pendingAt)
      longest = max(longest, waited)
      if waited > bound {
        wrong.append("\(life.id): pending for \(seconds(waited.seconds)) after the venue's last word of its order")
      }
    }
    if wrong.isEmpty {
      return .pass(name, "\(record.intents.count) intents, the longest silence was \(seconds(longest.seconds))")
    }
    return .fail(
      name, "\(wrong.count) intents were pending for longer than \(seconds(bound.seconds)) (\(origin))", wrong)
  }
}

extension OrderTraffic {
  /// When the venue last let the engine know before `time` that it has the order, or had: by an acknowledgement, a report or an
  /// event.
  fileprivate func lastWord(before time: Instant) -> Instant? {
    let answers = (places + queries + cancels).filter(\.isGood).compactMap(\.answered)
    return (answers + trades.compactMap(\.arrives) + [end?.arrives].compactMap { $0 }).filter { $0 <= time }.max()
  }
}
