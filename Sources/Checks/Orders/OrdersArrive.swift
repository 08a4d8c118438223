import Basics
import Trading

extension Check {
  /// Reads DECISION_END, ORDER_SENT and ORDER_FAILED of the engine's log against the requests in the venue's truth, and
  /// INTENT_STALE_THRESHOLD_S and ROUTER_TIF of config.json: what was not sent by then must have failed, and this is how long
  /// each order may wait in the book.
  public static let ordersArrive = Check(
    .ordersArrive, "an order that the log sends was decided on and reaches the venue as it was sent, and no other does",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.ordersArrive
    if record.events(.orderSent).isEmpty, record.truth.orders.isEmpty { return .open(name, "no order was sent") }
    if record.count(.logRecordsDropped) > 0 { return .open(name, "lines of the log are missing") }
    let limit = try record.settingTime(.intentStaleThresholdS) + reactionSlack
    var decided: Set<String> = []
    var sent: [String: Instant] = [:]
    var wrong: [String] = []
    for event in record.events {
      if event.type == .decisionEnd, let id = event.text(.decisionId) { decided.insert(id) }
      guard event.type == .orderSent, let id = event.text(.clientOrderId) else { continue }
      sent[id] = sent[id] ?? event.time
      if event.isVague { continue }
      if let decision = event.text(.decisionId) {
        if !decided.contains(decision) {
          wrong.append("\(record.place(event)): \(id) of \(decision), which was not decided")
        }
      } else {
        wrong.append("\(record.place(event)): \(id) names no decision")
      }
      if let order = record.truth.order(id) {
        wrong += differences(event, order).map { "\(record.place(event)): \(id) \($0)" }
      } else if record.engineOrders[id]?.failedAt == nil, record.end - event.time > limit {
        wrong.append("\(record.place(event)): \(id) never reached the venue, and did not fail")
      }
    }
    for order in record.truth.orders where sent[order.id].map({ $0 > order.asked }) ?? true {
      wrong.append("\(order.id): at the venue since \(order.asked.iso8601()), and not sent by then in the log")
    }
    if let force = record.settings.text(.routerTif)?.lowercased() {
      for order in record.truth.orders {
        guard let sent = order.timeInForce, sent != force else { continue }
        wrong.append("\(order.id): sent as \(sent), \(SettingName.routerTif) is \(force)")
      }
    }
    if wrong.isEmpty { return .pass(name, "\(sent.count) orders were decided, sent and reached the venue") }
    return .fail(name, "\(wrong.count) orders were not sent as the log says", wrong)
  }

  private static func differences(_ event: SessionRecord.Event, _ order: OrderTraffic) -> [String] {
    var wrong: [String] = []
    if let symbol = event.text(.symbol), symbol != order.symbol {
      wrong.append("is \(symbol) in the log and \(order.symbol) at the venue")
    }
    if let side = event.text(.side), (side == "buy") != order.isBuy {
      wrong.append("is a \(side) in the log and the opposite at the venue")
    }
    for (key, truth) in [(FieldName.qty, order.quantity), (.price, order.price)] {
      guard let told = event.decimal(key), let truth, told != truth else { continue }
      wrong.append("has \(key) \(told) in the log and \(truth) at the venue")
    }
    return wrong
  }
}
