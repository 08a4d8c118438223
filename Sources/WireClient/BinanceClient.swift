public import Basics
public import ChaosRuntime
import HTTP
import Synchronization
public import Trading

/// A live client of a spot exchange that speaks Binance's REST and user data stream, such as `chaos serve`.
///
/// Requests are signed with HMAC-SHA256 over the query as it is sent. The secret is neither logged nor shown. A failure says
/// what is known: `notSent` where nothing left, the venue's refusal where it gave one, an unknown outcome in every other case.
/// Source: Binance spot API, "General API information", "Trading endpoints", "User data streams".
public final class BinanceClient: ExchangeClient {
  /// How old a request may be when it arrives, in milliseconds.
  private static let recvWindow = 5000

  private struct State {
    /// What is added to the client's clock.
    var correction = Duration.zero
    /// Of the user stream, while it is open.
    var listenKey: String?
    var openings = 0
    var symbols: [String: Symbol]
  }

  let runtime: Runtime
  private let caller: WireCaller
  private let key: String
  private let hmac: HMAC
  private let stream: UserStreamReader
  private let state: Mutex<State>

  /// The account's events; nothing comes before `start`.
  public var userEvents: any EventSource<UserEvent> { stream.events }

  /// A client for one account. `symbols` are the markets whose names on the wire it understands; `marketRules` adds others.
  public init(_ runtime: Runtime, _ caller: WireCaller, key: String, secret: String, symbols: [Symbol]) {
    self.runtime = runtime
    self.caller = caller
    self.key = key
    hmac = HMAC(key: Array(secret.utf8))
    stream = UserStreamReader(runtime)
    state = Mutex(State(symbols: Dictionary(symbols.map { (Self.name($0), $0) }) { first, _ in first }))
  }

  /// Starts the thread that reads the user stream, and opens the stream; one that cannot be opened is told as lost.
  public func start(deadline: Instant) throws(Stopped) {
    try stream.start { [self] text in event(text) }
    if case .failure(let failure) = try openStream(deadline: deadline) { try stream.lose("\(failure)") }
  }

  /// Ends the thread of the user stream, within five seconds, and closes what is open.
  public func close() throws(Stopped) {
    try stream.close()
    caller.close()
  }

  // MARK: Calls

  /// `POST /api/v3/order`; the answer asked for is the bare acknowledgement.
  public func placeOrder(_ request: OrderRequest, deadline: Instant) throws(Stopped) -> Result<OrderAck, CallFailure> {
    var items = QueryItems()
    items.add("symbol", Self.name(request.symbol))
    items.add("side", request.side.wireName)
    items.add("type", request.type.wireName)
    if request.type == .limit { items.add("timeInForce", request.timeInForce.wireName) }
    if let quantity = request.quantity { items.add("quantity", quantity.description) }
    if let price = request.price { items.add("price", price.description) }
    if let amount = request.quoteOrderQty { items.add("quoteOrderQty", amount.description) }
    items.add("newClientOrderId", request.clientOrderId)
    items.add("newOrderRespType", "ACK")
    return try signed("POST", "/api/v3/order", items, deadline) { BinanceReplies.ack($0) }
  }

