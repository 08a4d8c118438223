import Basics
import Trading

extension Check {
  /// A refusal for good deserves no more retries than a passing one; three where none are configured, for a venue that
  /// refuses now and then.
  private static let retriesMin = 3

  /// From a reply to the next wait of the thread that got it, where a fault may end it.
  private static let lastBreath = Duration.seconds(1)

  /// Reads place_order in the venue's history, where a reply says whether the same request can only be refused again, and
  /// EXIT_RETRY_S, ROUTER_MAX_RETRIES and SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S of config.json, and in run.json when a fault ended a thread.
  ///
  /// An order is the same as the one before when it has its client id, and when it is for the same position: another sale of
  /// a symbol of which nothing was sold since, another purchase of a symbol of which nothing was bought.
  ///
  /// Source: HISTORY.md H-SERV-01, a router that sent `InsufficientFunds` four times as if it were a time-out.
  public static let noFutileRetries = Check(
    .noFutileRetries,
    "an order that the venue refused for good is not sent again, and its position is left alone for as long as promised"
  ) { record throws(Unjudged) in
    let name = CheckName.noFutileRetries
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    var wrong = record.orders.filter { $0.futile > 0 }.map { order in
      "\(order.clientOrderId): sent \(order.futile) more times after \(order.code ?? "a refusal") \(order.text ?? "")"
    }
    let refused = record.orders.count { $0.refusedForGoodAt != nil }
    if refused > 0 { wrong += try retriedPositions(record) }
    if wrong.isEmpty {
      return .pass(name, "\(record.orders.count) orders, \(refused) refused for good, none sent again in vain")
    }
    return .fail(name, "\(wrong.count) orders were sent again after a refusal for good", wrong)
  }

  private static func retriedPositions(_ record: SessionRecord) throws(Unjudged) -> [String] {
    let pause = try record.settingTime(.exitRetryS)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let rest = try record.settingTime(.symbolCooldownAfterFailedOrderS)
    guard let retries = record.settings.count(.routerMaxRetries) else {
      throw Unjudged(reason: "config.json names no ROUTER_MAX_RETRIES")
    }
    let attemptsMax = 1 + max(retries, retriesMin)
    var runs: [String: (count: Int, last: Instant)] = [:]
    var wrong: [String] = []
    for order in record.orders {
      let key = "\(order.side) of \(order.symbol)"
      if let run = runs[key], order.firstRequest > run.last {
        let waited = order.firstRequest - run.last
        let isSale = order.side == "sell"
        let isPatient = isSale && run.count < attemptsMax
        let promised = isPatient ? pause : rest
        if waited < promised {
          let setting = isPatient ? SettingName.exitRetryS : .symbolCooldownAfterFailedOrderS
          let after = isSale && !isPatient ? " after \(run.count) refusals in a row" : ""
          wrong.append(
            "\(order.clientOrderId): \(key) again \(seconds(waited.seconds)) after it was refused for good, "
              + "\(setting) promises \(seconds(promised.seconds))\(after)")
        }
      }
      // A refusal that came after its caller's time-out was never heard, nor one whose listener a fault ended over it.
      if let refused = order.refusedForGoodAt, order.refusalTookMs <= timeout.milliseconds, !order.isAccepted,
        !record.run.firings.contains(where: {
          $0.action == "kill" && $0.time >= refused && $0.time <= refused + lastBreath
        })
      {
        runs[key] = ((runs[key]?.count ?? 0) + 1, refused)
      } else if order.isAccepted {
        runs[key] = nil
        // What is bought or sold makes another position of it.
        if order.filledQuantity.isPositive { runs["\(order.side == "buy" ? "sell" : "buy") of \(order.symbol)"] = nil }
      }
    }
    return wrong
  }
}
