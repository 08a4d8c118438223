import Basics

/// The story of one order, told by both sides.
extension RecordBuilder {
  typealias Fields = [(key: String, value: JSON)]

  /// The engine's decision and the venue's request for order `c<n>` of intent `i<n>`.
  mutating func send(
    _ n: Int, at: Double, symbol: String = "AIX/USDT", side: String = "buy", quote: String = "20", qty: String = "10"
  ) {
    let names = Self.names(n, symbol, side)
    log(at, "INTENT_PENDING", names + [("quote", .string(quote))])
    log(at, "ORDER_SENT", names + [("qty", .string(qty)), ("price", "2"), ("order_type", "limit")])
    let order: Fields = [
      ("client_order_id", .string("c\(n)")), ("symbol", .string(symbol)), ("side", .string(side)),
      ("qty", .string(qty)),
    ]
    tell(at + 0.01, "request", [("id", .int(n)), ("call", "place_order")] + order)
  }

  /// The venue's acceptance, and the engine's word of it.
  mutating func accept(_ n: Int, at: Double, symbol: String = "AIX/USDT", side: String = "buy") {
    tell(at, "event", Self.event(n, "NEW", "new", symbol, side) + [("filled_qty", "0"), ("delivered", .bool(true))])
    tell(
      at, "reply",
      [
        ("id", .int(n)), ("call", "place_order"), ("outcome", "ok"), ("order_id", .string("o\(n)")),
        ("client_order_id", .string("c\(n)")), ("took_ms", .int(20)),
      ])
    log(at + 0.05, "ORDER_ACK", Self.ids(n) + [("order_id", .string("o\(n)"))])
  }

  /// The venue's trade that fills the order whole.
  mutating func trade(
    _ n: Int, at: Double, symbol: String = "AIX/USDT", side: String = "buy", qty: String = "10", quote: String = "20",
    fee: String = "0", feeAsset: String = "USDT", status: String = "filled"
  ) {
    tell(
      at, "event",
      Self.event(n, "TRADE", status, symbol, side) + [
        ("last_qty", .string(qty)), ("last_price", "2"), ("last_quote", .string(quote)), ("filled_qty", .string(qty)),
        ("filled_quote", .string(quote)), ("fee", .string(fee)), ("fee_asset", .string(feeAsset)),
        ("delivered", .bool(true)),
      ])
  }

  /// The engine's word that the order is filled, and its intent's end.
  mutating func fill(_ n: Int, at: Double, symbol: String = "AIX/USDT", side: String = "buy", qty: String = "10") {
    log(
      at, "ORDER_FILLED",
      Self.names(n, symbol, side) + [("order_id", .string("o\(n)")), ("filled_qty", .string(qty))])
    clear(n, at: at, "order_filled")
  }

  /// The venue's refusal.
  mutating func refuse(
    _ n: Int, at: Double, code: Int = 10_007, text: String = "insufficient balance", isPermanent: Bool = false
  ) {
    tell(
      at, "reply",
      [
        ("id", .int(n)), ("call", "place_order"), ("outcome", "error"), ("code", .int(code)), ("text", .string(text)),
        ("client_order_id", .string("c\(n)")), ("took_ms", .int(20)),
      ] + (isPermanent ? [("permanent", .bool(true))] : []))
  }

  /// The engine's word that the order failed.
  mutating func fail(_ n: Int, at: Double, level: String = "ERROR", reason: JSON = "InsufficientBalance:10007:no") {
    log(
      at, "ORDER_FAILED", level: level,
      Self.names(n, "AIX/USDT", "buy") + [
        ("qty", "10"), ("order_id", .null), ("filled_qty", "0"), ("attempts", .int(1)),
        ("error_code", "INSUFFICIENT_BALANCE"), ("exchange_error", reason),
      ])
  }

  mutating func clear(_ n: Int, at: Double, _ reason: String) {
    log(at, "INTENT_CLEARED", [("intent_id", .string("i\(n)")), ("reason", .string(reason))])
  }

  /// A whole order that is filled within a second.
  mutating func filledOrder(_ n: Int, at: Double, symbol: String = "AIX/USDT") {
    send(n, at: at, symbol: symbol)
    accept(n, at: at + 0.2, symbol: symbol)
    trade(n, at: at + 0.5, symbol: symbol)
    fill(n, at: at + 0.7, symbol: symbol)
  }

  /// A whole order that is refused, and said to be.
  mutating func refusedOrder(_ n: Int, at: Double) {
    send(n, at: at)
    refuse(n, at: at + 0.2)
    fail(n, at: at + 0.3)
    clear(n, at: at + 0.3, "order_failed")
  }

  mutating func balances(_ at: Double, _ assets: [(asset: String, free: String, locked: String)]) {
    let list = assets.map {
      JSON.object([("asset", .string($0.asset)), ("free", .string($0.free)), ("locked", .string($0.locked))])
    }
    tell(at, "balances", [("account", "engine"), ("balances", .array(list))])
  }

  /// A state file with these pending intents (`i<n>`) and positions.
  mutating func save(_ at: Double, pending: [Int] = [], positions: [(symbol: String, qty: String)] = []) {
    state = .object([
      (
        "pending_buy_intents",
        .object(pending.map { ("i\($0)", .object([("client_order_id", .string("c\($0)"))])) })
      ),
      (
        "positions",
        .object(positions.map { ($0.symbol, .object([("qty", .string($0.qty)), ("cost", "20")])) })
      ),
      ("budget", .object([("free", "100"), ("reserved", "0")])), ("last_update", .string(Self.time(at))),
    ])
  }

  static func ids(_ n: Int) -> Fields {
    [("intent_id", .string("i\(n)")), ("client_order_id", .string("c\(n)"))]
  }

  private static func names(_ n: Int, _ symbol: String, _ side: String) -> Fields {
    ids(n) + [("symbol", .string(symbol)), ("side", .string(side))]
  }

  static func event(_ n: Int, _ type: String, _ status: String, _ symbol: String, _ side: String) -> Fields {
    [
      ("type", .string(type)), ("client_order_id", .string("c\(n)")), ("order_id", .string("o\(n)")),
      ("symbol", .string(symbol)), ("side", .string(side)), ("status", .string(status)),
    ]
  }
}
