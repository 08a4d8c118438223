import ChaosRuntime

extension Checks {
  /// Reads ORDER_SENT and ORDER_FILLED of the engine's log; counts orders, not lines.
  public static let ordersFilled = Check("orders-filled", "orders that were sent are filled, at least 1 in 10") {
    record in
    let name = "orders-filled"
    let count = OrderCounts(record)
    if count.sent == 0 { return .open(name, "no order was sent") }
    let reason = "\(count.filled) of \(count.sent) orders filled"
    if count.filled == 0 { return .fail(name, "none of \(count.sent) orders was filled", []) }
    return .pass(name, reason)
  }
}

/// Distinct orders of the engine's log, by what was said of them.
struct OrderCounts {
  var sent = 0
  var filled = 0
  var failed = 0

  init(_ record: SessionRecord) {
    for order in record.engineOrders.all {
      if order.sentCount > 0 { sent += 1 }
      if order.filledAt != nil { filled += 1 }
      if order.failedAt != nil { failed += 1 }
    }
  }
}
