import Basics
import Trading

/// "Excessive stale intents": who should have cleared them.
extension Diagnosis {
  /// Beyond the stale threshold: a sweep and a question to the venue take their time.
  private static let sweepGrace = Duration.seconds(30)
  /// Of the guide: stale intents above which its alert and its validation speak up.
  private static let staleMax = 10

  static let staleIntents = Symptom(
    name: "Excessive stale intents",
    sign: { record in
      let pending = record.state?[.pendingBuyIntents]?.members?.count ?? 0
      let stale = PaperReport.staleCount(record)
      let unsettled = Check.unsettledCount(record)
      let old = overdue(record).count
      let lost = record.count(.orderLost)
      guard pending > PaperReport.pendingWarnMax || stale > staleMax || unsettled + old + lost > 0 else { return nil }
      return "\(pending) pending at the end, \(stale) counted stale, \(unsettled) outlived their order's end, "
        + "\(old) stayed beyond the stale threshold, \(lost) were given up without an end"
    }, causes: [cutShort, linesLost, failuresUnheard, clearMissing, venueSilent, sweepStarved, settledLate])

  /// Without its lines the log cannot tell who cleared what: no other cause is read from it then.
  static let linesLost: Reader = { queueFull($0, counter: .intentsCleared, event: .intentCleared) }

  /// Failures clear nothing, while fills do: nobody listens to them.
  static let failuresUnheard: Reader = { record in
    let left = neverSettled(record).filter { isFailed($0, record) }
    let reasons = clearReasons(record)
    let isSaid = reasons.contains("order_failed")
    let hasFills = record.orders.contains { $0.end == .filled }
    guard !isSaid, !hasFills || reasons.contains("order_filled") else { return nil }
    return Cause(
      "order-failed-not-subscribed",
      "order.failed is not subscribed: no intent of \(counted(left.count, "failed order")) was cleared by its failure",
      weight: left.count, evidence(of: left, [.orderFailed, .intentPending], record),
      next: "part intents, Sources/TradingEngine/Orders/SettlingBook.swift: its init subscribes to order.failed; "
        + "'chaos show 9.2' has the story, 'chaos run --bug 9.2' proves the fix")
  }

  /// Ends were heard of, and the intent stayed all the same.
  static let clearMissing: Reader = { record in
    let reasons = clearReasons(record)
    let left = neverSettled(record).filter { item in
      if isFailed(item, record) {
        let hasFills = record.orders.contains { $0.end == .filled }
        return reasons.contains("order_failed") || (hasFills && !reasons.contains("order_filled"))
      }
      return record.engineOrders[item.order]?.filledAt != nil
    }
    return Cause(
      "clear-not-called",
      "clear is not called: \(counted(left.count, "intent")) stayed though the end of the order was known",
      weight: left.count, evidence(of: left, [.orderFilled, .orderFailed, .intentPending], record),
      next:
        "Sources/TradingEngine/Orders/IntentBookkeeping.swift: clear(_:reason:) logs INTENT_CLEARED for every "
        + "end; whoever handles order.filled and order.failed calls it")
  }

  /// The engine asked, and the venue did not answer.
  static let venueSilent: Reader = { record in
    let lost = Set(record.events(.orderLost).compactMap { $0.text(.intentId) })
    let old = Set(overdue(record).map(\.id))
    let left = record.intents.filter { lost.contains($0.id) || old.contains($0.id) && isAsked($0, record) }
    let ids = Set(left.flatMap(\.clientOrderIds))
    let unknown = record.events(.orderOutcomeUnknown).filter { ids.contains($0.text(.clientOrderId) ?? "") }
    let replies = record.venue.filter { line in
      line.kind == "reply" && line.text(.outcome) != "ok"
        && ["query_order", "cancel_order"].contains(line.text(.call))
        && ids.contains(line.text(.clientOrderId) ?? "")
    }
    return Cause(
      "connectivity", "the exchange does not say what became of \(counted(left.count, "order"))", weight: left.count,
      unknown.prefix(1).map { record.evidence($0) } + replies.map { record.evidence($0) },
      next: "the connection to the venue, EXCHANGE_TIMEOUT_S, faults at exchange.query_order in run.json "
        + "(fault_counts)")
  }

