import ChaosRuntime
import Trading

extension Checks {
  /// Reads the orders of the venue's truth and ORDER_SENT of the engine's log.
  static let noDuplicateOrders = Check(
    "no-duplicate-orders", "an intent has one order at the venue, and an order is accepted once"
  ) { record in
    let name = "no-duplicate-orders"
    var wrong = record.orders.filter { $0.accepted > 1 }.map { "\($0.clientOrderId): accepted \($0.accepted) times" }
    var orderOf: [String: String] = [:]
    for event in record.events("ORDER_SENT") {
      guard let intent = event.text("intent_id"), let order = event.text("client_order_id") else { continue }
      if let other = orderOf[intent], other != order { wrong.append("\(intent): orders \(other) and \(order)") }
      orderOf[intent] = order
    }
    if wrong.isEmpty { return .pass(name, "\(record.orders.count) orders, none twice") }
    return .fail(name, "\(wrong.count) orders were placed twice", wrong)
  }

  /// Reads the fills of the venue's truth and the limits of run.json.
  static let exposureWithinLimits = Check(
    "exposure-within-limits", "what is spent on one symbol and not yet sold stays below its limit"
  ) { record in
    let name = "exposure-within-limits"
    guard
      let limit = record.run.limits.first(where: { $0.name == "per_symbol_quote_max" }).flatMap({ Decimal($0.value) })
    else { return .open(name, "run.json names no limit") }
    var cost: [String: Decimal] = [:]
    var held: [String: Decimal] = [:]
    var wrong: [String] = []
    for line in record.venue where line.kind == "event" && line.text("type") == "TRADE" {
      guard let symbol = line.text("symbol"), let quantity = line.decimal("last_qty"),
        let quote = line.decimal("last_quote")
      else { continue }
      if line.text("side") == "buy" {
        cost[symbol] = (cost[symbol] ?? .zero) + quote
        held[symbol] = (held[symbol] ?? .zero) + quantity
        if let total = cost[symbol], total > limit {
          wrong.append("\(symbol): \(total) held at \(line.time.iso8601())")
        }
      } else {
        // A part sold lowers no exposure here: only a position that is gone frees its symbol.
        let rest = (held[symbol] ?? .zero) - quantity
        held[symbol] = rest
        if rest <= .zero { cost[symbol] = .zero }
      }
    }
    if wrong.isEmpty { return .pass(name, "no symbol went above \(limit)") }
    return .fail(name, "\(wrong.count) fills took a symbol above \(limit)", wrong)
  }

  /// Reads the orders of the venue's truth, the engine's log and its state file.
  static let noLostOrder = Check(
    "no-lost-order", "every order that the venue accepted ends in the engine's log, or is still pending there"
  ) { record in
    let name = "no-lost-order"
    if record.isCutShort { return .open(name, "the session was cut short") }
    var known: Set<String> = []
    for event in record.events where event.type == "ORDER_FILLED" || event.type == "ORDER_FAILED" {
      if let id = event.text("client_order_id") { known.insert(id) }
    }
    for (_, intent) in record.state?["pending_buy_intents"]?.members ?? [] {
      if let id = intent["client_order_id"]?.string { known.insert(id) }
    }
    let lost = record.orders.filter { order in
      guard order.accepted > 0, let ended = order.endedAt else { return false }
      return record.end - ended > settleLimit && !known.contains(order.clientOrderId)
    }
    if lost.isEmpty { return .pass(name, "every accepted order is accounted for") }
    return .fail(
      name, "\(lost.count) accepted orders end nowhere in the engine's log",
      lost.map { "\($0.clientOrderId): \($0.end?.rawValue ?? "open") at the venue, filled \($0.filledQuantity)" })
  }
}
