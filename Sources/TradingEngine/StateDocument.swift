import ChaosRuntime
import Trading

/// Renders `state/engine_transient.json`.
public enum StateDocument {
  /// Where the state is kept, in the session directory.
  public static let path = "state/engine_transient.json"
  /// Where it is written before it replaces `path`.
  public static let temporaryPath = "state/engine_transient.json.tmp"

  /// The document as bytes.
  public static func render(
    pending: [PendingIntent], symbols: [Symbol], positions: [Position], budget: BudgetSnapshot, at time: Instant
  ) -> [UInt8] {
    var text = ByteWriter(capacity: 256 + pending.count * 512 + positions.count * 64)
    append(pending, symbols, positions, budget, time, to: &text)
    return text.bytes()
  }

  /// Appends the document.
  static func append(
    _ pending: [PendingIntent], _ symbols: [Symbol], _ positions: [Position], _ budget: BudgetSnapshot,
    _ time: Instant, to text: inout ByteWriter
  ) {
    text.text("{\"pending_buy_intents\":{")
    for index in pending.indices {
      if index > 0 { text.text(",") }
      append(pending[index].intent, to: &text)
    }
    text.text("},\"positions\":{")
    var isFirst = true
    for index in positions.indices where !positions[index].quantity.isZero {
      if !isFirst { text.text(",") }
      isFirst = false
      text.quoted(symbols[index])
      text.text(":{\"qty\":")
      text.quoted(positions[index].quantity)
      text.text(",\"cost\":")
      text.quoted(positions[index].cost)
      text.text("}")
    }
    text.text("},\"budget\":{\"free\":")
    text.quoted(budget.free)
    text.text(",\"reserved\":")
    text.quoted(budget.reserved)
    text.text("},\"last_update\":\"")
    text.time(time)
    text.text("\"}\n")
  }

  private static func append(_ intent: OrderIntent, to text: inout ByteWriter) {
    text.quoted(intent.id)
    text.text(":{\"decision_id\":")
    text.quoted(intent.decisionId)
    text.text(",\"symbol\":")
    text.quoted(intent.symbol)
    text.text(intent.side == .buy ? ",\"side\":\"buy\"" as StaticString : ",\"side\":\"sell\"")
    text.text(",\"client_order_id\":")
    text.quoted(intent.clientOrderId)
    text.text(",\"quote_budget\":")
    text.quoted(intent.quoteBudget)
    text.text(",\"intended_price\":")
    text.quoted(intent.price)
    text.text(",\"amount\":")
    text.quoted(intent.quantity)
    text.text(",\"start_ts\":\"")
    text.time(intent.startedAt)
    text.text("\",\"market_snapshot\":{\"bid\":")
    text.quoted(intent.bid)
    text.text(",\"ask\":")
    text.quoted(intent.ask)
    text.text("}}")
  }
}
