/// Members of state/engine_transient.json, at whatever depth.
public enum StateFieldName: String, WrittenName {
  /// Quantity of an intent, base asset.
  case amount = "amount"
  /// Best ask at the decision, quote per base.
  case ask = "ask"
  /// Best bid at the decision, quote per base.
  case bid = "bid"
  /// Object of `free` and `reserved`.
  case budget = "budget"
  /// The engine's own id of the order.
  case clientOrderId = "client_order_id"
  /// What the position cost, USDT.
  case cost = "cost"
  /// Names the decision that the intent follows from.
  case decisionId = "decision_id"
  /// Free budget, USDT.
  case free = "free"
  /// Price that the decision was made at, quote per base.
  case intendedPrice = "intended_price"
  /// When the file was written, ISO 8601.
  case lastUpdate = "last_update"
  /// Object of `bid` and `ask`.
  case marketSnapshot = "market_snapshot"
  /// Intents of entries without an end, by id.
  case pendingBuyIntents = "pending_buy_intents"
  /// Open positions by symbol.
  case positions = "positions"
  /// Quantity of a position, base asset.
  case qty = "qty"
  /// Budget of an intent, USDT.
  case quoteBudget = "quote_budget"
  /// Reserved budget, USDT.
  case reserved = "reserved"
  /// `buy` or `sell`.
  case side = "side"
  /// When the intent was made, ISO 8601.
  case startTs = "start_ts"
  /// Such as `BTC/USDT`.
  case symbol = "symbol"
}
