import ChaosRuntime

extension Checks {
  /// How long an intent may outlive its order's end.
  static let settleLimit = Duration.seconds(10)

  /// Reads INTENT_PENDING, ORDER_SENT and INTENT_CLEARED of the engine's log against the ends of orders, refusals
  /// included, in the venue's truth.
  public static let intentsSettled = Check(
    "intents-settled", "no intent is pending more than 10 s after its order's end; a stale sweep settles nothing"
  ) { record in
    let name = "intents-settled"
    let ended = endedIntents(record)
    if ended.isEmpty { return .open(name, "no order of an intent ended at the venue") }
    let late = ended.filter { $0.isLate }
    if late.isEmpty { return .pass(name, "\(ended.count) intents of finished orders were settled within 10 s") }
    return .fail(
      name, "\(late.count) of \(ended.count) intents of finished orders were not settled within 10 s",
      late.map(\.evidence))
  }

  /// How many intents `intents-settled` holds against the engine.
  static func unsettledCount(_ record: SessionRecord) -> Int { endedIntents(record).count { $0.isLate } }

  /// Intents whose order ended before the session did.
  static func endedIntents(_ record: SessionRecord) -> [EndedIntent] {
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
      return EndedIntent(life: life, order: last.order, endedAt: last.time, sessionEnd: record.end)
    }
  }
}

/// An intent whose order ended.
struct EndedIntent {
  var life: IntentLife
  var order: String
  var endedAt: Instant
  var sessionEnd: Instant

  /// From when on it should have been settled.
  var due: Instant { endedAt + Checks.settleLimit }
  /// Nothing is held against it after the session's end.
  var isLate: Bool { min(life.settledAt ?? sessionEnd, sessionEnd) > due }

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
