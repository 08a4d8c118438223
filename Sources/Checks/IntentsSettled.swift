import ChaosRuntime

extension Checks {
  /// How long an intent may outlive its order's end.
  static let settleLimit = Duration.seconds(10)

  /// Reads INTENT_PENDING and INTENT_CLEARED of the engine's log against the ends of orders in the venue's truth.
  static let intentsSettled = Check(
    "intents-settled", "no intent is pending more than 10 s after its order's end; a stale sweep settles nothing"
  ) { record in
    let name = "intents-settled"
    var ends: [String: Instant] = [:]
    for order in record.orders { if let ended = order.endedAt { ends[order.clientOrderId] = ended } }
    var cleared: [String: Instant] = [:]
    for event in record.events("INTENT_CLEARED") where event.text("reason") != "stale" {
      guard let id = event.text("intent_id") else { continue }
      if cleared[id] == nil { cleared[id] = event.time }
    }
    var late: [String] = []
    var judged = 0
    for intent in record.events("INTENT_PENDING") {
      guard let id = intent.text("intent_id"), let order = intent.text("client_order_id"), let ended = ends[order]
      else { continue }
      judged += 1
      let settled = cleared[id] ?? record.end
      guard settled - ended > settleLimit else { continue }
      let how = cleared[id] == nil ? "never cleared" : "cleared \(seconds((settled - ended).seconds)) later"
      late.append("\(id): order \(order) ended at \(ended.iso8601()), intent \(how)")
    }
    if late.isEmpty { return .pass(name, "\(judged) intents of finished orders were settled within 10 s") }
    return .fail(name, "\(late.count) of \(judged) intents of finished orders were not settled within 10 s", late)
  }

  /// The intents that `intents-settled` holds against the engine.
  static func unsettledCount(_ record: SessionRecord) -> Int {
    let verdict = intentsSettled.judge(record)
    guard verdict.outcome == .fail else { return 0 }
    return verdict.reason.split(separator: " ").first.flatMap { Int($0) } ?? 0
  }
}
