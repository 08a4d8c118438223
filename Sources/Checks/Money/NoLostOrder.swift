import Basics
import Trading

extension Check {
  /// Reads the orders of the venue's truth, ORDER_FILLED and ORDER_FAILED of the engine's log, and the state file's
  /// intents.
  public static let noLostOrder = Check(
    .noLostOrder, "every order that the venue took ends in the engine's log, or is still pending in its state",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.noLostOrder
    if record.isCutShort { return .open(name, "the session was cut short") }
    var pending: Set<String> = []
    for (_, intent) in record.state?[.pendingBuyIntents]?.members ?? [] {
      if let id = intent[.clientOrderId]?.string { pending.insert(id) }
    }
    let taken = record.orders.filter(\.isAccepted)
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    if taken.isEmpty { return .notApplicable(name, "the venue took none of \(record.orders.count) orders") }
    let word = try VenueWord(record)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let lost = taken.filter { order in
      let engine = record.engineOrders[order.clientOrderId]
      if engine?.filledAt != nil || engine?.failedAt != nil || pending.contains(order.clientOrderId) { return false }
      return record.end > word.due(order.clientOrderId, endedAt: order.lastTurn, timeout: timeout)
    }
    if lost.isEmpty { return .pass(name, "all \(taken.count) orders are accounted for") }
    return .fail(
      name, "\(lost.count) of \(taken.count) orders have no end in the engine's log",
      lost.map { "\($0.clientOrderId): \($0.end?.rawValue ?? "open") at the venue, filled \($0.filledQuantity)" })
  }
}
