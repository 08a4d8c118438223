import Basics
import Trading

extension Check {
  /// Reads INTENT_PENDING, ORDER_SENT and INTENT_CLEARED of the engine's log against the answers and events in the venue's
  /// truth, and INTENT_STALE_THRESHOLD_S, EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// An order of which the venue goes on saying that it lives is rightly pending; one of which it says nothing, or nothing that
  /// an engine can use, must come to an end aloud.
  public static let intentsBounded = Check(
    .intentsBounded, "no intent is pending for longer than its bound while the venue says nothing of its order",
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
    // While the venue asks for no call, nobody can ask it.
    let pauses = Stretches(record.truth.pauses)
    // A schedule may hold up each of the threads that a word passes.
    let slack = record.run.isStallFree ? Duration.zero : stallsMax
    var longest = Duration.zero
    var wrong: [String] = []
    for life in record.intents {
      let over = min(life.clearedAt ?? record.end, record.end)
      let orders = life.clientOrderIds.compactMap { record.truth.order($0) }
      let words = orders.flatMap { $0.words(in: .from(life.pendingAt, to: over)) }.sorted()
      let silences = zip([life.pendingAt] + words, words + [over]).map { pauses.uncovered(in: .from($0, to: $1)) }
      let waited = silences.max() ?? .zero
      longest = max(longest, waited)
      if waited > bound + slack {
        wrong.append("\(life.id): pending for \(seconds(waited.seconds)) without a word of the venue about its order")
      }
    }
    if wrong.isEmpty {
      return .pass(name, "\(record.intents.count) intents, the longest silence was \(seconds(longest.seconds))")
    }
    return .fail(
      name, "\(wrong.count) intents were pending for longer than \(seconds(bound.seconds)) (\(origin))", wrong)
  }
}

extension Check {
  /// What a stalled schedule may add to a silence.
  private static let stallsMax = Duration.seconds(10)
}

extension OrderTraffic {
  /// When the venue let the engine know that it has the order, or had: by an acknowledgement, a report or an event.
  fileprivate func words(in range: Range<Instant>) -> [Instant] {
    let answers = (places + queries + cancels).filter(\.isGood).compactMap(\.answered)
    return (answers + trades.compactMap(\.arrives) + [end?.arrives].compactMap { $0 }).filter(range.contains)
  }
}
