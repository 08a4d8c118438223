import Basics
import FakeExchange
import HTTP
import Trading

/// Binance spot: REST under /api/v3, and the calls of /sapi that clients make when they start.
final class BinanceDialect: Dialect {
  /// Who may make a call.
  enum Access: Sendable {
    /// Everybody.
    case open
    /// Who sends a key.
    case key
    /// Who signs.
    case signed
  }

  /// One call.
  struct Route: Sendable {
    var access: Access
    var weight: @Sendable (WireRequest) -> Int
    var answer: @Sendable (BinanceDialect, WireRequest, Int, Instant) throws(BinanceError) -> WireReply

    init(
      _ access: Access, _ weight: Int,
      _ answer: @escaping @Sendable (BinanceDialect, WireRequest, Int, Instant) throws(BinanceError) -> WireReply
    ) {
      self.access = access
      self.weight = { _ in weight }
      self.answer = answer
    }

    init(
      _ access: Access, by weight: @escaping @Sendable (WireRequest) -> Int,
      _ answer: @escaping @Sendable (BinanceDialect, WireRequest, Int, Instant) throws(BinanceError) -> WireReply
    ) {
      (self.access, self.weight, self.answer) = (access, weight, answer)
    }
  }

  let keyField = "x-mbx-apikey"
  let exchange: WireExchange
  let hub: StreamHub
  let keys: ListenKeys
  var limits: RequestLimits
  /// Client order ids that the exchange makes up, counted.
  private var madeUp = 0
  let startedAt: Instant

  init(_ exchange: WireExchange, _ hub: StreamHub, _ keys: ListenKeys, limited: Bool, at now: Instant) {
    (self.exchange, self.hub, self.keys) = (exchange, hub, keys)
    limits = RequestLimits(isOn: limited)
    startedAt = now
  }

  private static let routes: [String: Route] = {
    var all: [String: Route] = [:]
    for table in [marketRoutes, orderRoutes, replaceRoutes, accountRoutes] { all.merge(table) { first, _ in first } }
    return all
  }()

  func answer(_ http: HTTPRequest, at now: Instant) -> WireReply {
    let request = WireRequest(http, keyField: keyField)
    guard let route = Self.routes["\(request.method) \(request.path)"] else {
      // A method that the path does not have is no call either.
      return BinanceError.notServed(request.method, request.path).reply
    }
    let isOrder =
      request.method == "POST" && ["/api/v3/order", "/api/v3/order/cancelReplace"].contains(request.path)
    let share = Self.call(request).map { exchange.faults.limitShare($0) } ?? 1_000_000
    switch limits.count(weight: route.weight(request), isOrder: isOrder, share: share, at: now) {
    case .allowed: break
    case .banned(let until, let retryAfter):
      return limited(refusal(.banned(until: until, retryAfter: retryAfter), at: now))
    case .tooMuchWeight(let retryAfter): return limited(refusal(.tooMany(retryAfter: retryAfter), at: now))
    case .tooManyOrders(let retryAfter, let isDay):
      let limit = isDay ? "160000 orders per 1 DAY" : "50 orders per 10 SECOND"
      var reply = BinanceError(-1015, "Too many new orders; current limit is \(limit).", status: 429).reply
      reply.fields.add("Retry-After", "\(retryAfter)")
      return limited(reply)
    }
    return limited(answer(request, route, now))
  }

  private func answer(_ request: WireRequest, _ route: Route, _ now: Instant) -> WireReply {
    do throws(BinanceError) {
      let account = try authorized(request, route.access, now)
      return try route.answer(self, request, account, now)
    } catch {
      return error.reply
    }
  }

  private func limited(_ reply: WireReply) -> WireReply {
    var reply = reply
    reply.fields.add("X-MBX-USED-WEIGHT", "\(limits.weight)")
    reply.fields.add("X-MBX-USED-WEIGHT-1M", "\(limits.weight)")
    reply.fields.add("X-MBX-ORDER-COUNT-10S", "\(limits.orders)")
    reply.fields.add("X-MBX-ORDER-COUNT-1D", "\(limits.dayOrders)")
    return reply
  }

