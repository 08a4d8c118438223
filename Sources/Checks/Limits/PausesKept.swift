import Basics
import Trading

extension Check {
  /// Reads the orders of the venue's truth, and SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S, EXIT_RETRY_S, ROUTER_MAX_RETRIES,
  /// ROUTER_BACKOFF_MS, ORDER_TTL_S and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// Pauses count from the failure at the venue: the engine, which hears of it later, can only wait longer. A purchase that the
  /// venue did not know for ORDER_TTL_S has failed then, should it turn up or not. A stalled
  /// schedule makes pauses longer, never shorter; it excuses a retry that comes late or not.
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
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let life = try record.settingTime(.orderTtlS)
    // A call that hangs may keep others from being made, and a thread that ended has to be started again.
    let hung = Stretches(
      record.truth.orders.flatMap(\.places).map { $0.stretch(timeout, reactionSlack) }.filter { $0.length > timeout }
        + record.run.absences(of: .orderRouter) + record.truth.pauses)
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
      wrong += retries(order, attemptsMax, backoff, record, hung)
      if let end = order.end, end.how != .filled {
        failed[key] = record.absence(of: order, life: life)?.from ?? end.time
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

  /// Requests of one order: no more than the settings allow, each a growing pause after the answer to the one before. An
  /// order whose last answer was a refusal that passes is tried as often as the settings allow, each time without delay.
  private static func retries(
    _ order: OrderTraffic, _ attemptsMax: Int, _ backoff: Duration, _ record: SessionRecord, _ hung: Stretches
  ) -> [String] {
    var wrong: [String] = []
    if order.places.count > attemptsMax {
      wrong.append(
        "\(order.id): sent \(order.places.count) times, \(SettingName.routerMaxRetries) is \(attemptsMax - 1)")
    }
    var pause = backoff
    for (index, call) in order.places.enumerated() {
      guard let answered = call.answered else { break }
      let next = index + 1 < order.places.count ? order.places[index + 1].asked : nil
      if let next, next - answered < pause {
        wrong.append(
          "\(order.id): sent again \(milliseconds((next - answered).milliseconds)) after a refusal, "
            + "\(SettingName.routerBackoffMs) asks for \(milliseconds(pause.milliseconds))")
      }
      let isPassing = call.errorClass == "passing" || call.errorClass == "limit"
      let due = answered + pause + reactionSlack
      if isPassing, index + 1 < attemptsMax, due < record.end, record.run.isStallFree, next.map({ $0 > due }) ?? true,
        order.takenAt == nil, hung.uncovered(in: answered..<due) == pause + reactionSlack
      {
        wrong.append("\(order.id): not sent again \(seconds((due - answered).seconds)) after a refusal that passes")
      }
      pause = min(pause + pause, .seconds(3600))
    }
    return wrong
  }
}
