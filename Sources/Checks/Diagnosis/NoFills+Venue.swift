import Basics
import Trading

/// "No ORDER_FILLED events": what became of the orders on their way and at the venue.
extension Diagnosis {
  static let connectivity: Reader = { record in
    let types: [EventName] =
      (lacksRules(record) ? [.marketRulesFailed] : []) + (lacksQuotes(record) ? [.mdPollFailed] : [])
      + [.orderOutcomeUnknown]
    let told = record.events.filter { event in event.type.map(types.contains) ?? false }
    let lost = record.venue.filter { line in
      guard line.kind == "reply", line.text(.call) == "place_order" else { return false }
      return line.text(.outcome) == "unknown" || isGatewayError(line.code(.code))
    }
    // One line of each kind says more than three of one.
    let kinds = types.compactMap { type in
      told.first { $0.type == type }.map { record.evidence($0) }
    }
    return Cause(
      "connectivity",
      "the exchange does not answer: \(counted(max(told.count, lost.count), "call")) without an outcome",
      weight: max(told.count, lost.count), kinds + lost.map { record.evidence($0) },
      next: "the connection to the venue, EXCHANGE_TIMEOUT_S, faults at exchange.* in run.json (fault_counts); part "
        + "gate, Sources/TradingEngine/Exchange/DeadlineGate.swift")
  }

  /// Now and then every venue leaves a call without an answer: that keeps nobody from buying. Without rules for half of the
  /// session, or with a failed poll for two good ones, it does.
  static func lacksRules(_ record: SessionRecord) -> Bool { comesLate(record.truth.rules, record) }

  /// Whether the first good answer took half of the session.
  static func comesLate(_ calls: [VenueCallFact], _ record: SessionRecord) -> Bool {
    let known = calls.filter(\.isGood).compactMap(\.answered).min() ?? record.end
    return known - record.run.start >= record.end - known
  }

  static func lacksQuotes(_ record: SessionRecord) -> Bool {
    record.polls.count { !$0.isGood } * 2 > record.polls.count(where: \.isGood)
  }

  /// The code that most orders were refused with.
  static let refusals: Reader = { record in
    let refused = record.orders.filter { $0.end == .refused && !isGatewayError($0.code) }
    var counts: [(code: String, count: Int)] = []
    for order in refused {
      let code = order.code ?? "none"
      if let index = counts.firstIndex(where: { $0.code == code }) {
        counts[index].count += 1
      } else {
        counts.append((code, 1))
      }
    }
    guard let most = counts.max(by: { $0.count < $1.count }) else { return nil }
    let ids = Set(refused.filter { ($0.code ?? "none") == most.code }.map(\.clientOrderId))
    let replies = record.venue.filter { line in
      line.kind == "reply" && line.text(.outcome) == "error" && line.text(.call) == "place_order"
        && ids.contains(line.text(.clientOrderId) ?? "")
    }
    let isInjected = replies.contains { $0.flag(.injected) == true }
    let next =
      isInjected
      ? "a fault refuses them (run.json, fault_counts): the same session with --no-faults shows what is left"
      : "the code's meaning at the venue; part budget, Sources/TradingEngine/Budget/ReservationLedger.swift, and "
        + "POSITION_SIZE_USDT against the balance"
    return Cause(
      "refused", "the venue refused \(counted(most.count, "order")) with code \(most.code)", weight: most.count,
      replies.map { record.evidence($0) }, next: next)
  }

  static let thinBook: Reader = { record in
    let unfilled = Set(record.orders.filter { $0.isAccepted && $0.isFailed }.map(\.clientOrderId))
    let ends = record.venue.filter { line in
      line.kind == "event" && ["CANCELED", "EXPIRED"].contains(line.text(.type) ?? "")
        && unfilled.contains(line.text(.clientOrderId) ?? "")
    }
    return Cause(
      "thin-book", "a thin book: \(counted(unfilled.count, "order")) found nobody to trade with at the limit price",
      weight: unfilled.count,
      ends.prefix(evidenceMax - 1).map { record.evidence($0) } + [record.settingLine(.routerTif)],
      next: "a smaller POSITION_SIZE_USDT\(now(record, .positionSizeUsdt)), a larger ROUTER_SLIPPAGE_BPS"
        + "\(now(record, .routerSlippageBps)), or orders that may rest: ROUTER_TIF=GTC, ORDER_TTL_S")
  }

  /// The venue filled orders, and the engine never said so.
  static let unbookedFills: Reader = { record in
    if record.isCutShort || hasLost(record, counter: .ordersFilled, event: .orderFilled) { return nil }
    let unheard = record.orders.filter { order in
      order.end == .filled && record.engineOrders[order.clientOrderId]?.filledAt == nil
    }
    let ids = Set(unheard.map(\.clientOrderId))
    let trades = record.venue.filter { line in
      line.kind == "event" && line.text(.type) == "TRADE" && ids.contains(line.text(.clientOrderId) ?? "")
    }
    return Cause(
      "fills-unheard", "the venue filled \(counted(unheard.count, "order")), and no report of it reached the engine",
      weight: unheard.count, trades.map { record.evidence($0) },
      next: "the user stream (delivered=false: lost on the way), then part reconciler, "
        + "Sources/TradingEngine/Orders/QueryingReconciler.swift, RECONCILE_AFTER_S, and part fills, "
        + "Sources/TradingEngine/Fills/CumulativeFills.swift")
  }

  /// 5xx: the gateway's word, not the venue's.
  static func isGatewayError(_ code: String?) -> Bool { code?.count == 3 && code?.hasPrefix("5") == true }

  private static func now(_ record: SessionRecord, _ setting: SettingName) -> String {
    record.setting(setting).map { " (now \($0))" } ?? ""
  }
}
