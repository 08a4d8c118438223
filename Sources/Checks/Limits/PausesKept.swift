import Basics
import Trading

extension Check {
  /// Reads the orders of the venue's truth, and SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S, EXIT_RETRY_S, ROUTER_MAX_RETRIES and
  /// ROUTER_BACKOFF_MS of config.json.
  ///
  /// Pauses count from the failure at the venue: the engine, which hears of it later, can only wait longer. A stalled
  /// schedule makes pauses longer, never shorter.
  public static let pausesKept = Check(
    .pausesKept,
    "after an order that failed its symbol is left alone for as long as the settings say, and a retry waits its turn"
  ) { record throws(Unjudged) in
    let name = CheckName.pausesKept
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    let entryPause = try record.settingTime(.symbolCooldownAfterFailedOrderS)
    let exitPause = try record.settingTime(.exitRetryS)
    let backoff = try record.settingTime(.routerBackoffMs)
    let attemptsMax = 1 + (try record.settingCount(.routerMaxRetries))
    var failed: [String: Instant] = [:]
    var failures = 0
    var wrong: [String] = []
    for order in record.truth.orders {
      let key = "\(order.isBuy ? "purchase" : "sale") of \(order.symbol)"
      let (setting, pause) =
        order.isBuy ? (SettingName.symbolCooldownAfterFailedOrderS, entryPause) : (.exitRetryS, exitPause)
      if let last = failed[key], order.asked > last, order.asked - last < pause {
        wrong.append(
          "\(order.id): \(key) \(seconds((order.asked - last).seconds)) after the one before failed, \(setting) is "
            + seconds(pause.seconds))
      }
      wrong += retries(order, attemptsMax, backoff)
      if let end = order.end, end.how != .filled {
        failed[key] = end.time
        failures += 1
      } else {
        failed[key] = nil
      }
    }
    if wrong.isEmpty {
      return .pass(name, "\(record.truth.orders.count) orders, \(failures) failed, each pause was kept")
    }
    return .fail(name, "\(wrong.count) orders came too soon", wrong)
  }

  /// Requests of one order: no more than the settings allow, each a growing pause after the answer to the one before.
  private static func retries(_ order: OrderTraffic, _ attemptsMax: Int, _ backoff: Duration) -> [String] {
    var wrong: [String] = []
    if order.places.count > attemptsMax {
      wrong.append(
        "\(order.id): sent \(order.places.count) times, \(SettingName.routerMaxRetries) is \(attemptsMax - 1)")
    }
    var pause = backoff
    for (earlier, later) in zip(order.places, order.places.dropFirst()) {
      if let answered = earlier.answered, later.asked - answered < pause {
        wrong.append(
          "\(order.id): sent again \(milliseconds((later.asked - answered).milliseconds)) after a refusal, \(SettingName.routerBackoffMs) "
            + "asks for \(milliseconds(pause.milliseconds))")
      }
      pause = min(pause + pause, .seconds(3600))
    }
    return wrong
  }
}
