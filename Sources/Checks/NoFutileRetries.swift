import ChaosRuntime

extension Checks {
  /// Reads place_order in the venue's history, where a reply says whether the same request can only be refused again.
  ///
  /// Source: HISTORY.md H-SERV-01, a router that sent `InsufficientFunds` four times as if it were a time-out.
  public static let noFutileRetries = Check(
    "no-futile-retries", "an order that the venue refused for good is not sent again"
  ) { record in
    let name = "no-futile-retries"
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    let wrong = record.orders.filter { $0.futile > 0 }.map { order in
      "\(order.clientOrderId): sent \(order.futile) more times after \(order.code ?? "a refusal") \(order.text ?? "")"
    }
    if wrong.isEmpty {
      return .pass(name, "\(record.orders.count) orders, none was sent again after a refusal for good")
    }
    return .fail(name, "\(wrong.count) orders were sent again after a refusal for good", wrong)
  }
}