  /// `DELETE /api/v3/order`; it names no fee.
  public func cancelOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try signed("DELETE", "/api/v3/order", one(symbol, clientOrderId), deadline) { BinanceReplies.order($0, symbol) }
  }

  /// `GET /api/v3/order`; it names no fee.
  public func queryOrder(
    symbol: Symbol, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<OrderReport, CallFailure> {
    try signed("GET", "/api/v3/order", one(symbol, clientOrderId), deadline) { BinanceReplies.order($0, symbol) }
  }

  /// `GET /api/v3/myTrades` of one order.
  public func trades(
    symbol: Symbol, orderId: String, clientOrderId: String, deadline: Instant
  ) throws(Stopped) -> Result<[Fill], CallFailure> {
    var items = QueryItems()
    items.add("symbol", Self.name(symbol))
    items.add("orderId", orderId)
    return try signed("GET", "/api/v3/myTrades", items, deadline) { BinanceReplies.trades($0, symbol, clientOrderId) }
  }

  /// `GET /api/v3/openOrders`; orders of markets that it does not know are left out.
  public func openOrders(deadline: Instant) throws(Stopped) -> Result<[OrderReport], CallFailure> {
    try signed("GET", "/api/v3/openOrders", QueryItems(), deadline) { [self] json in
      json.array.map { orders in
        orders.compactMap { order in
          order["symbol"]?.string.flatMap(symbol).flatMap { BinanceReplies.order(order, $0) }
        }
      }
    }
  }

  /// `GET /api/v3/account`
  public func balances(deadline: Instant) throws(Stopped) -> Result<[Balance], CallFailure> {
    var items = QueryItems()
    items.add("omitZeroBalances", "true")
    return try signed("GET", "/api/v3/account", items, deadline) { BinanceReplies.balances($0) }
  }

  /// `GET /api/v3/ticker/24hr`, which has the last price, the top of the book and their time in one.
  public func quotes(_ symbols: [Symbol], deadline: Instant) throws(Stopped) -> Result<[Quote], CallFailure> {
    try open("/api/v3/ticker/24hr", Self.list(symbols), deadline) { [self] json in
      json.array.map { tickers in
        tickers.compactMap { ticker in
          ticker["symbol"]?.string.flatMap(symbol).flatMap { BinanceReplies.quote(ticker, $0) }
        }
      }
    }
  }

  /// `GET /api/v3/exchangeInfo`, and `GET /sapi/v1/asset/tradeFee` for what is charged.
  public func marketRules(deadline: Instant) throws(Stopped) -> Result<[MarketRules], CallFailure> {
    let known = state.withLock { $0.symbols.values.sorted() }
    let fees: [String: (maker: Decimal, taker: Decimal)]
    switch try signed(
      "GET", "/sapi/v1/asset/tradeFee", QueryItems(), deadline, read: { BinanceReplies.fees($0) })
    {
    case .failure(let failure): return .failure(failure)
    case .success(let found): fees = found
    }
    let rules = try open("/api/v3/exchangeInfo", Self.list(known), deadline) { BinanceReplies.rules($0, fees) }
    if case .success(let rules) = rules {
      state.withLock { state in for rule in rules { state.symbols[Self.name(rule.symbol)] = rule.symbol } }
    }
    return rules
  }

  /// `GET /api/v3/time`; half of the way there and back is taken for the way there.
  public func synchronizeClock(deadline: Instant) throws(Stopped) -> Result<Duration, CallFailure> {
    let asked = runtime.now
    return try open("/api/v3/time", QueryItems(), deadline) { [self] json in
      guard let milliseconds = json["serverTime"]?.int else { return nil }
      let halfway = Duration(nanoseconds: (runtime.now - asked).nanoseconds / 2)
      let offset = BinanceReplies.instant(milliseconds) - (asked + halfway)
      state.withLock { $0.correction = offset }
      return offset
    }
  }

  // MARK: The user stream

  /// `POST /api/v3/userDataStream`, and a WebSocket of the key; the connection that there was is closed.
  public func openStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    let made = try keyed("POST", QueryItems(), deadline) { $0["listenKey"]?.string }
    guard case .success(let listenKey) = made else { return made.map { _ in .distantFuture } }
    let number = state.withLock { state in
      state.openings += 1
      return state.openings
    }
    // Nobody without the secret can tell it in advance.
    let nonce = Array(hmac.code(Array("stream \(number) \(runtime.now.nanoseconds)".utf8)[...]).prefix(16))
    switch try caller.openWebSocket("/ws/\(listenKey)", key: nonce, until: deadline) {
    case .failure(let failure): return .failure(BinanceReplies.failure(failure))
    case .success(let (descriptor, rest)):
      try stream.use(descriptor, rest)
      state.withLock { $0.listenKey = listenKey }
      return .success(runtime.now + Self.keyLife)
    }
  }

  /// `PUT /api/v3/userDataStream`
  public func renewStream(deadline: Instant) throws(Stopped) -> Result<Instant, CallFailure> {
    var items = QueryItems()
    items.add("listenKey", state.withLock { $0.listenKey } ?? "")
    return try keyed("PUT", items, deadline) { [self] json in
      json.members == nil ? nil : runtime.now + Self.keyLife
    }
  }

  /// Binance: "valid for 60 minutes".
  private static let keyLife = Duration.seconds(3600)

  private func event(_ text: [UInt8]) -> UserEvent? {
    guard let json = try? JSON.parse(text) else { return .stream(.unreadable) }
    return BinanceReplies.event(json) { symbol($0) }
  }

  // MARK: Requests

  static func name(_ symbol: Symbol) -> String { symbol.base + symbol.quote }

  private func symbol(_ name: String) -> Symbol? { state.withLock { $0.symbols[name] } }

  private func one(_ symbol: Symbol, _ clientOrderId: String) -> QueryItems {
    var items = QueryItems()
    items.add("symbol", Self.name(symbol))
    items.add("origClientOrderId", clientOrderId)
    return items
  }

  private static func list(_ symbols: [Symbol]) -> QueryItems {
    var items = QueryItems()
    items.add("symbols", "[" + symbols.map { "\"\(name($0))\"" }.joined(separator: ",") + "]")
    return items
  }

  /// A request with time and signature.
  private func signed<Answer>(
    _ method: String, _ path: String, _ items: QueryItems, _ deadline: Instant, read: (JSON) -> Answer?
  ) throws(Stopped) -> Result<Answer, CallFailure> {
    let time = runtime.now + state.withLock { $0.correction }
    var items = items
    items.add("timestamp", "\(time.nanoseconds / 1_000_000)")
    items.add("recvWindow", "\(Self.recvWindow)")
    items.add("signature", Base64.hexadecimal(hmac.code(Array(items.text.utf8)[...])))
    return try call(method, path, items, hasKey: true, deadline, read)
  }

  /// A request with the key alone.
  private func keyed<Answer>(
    _ method: String, _ items: QueryItems, _ deadline: Instant, read: (JSON) -> Answer?
  ) throws(Stopped) -> Result<Answer, CallFailure> {
    try call(method, "/api/v3/userDataStream", items, hasKey: true, deadline, read)
  }

  /// A request that everybody may make.
  private func open<Answer>(
    _ path: String, _ items: QueryItems, _ deadline: Instant, read: (JSON) -> Answer?
  ) throws(Stopped) -> Result<Answer, CallFailure> {
    try call("GET", path, items, hasKey: false, deadline, read)
  }

  private func call<Answer>(
    _ method: String, _ path: String, _ items: QueryItems, hasKey: Bool, _ deadline: Instant, _ read: (JSON) -> Answer?
  ) throws(Stopped) -> Result<Answer, CallFailure> {
    var request = HTTPRequest(method: method, path: path, query: items.text)
    request.fields.add("host", caller.host)
    if hasKey { request.fields.add("x-mbx-apikey", key) }
    switch try caller.call(request, until: deadline) {
    case .failure(let failure): return .failure(BinanceReplies.failure(failure))
    case .success(let response): return BinanceReplies.read(response, read)
    }
  }
}
