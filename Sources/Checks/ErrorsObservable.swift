import ChaosRuntime

extension Checks {
  /// Failures so close to the end that their line may still have been on its way.
  static let observeGrace = Duration.seconds(3)

  /// Reads the failures from the venue's truth, and ORDER_FAILED lines of level ERROR from the engine's log.
  static let errorsObservable = Check(
    "errors-observable",
    "every order that failed at the venue has its ORDER_FAILED line at level ERROR, with code and reason"
  ) { record in
    let name = "errors-observable"
    var seen: Set<String> = []
    for event in record.events("ORDER_FAILED") where event.level == "ERROR" {
      guard let id = event.text("client_order_id"), let reason = event.text("exchange_error"), !reason.isEmpty,
        let code = event.fields["error_code"], code != .null
      else { continue }
      seen.insert(id)
    }
    let failed = record.orders.filter { order in
      guard order.isFailed, let ended = order.endedAt else { return false }
      return record.end - ended > observeGrace
    }
    let silent = failed.filter { !seen.contains($0.clientOrderId) }
    if silent.isEmpty {
      return .pass(name, failed.isEmpty ? "no order failed" : "all \(failed.count) failed orders have their ERROR line")
    }
    return .fail(
      name, "\(silent.count) of \(failed.count) failed orders have no ERROR line with code and reason",
      silent.map { order in
        let why = order.code.map { " code \($0) \(order.text ?? "")" } ?? ""
        return
          "\(order.clientOrderId): \(order.end?.rawValue ?? "?")\(why), \(order.requests) requests, no ORDER_FAILED"
      })
  }
}
