import Basics

/// The venue's prices and rules, and orders told by the venue.
extension RecordBuilder {
  /// Settings that limits and exits are derived from: entries of 20 USDT, at most two; exits at +1 % and -2 %.
  static let marketSettings: [(key: String, value: JSON)] = [
    ("MAX_CONCURRENT_POSITIONS", "2"), ("POSITION_SIZE_USDT", "20"), ("MIN_ORDER_VALUE", "5"),
    ("ROUTER_SLIPPAGE_BPS", "20"), ("MAX_SLIPPAGE_BPS_ENTRY", "30"), ("MAX_SPREAD_BPS_ENTRY", "50"),
    ("MAX_PENDING_BUY_INTENTS", "10"), ("ORDER_TTL_S", "30"), ("ROUTER_BACKOFF_MS", "400"),
  ]

  /// A session in which the venue tells its rules, and takes no fee unless a test says otherwise.
  static func market(_ symbols: [String] = ["AIX/USDT"], fee: String = "0") -> RecordBuilder {
    var b = RecordBuilder()
    b.config += marketSettings
    b.rules(0, symbols, fee: fee)
    return b
  }

  /// The venue tells its rules; a later time changes those of the symbols named.
  mutating func rules(_ at: Double, _ symbols: [String], step: JSON = "0.1", fee: String = "0") {
    let rules = symbols.map { symbol in
      JSON.object([
        ("symbol", .string(symbol)), ("tick", "0.01"), ("step", step), ("min_qty", "0.1"), ("min_notional", "5"),
        ("maker_fee", "0"), ("taker_fee", .string(fee)),
      ])
    }
    tell(at, "rules", [("rules", .array(rules))])
  }

  mutating func setting(_ name: String, _ value: JSON) {
    config.removeAll { $0.key == name }
    config.append((name, value))
  }

  /// A poll of one symbol, answered 0.1 s later, with prices that the venue has had since `since`.
  mutating func quote(
    _ at: Double, last: String = "2", bid: String = "2", ask: String = "2", symbol: String = "AIX/USDT",
    since: Double? = nil
  ) {
    let id = 1000 + venue.count
    tell(at, "request", [("id", .int(id)), ("call", "fetch_tickers"), ("symbols", .array([.string(symbol)]))])
    let quotes = JSON.object([
      ("at", .string(Self.time(since ?? at))), ("symbols", .array([.string(symbol)])),
      ("last", .array([.string(last)])),
      ("bid", .array([.string(bid)])), ("ask", .array([.string(ask)])),
    ])
    tell(
      at + 0.1, "reply",
      [("id", .int(id)), ("call", "fetch_tickers"), ("outcome", "ok"), ("quotes", .array([quotes]))])
  }

  /// Polls of one price every 2.5 s.
  mutating func quotes(_ price: String = "2", from: Double = 0, until: Double = 100, symbol: String = "AIX/USDT") {
    for at in stride(from: from, to: until, by: 2.5) {
      quote(at, last: price, bid: price, ask: price, symbol: symbol)
    }
  }

  /// The request to place order `c<n>`, 10 ms after the engine's word of it.
  mutating func ask(
    _ n: Int, at: Double, side: String = "buy", qty: String = "10", price: String = "2", symbol: String = "AIX/USDT",
    id: Int? = nil
  ) {
    log(
      at - 0.01, "ORDER_SENT",
      Self.ids(n) + [("symbol", .string(symbol)), ("side", .string(side)), ("qty", .string(qty))])
    askAgain(n, at: at, side: side, qty: qty, price: price, symbol: symbol, id: id)
  }

  /// One more request for it.
  mutating func askAgain(
    _ n: Int, at: Double, side: String = "buy", qty: String = "10", price: String = "2", symbol: String = "AIX/USDT",
    id: Int? = nil, tif: JSON? = nil
  ) {
    tell(
      at, "request",
      [
        ("id", .int(id ?? n)), ("call", "place_order"), ("client_order_id", .string("c\(n)")),
        ("symbol", .string(symbol)), ("side", .string(side)), ("qty", .string(qty)), ("price", .string(price)),
      ] + (tif.map { [("tif", $0)] } ?? []))
  }

  /// An order that the venue takes and fills whole within 0.3 s.
  mutating func bought(
    _ n: Int, at: Double, side: String = "buy", qty: String = "10", price: String = "2", quote: String = "20",
    symbol: String = "AIX/USDT", took: Double = 0.2
  ) {
    ask(n, at: at, side: side, qty: qty, price: price, symbol: symbol)
    accept(n, at: at + took, symbol: symbol, side: side)
    trade(n, at: at + took, symbol: symbol, side: side, qty: qty, quote: quote)
  }

  /// A call about order `c<n>` and its answer.
  mutating func call(_ call: String, _ n: Int, id: Int, at: Double, took: Double = 0.2, outcome: String = "ok") {
    tell(at, "request", [("id", .int(id)), ("call", .string(call)), ("client_order_id", .string("c\(n)"))])
    tell(
      at + took, "reply",
      [
        ("id", .int(id)), ("call", .string(call)), ("outcome", .string(outcome)), ("took_ms", .double(took * 1000)),
      ])
  }

  /// The venue's word that the order is gone unfilled.
  mutating func cancel(_ n: Int, at: Double, side: String = "buy", symbol: String = "AIX/USDT") {
    tell(
      at, "event",
      Self.event(n, "CANCELED", "canceled", symbol, side) + [("filled_qty", "0"), ("delivered", .bool(true))])
  }
}
