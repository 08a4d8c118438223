import ChaosRuntime

extension Checks {
  /// Reads INTENT_PENDING and ORDER_* of the engine's log, and the order ids of the venue's truth.
  public static let noDuplicateOrders = Check(
    "no-duplicate-orders", "an intent or decision has one order, a client id one intent, and the venue takes it once"
  ) { record in
    let name = "no-duplicate-orders"
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    var wrong: [String] = []
    for order in record.orders where order.orderIds.count > 1 || order.accepted > 1 {
      let times = max(order.orderIds.count, order.accepted)
      wrong.append("\(order.clientOrderId): accepted \(times) times \(order.orderIds.joined(separator: " "))")
    }
    for life in record.intents where life.clientOrderIds.count > 1 {
      wrong.append("\(life.id): orders \(life.clientOrderIds.joined(separator: " and "))")
    }
    for order in record.engineOrders.all {
      if order.intentIds.count > 1 {
        wrong.append("\(order.clientOrderId): intents \(order.intentIds.joined(separator: " and "))")
      } else if order.sentCount > 1 {
        wrong.append("\(order.clientOrderId): sent \(order.sentCount) times")
      }
    }
    wrong += doubleDecisions(record)
    if wrong.isEmpty { return .pass(name, "\(record.orders.count) orders, none twice") }
    return .fail(name, "\(wrong.count) orders were placed twice", wrong)
  }

  /// Where ORDER_SENT names its decision.
  private static func doubleDecisions(_ record: SessionRecord) -> [String] {
    var orderOf: [String: String] = [:]
    var wrong: [String] = []
    for event in record.events("ORDER_SENT") {
      guard let decision = event.text("decision_id"), let order = event.text("client_order_id") else { continue }
      if let other = orderOf[decision], other != order {
        wrong.append("decision \(decision): orders \(other) and \(order)")
      }
      orderOf[decision] = order
    }
    return wrong
  }
}
