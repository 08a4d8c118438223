import ChaosRuntime

extension Checks {
  /// Reads ORDER_SENT and ORDER_FILLED of the engine's log.
  static let ordersFilled = Check("orders-filled", "orders that were sent are filled, at least 1 in 10") { record in
    let name = "orders-filled"
    let sent = record.count("ORDER_SENT")
    let filled = record.count("ORDER_FILLED")
    if sent == 0 { return .open(name, "no order was sent") }
    if filled == 0 { return .fail(name, "none of \(sent) orders was filled", []) }
    let percent = Double(filled) / Double(sent) * 100
    let reason = "\(filled) of \(sent) orders filled"
    return percent < 10 ? Verdict(check: name, outcome: .warn, reason: reason) : .pass(name, reason)
  }
}
