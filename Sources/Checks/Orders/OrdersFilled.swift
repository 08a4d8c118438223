import Basics
import Trading

extension Check {
  /// Reads the fills of the venue's truth against ORDER_SENT, ORDER_UPDATE, ORDER_FILLED and ORDER_FAILED of the engine's
  /// log; counts orders, not lines. An order that was filled in part is filled; what the venue fills is its own business.
  public static let ordersFilled = Check(
    .ordersFilled, "what the venue fills, the engine's log has as filled: at least 1 order in 10", log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.ordersFilled
    let count = OrderCounts(record)
    if count.sent == 0 { return .open(name, "no order was sent") }
    if record.orders.isEmpty {
      return .fail(name, "none of \(count.sent) orders that were sent reached the venue", [])
    }
    let filled = record.orders.filter { $0.filledQuantity.isPositive }
    if filled.isEmpty {
      let told = record.engineOrders.all.filter(\.isFilled).map { "\($0.clientOrderId): filled in the log only" }
      if !told.isEmpty { return .fail(name, "the log reports \(told.count) fills that the venue never made", told) }
      let refused = record.orders.count { $0.end == .refused || $0.end == .rejected }
      return .notApplicable(
        name, "the venue filled none of \(record.orders.count) orders (\(refused) refused)")
    }
    let limit = try record.settleLimit()
    let hearing = try Hearing(record)
    let isTold = { (order: OrderTruth) in record.engineOrders[order.clientOrderId]?.isFilled == true }
    let told = filled.count(where: isTold)
    // A fill may be news for a while.
    let untold = filled.filter { order in
      !isTold(order) && order.fills.first.map { record.end - $0.time > limit.duration } ?? true
        && record.truth.order(order.clientOrderId).map { hearing.isHeard($0, by: record.end) } ?? true
    }
    if told == 0, untold.isEmpty { return .open(name, "the first fills came less than \(limit.text) before the end") }
    if told * 9 < untold.count {
      return .fail(
        name, "the venue filled \(filled.count) orders, \(told) of them in the engine's log",
        untold.map { "\($0.clientOrderId): filled \($0.filledQuantity) at the venue, no fill in the log" })
    }
    return .pass(name, "\(told) of \(count.sent) orders filled")
  }
}

/// Distinct orders of the engine's log, by what was said of them.
struct OrderCounts {
  var sent = 0
  /// With a fill, whole or in part.
  var filled = 0
  var failed = 0

  init(_ record: SessionRecord) {
    for order in record.engineOrders.all {
      if order.sentCount > 0 { sent += 1 }
      if order.isFilled { filled += 1 }
      if order.failedAt != nil { failed += 1 }
    }
  }
}

extension EngineOrder {
  /// Whether the log tells of a fill, whole or in part.
  var isFilled: Bool { filledAt != nil || booked.isPositive }
}
