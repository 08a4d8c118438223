import Basics
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
    var renderer = StateRenderer(symbols)
    return renderer.render(pending, positions, budget, at: time)
  }

  static func append(_ intent: OrderIntent, to text: inout ByteWriter) {
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

  static func append(_ symbol: Symbol, _ position: Position, to text: inout ByteWriter) {
    text.quoted(symbol)
    text.text(":{\"qty\":")
    text.quoted(position.quantity)
    text.text(",\"cost\":")
    text.quoted(position.cost)
    text.text("}")
  }
}
