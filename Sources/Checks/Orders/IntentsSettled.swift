import Basics
import Trading

extension Check {
  /// Reads INTENT_PENDING, ORDER_SENT and INTENT_CLEARED of the engine's log against the ends of orders, refusals
  /// included, and the questions about them in the venue's truth; EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  public static let intentsSettled = Check(
    .intentsSettled,
    "no intent is pending when the engine must know of its order's end; a stale sweep settles nothing", log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.intentsSettled
    let limit = try record.settleLimit()
    let ended = try intentsOfEndedOrders(record)
    if ended.isEmpty { return .open(name, "no order of an intent ended at the venue") }
    let judged = ended.filter { $0.isSettledInTime || $0.due < record.end }
    let late = ended.filter { $0.isLate }
    if judged.isEmpty {
      return .open(name, "\(ended.count) orders of intents ended less than \(limit.text) before the session's end")
    }
    if late.isEmpty {
      return .pass(name, "\(judged.count) intents of finished orders were settled within \(limit.text)")
    }
    return .fail(
      name, "\(late.count) of \(ended.count) intents of finished orders were not settled within \(limit.text)",
      late.map(\.evidence))
  }

  /// How many intents `intents-settled` holds against the engine.
  static func unsettledCount(_ record: SessionRecord) -> Int {
    record.earlyEndOfLog == nil ? endedIntents(record).count { $0.isLate } : 0
  }

  /// Intents whose order ended before the session did; none where the settings are not known that say when each is late.
  static func endedIntents(_ record: SessionRecord) -> [EndedIntent] {
    (try? intentsOfEndedOrders(record)) ?? []
  }

  static func intentsOfEndedOrders(_ record: SessionRecord) throws(Unjudged) -> [EndedIntent] {
    let word = try VenueWord(record)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    var ends: [String: Instant] = [:]
    for order in record.orders { if let ended = order.endedAt { ends[order.clientOrderId] = ended } }
    return record.intents.compactMap { life in
      // An intent with several orders is done when the last of them is.
      var last: (order: String, time: Instant)?
      for order in life.clientOrderIds {
        guard let time = ends[order] else { return nil }
        if last.map({ $0.time < time }) ?? true { last = (order, time) }
      }
      guard let last, last.time <= record.end else { return nil }
      return EndedIntent(
        life: life, order: last.order, endedAt: last.time,
        due: word.due(last.order, endedAt: last.time, timeout: timeout), sessionEnd: record.end)
    }
  }
}

/// An intent whose order ended.
struct EndedIntent {
  var life: IntentLife
  var order: String
  var endedAt: Instant
  /// From when on it should have been settled.
  var due: Instant
  var sessionEnd: Instant

  /// Nothing is held against it after the session's end.
  var isLate: Bool { min(life.settledAt ?? sessionEnd, sessionEnd) > due }
  var isSettledInTime: Bool { life.settledAt.map { $0 <= due } ?? false }

  var evidence: String {
    let how: String
    if let settled = life.settledAt {
      how = "was settled \(seconds((settled - endedAt).seconds)) later"
    } else if let swept = life.clearedAt {
      how = "was swept as stale \(seconds((swept - endedAt).seconds)) later"
    } else {
      how = "was never cleared"
    }
    return "\(life.id): order \(order) ended at \(endedAt.iso8601()), the intent \(how)"
  }
}