  /// Nobody looked after intents beyond the threshold.
  static let sweepStarved: Reader = { record in
    let left = overdue(record).filter { !isAsked($0, record) }
    let ids = Set(left.map(\.id))
    let pending = record.events(.intentPending).filter { ids.contains($0.text(.intentId) ?? "") }
    let sweeps = record.events(.staleIntentCleanup)
    return Cause(
      "cron-starved",
      "the stale sweep is starved: \(counted(left.count, "intent")) beyond the threshold, "
        + "\(counted(sweeps.count, "sweep")) in the whole session",
      weight: left.count,
      pending.prefix(1).map { record.evidence($0) } + [record.settingLine(.intentStaleThresholdS)]
        + sweeps.suffix(1).map { record.evidence($0) },
      next:
        "part reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift: sweep() runs on a thread of its own, "
        + "whatever the main loop does; INTENT_STALE_THRESHOLD_S is its threshold")
  }

  static let settledLate: Reader = { record in
    let late = Check.endedIntents(record).filter { $0.isLate && $0.life.settledAt != nil }
    return Cause(
      "settled-late", "\(counted(late.count, "intent")) settled more than 10 s after the end of the order",
      weight: late.count, evidence(of: late, [.intentCleared], record),
      next: "what held the engine up then: MD_POLL_OVERRUN, EXCHANGE_CALL_SLOW and BUDGET_REFRESH around that line; "
        + "'chaos check' judges exchange-calls-bounded")
  }

  // MARK: Readers' helpers

  private static func hasLostClears(_ record: SessionRecord) -> Bool {
    hasLost(record, counter: .intentsCleared, event: .intentCleared)
  }

  private static func neverSettled(_ record: SessionRecord) -> [EndedIntent] {
    if hasLostClears(record) { return [] }
    return Check.endedIntents(record).filter { $0.isLate && $0.life.settledAt == nil }
  }

  private static func isFailed(_ item: EndedIntent, _ record: SessionRecord) -> Bool {
    record.orders.first { $0.clientOrderId == item.order }?.isFailed ?? false
  }

  private static func clearReasons(_ record: SessionRecord) -> Set<String> {
    Set(record.events(.intentCleared).compactMap { $0.text(.reason) })
  }

  /// Intents that stayed beyond the stale threshold, whatever became of their order.
  private static func overdue(_ record: SessionRecord) -> [IntentLife] {
    guard !hasLostClears(record),
      let seconds = record.setting(.intentStaleThresholdS).flatMap({ Double($0) }), (0...86_400).contains(seconds)
    else { return [] }
    let limit = Duration(nanoseconds: Int64(seconds * 1e9)) + sweepGrace
    return record.intents.filter { min($0.clearedAt ?? record.end, record.end) - $0.pendingAt > limit }
  }

  /// Whether somebody asked the venue for the order, or wanted it canceled, before the engine was asked to end.
  private static func isAsked(_ life: IntentLife, _ record: SessionRecord) -> Bool {
    record.venue.contains { line in
      line.kind == "request" && line.time < record.end
        && ["query_order", "cancel_order"].contains(line.text(.call))
        && life.clientOrderIds.contains(line.text(.clientOrderId) ?? "")
    }
  }

  /// The last word of the log on each intent, of these types; the first types are preferred.
  private static func evidence(
    of items: [EndedIntent], _ types: [EventName], _ record: SessionRecord
  ) -> [Evidence?] {
    items.prefix(evidenceMax).map { item in
      for type in types {
        if let event = record.events(type).last(where: { $0.text(.intentId) == item.life.id }) {
          return record.evidence(event)
        }
      }
      return nil
    }
  }
}