  func refusal(_ kind: DialectRefusal, at now: Instant) -> WireReply {
    switch kind {
    case .skewed: return BinanceError.ahead.reply
    case .tooMany(let retryAfter):
      var reply = BinanceError(
        -1003,
        "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
        status: 429
      ).reply
      reply.fields.add("Retry-After", "\(retryAfter)")
      return reply
    case .banned(let until, let retryAfter):
      var reply = BinanceError(
        -1003,
        "Way too much request weight used; IP banned until \(until). Please use WebSocket Streams for live updates to avoid bans.",
        status: 418
      ).reply
      reply.fields.add("Retry-After", "\(retryAfter)")
      return reply
    }
  }

  // MARK: Who asks

  /// The venue's call that a request makes, for the faults of clocks and limits; nil: none of those.
  private static func call(_ request: WireRequest) -> VenueCall? { calls["\(request.method) \(request.path)"] }

  private static let calls: [String: VenueCall] = [
    "POST /api/v3/order": .placeOrder, "DELETE /api/v3/order": .cancelOrder, "GET /api/v3/order": .queryOrder,
    "GET /api/v3/openOrders": .openOrders, "GET /api/v3/account": .fetchBalance,
    "GET /api/v3/ticker/24hr": .fetchTickers, "GET /api/v3/ticker/price": .fetchTickers,
    "GET /api/v3/ticker/bookTicker": .fetchTickers, "GET /api/v3/exchangeInfo": .marketRules,
    "GET /api/v3/time": .serverTime, "POST /api/v3/userDataStream": .openStream,
    "PUT /api/v3/userDataStream": .renewStream,
  ]

  /// The account that may make the call; -1 for an open one.
  private func authorized(_ request: WireRequest, _ access: Access, _ now: Instant) throws(BinanceError) -> Int {
    if access == .open { return -1 }
    guard let key = request.key, !key.isEmpty else { throw BinanceError.keyFormat }
    guard let account = exchange.account(key: key) else { throw .key }
    if exchange.isRevoked(account, at: now) { throw .key }
    if access == .key { return account }
    let skew = Self.call(request).map { exchange.faults.clockSkew($0) } ?? .zero
    try checkTime(request["timestamp"], request["recvWindow"], now + (.zero - skew))
    guard let signature = request.signature else { throw .mandatory("signature") }
    guard let given = Base64.bytes(hexadecimal: signature.utf8),
      HMAC.isEqual(given, exchange.accounts[account].hmac.code(request.signed[...]))
    else { throw .signature }
    return account
  }

  /// The rule of Binance's page "Timing security".
  func checkTime(_ timestamp: String?, _ window: String?, _ now: Instant) throws(BinanceError) {
    guard let timestamp else { throw .mandatory("timestamp") }
    guard let time = Int64(timestamp), time > 0 else { throw .illegal("timestamp", range: "^[0-9]{1,20}$") }
    var width: Int64 = 5000
    if let window {
      guard let value = Decimal(window), value.isPositive else {
        throw .illegal("recvWindow", range: "^[0-9]{1,20}(\\.[0-9]{1,3})?$")
      }
      guard value <= Decimal(60_000) else { throw .window }
      width = Int64(clamping: value.coefficient / Decimal.one.coefficient)
    }
    let server = now.nanoseconds / 1_000_000
    if time > server + 1000 { throw .ahead }
    if server - time > width { throw .late }
  }

  /// A client order id of 22 letters, as Binance makes them up.
  func makeUpId() -> String {
    madeUp += 1
    let digits = String(madeUp, radix: 36)
    return "x" + String(repeating: "0", count: 21 - digits.utf8.count) + digits
  }

  func stream(_ request: HTTPRequest, _ connection: StreamConnection, at now: Instant) -> (any StreamProtocol)? {
    if request.path.hasPrefix("/ws-api/v3") { return BinanceWebSocketAPI(self, connection) }
    // ccxt connects to /ws/0 and /stream/0: a name that is no stream is silent.
    guard ["/ws", "/stream"].contains(where: { request.path == $0 || request.path.hasPrefix("\($0)/") }) else {
      return nil
    }
    let isCombined = request.path.hasPrefix("/stream")
    let streams = BinanceStreams(self, connection, isCombined: isCombined)
    let names =
      isCombined
      ? (QueryItems(request.query)["streams"] ?? "").split(separator: "/")
      : request.path.dropFirst(4).split(separator: "/")
    streams.subscribe(names.map { QueryItems.decoded($0) })
    return streams
  }
}
