import ChaosRuntime
import Trading

/// Renders `state/engine_transient.json`, straight into bytes.
public enum StateDocument {
  /// Where the state is kept, in the session directory.
  public static let path = "state/engine_transient.json"
  /// Where it is written before it replaces `path`.
  public static let temporaryPath = "state/engine_transient.json.tmp"

  /// The document as bytes.
  public static func render(
    pending: [PendingIntent], symbols: [Symbol], positions: [Position], budget: BudgetSnapshot, at time: Instant
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256 + pending.count * 384 + positions.count * 64)
    text("{\"pending_buy_intents\":{", &bytes)
    for (index, item) in pending.enumerated() {
      if index > 0 { text(",", &bytes) }
      append(item.intent, &bytes)
    }
    text("},\"positions\":{", &bytes)
    var isFirst = true
    for (symbol, position) in zip(symbols, positions) where !position.quantity.isZero {
      if !isFirst { text(",", &bytes) }
      isFirst = false
      append(symbol, &bytes)
      text(":{\"qty\":", &bytes)
      append(position.quantity, &bytes)
      text(",\"cost\":", &bytes)
      append(position.cost, &bytes)
      text("}", &bytes)
    }
    text("},\"budget\":{\"free\":", &bytes)
    append(budget.free, &bytes)
    text(",\"reserved\":", &bytes)
    append(budget.reserved, &bytes)
    text("},\"last_update\":\"", &bytes)
    time.writeISO8601(into: &bytes)
    text("\"}\n", &bytes)
    return bytes
  }

  private static func append(_ intent: OrderIntent, _ bytes: inout [UInt8]) {
    JSONBytes.appendQuoted(intent.id, into: &bytes)
    text(":{\"decision_id\":", &bytes)
    JSONBytes.appendQuoted(intent.decisionId, into: &bytes)
    text(",\"symbol\":", &bytes)
    append(intent.symbol, &bytes)
    text(intent.side == .buy ? ",\"side\":\"buy\"" : ",\"side\":\"sell\"", &bytes)
    text(",\"client_order_id\":", &bytes)
    JSONBytes.appendQuoted(intent.clientOrderId, into: &bytes)
    text(",\"quote_budget\":", &bytes)
    append(intent.quoteBudget, &bytes)
    text(",\"intended_price\":", &bytes)
    append(intent.price, &bytes)
    text(",\"amount\":", &bytes)
    append(intent.quantity, &bytes)
    text(",\"start_ts\":\"", &bytes)
    intent.startedAt.writeISO8601(into: &bytes)
    text("\",\"market_snapshot\":{\"bid\":", &bytes)
    append(intent.bid, &bytes)
    text(",\"ask\":", &bytes)
    append(intent.ask, &bytes)
    text("}}", &bytes)
  }

  private static func append(_ symbol: Symbol, _ bytes: inout [UInt8]) {
    text("\"", &bytes)
    bytes.append(contentsOf: symbol.base.utf8)
    text("/", &bytes)
    bytes.append(contentsOf: symbol.quote.utf8)
    text("\"", &bytes)
  }

  private static func append(_ decimal: Decimal, _ bytes: inout [UInt8]) {
    text("\"", &bytes)
    decimal.append(to: &bytes)
    text("\"", &bytes)
  }

  private static func text(_ text: StaticString, _ bytes: inout [UInt8]) { LogLine.append(text, &bytes) }
}
