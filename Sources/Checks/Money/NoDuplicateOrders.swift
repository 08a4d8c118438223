import Basics
import Trading

extension Check {
  /// Reads INTENT_PENDING and ORDER_* of the engine's log, and the requests, order ids and fills of the venue's truth.
  public static let noDuplicateOrders = Check(
    .noDuplicateOrders,
    "an intent or decision has one order, a client id one intent, the venue gets it once, a signal buys once, and a "
      + "position is sold once", log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.noDuplicateOrders
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    var wrong: [String] = []
    for order in record.orders where order.orderIds.count > 1 || order.accepted > 1 {
      let times = max(order.orderIds.count, order.accepted)
      wrong.append("\(order.clientOrderId): accepted \(times) times \(order.orderIds.joined(separator: " "))")
    }
    for order in record.orders where order.resent > 0 {
      wrong.append("\(order.clientOrderId): sent again \(order.resent) times after the venue had taken it")
    }
    for order in record.orders where order.resentUnclear > 0 {
      wrong.append(
        "\(order.clientOrderId): sent again \(order.resentUnclear) times though nobody knew what had become of it")
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
    wrong += try doubleDecisions(record) + doubleBuys(record) + SalesBook.oversold(record)
    if wrong.isEmpty { return .pass(name, "\(record.orders.count) orders, none twice") }
    return .fail(name, "\(wrong.count) orders were placed twice", wrong)
  }

  /// Purchases of a symbol that is being bought, or was bought and not offered for sale since.
  private static func doubleBuys(_ record: SessionRecord) -> [String] {
    var bought: [String: OrderTruth] = [:]
    var wrong: [String] = []
    for order in record.orders where order.isAccepted {
      guard order.side == "buy" else {
        bought[order.symbol] = nil
        continue
      }
      if let earlier = bought[order.symbol] {
        let isOpen = earlier.endedAt.map { $0 > order.firstRequest } ?? true
        if isOpen || earlier.end == .filled {
          let later = JSON.double((order.firstRequest - earlier.firstRequest).seconds).text
          wrong.append("\(order.symbol): \(order.clientOrderId) bought \(later) s after \(earlier.clientOrderId)")
        }
      }
      bought[order.symbol] = order
    }
    return wrong
  }

  /// Where ORDER_SENT names its decision.
  private static func doubleDecisions(_ record: SessionRecord) -> [String] {
    var orderOf: [String: String] = [:]
    var wrong: [String] = []
    for event in record.events(.orderSent) {
      guard let decision = event.text(.decisionId), let order = event.text(.clientOrderId) else { continue }
      if let other = orderOf[decision], other != order {
        wrong.append("decision \(decision): orders \(other) and \(order)")
      }
      orderOf[decision] = order
    }
    return wrong
  }
}
