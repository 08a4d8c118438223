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

  /// A call of a path, and what faults of clocks and limits know of it.
  private struct Call: Sendable {
    var method: String
    var route: Route
    /// The venue's call that it makes; nil: none of those.
    var venueCall: VenueCall?
    /// Whether it counts as an order.
    var isOrder: Bool
    /// The parameters it reads; nil: whatever comes.
    var reads: Set<String>?
  }

  /// By path: each has a handful of methods.
  private static let routes: [String: [Call]] = {
    var all: [String: [Call]] = [:]
    for table in [marketRoutes, orderRoutes, replaceRoutes, accountRoutes] {
      for (name, route) in table {
        let words = name.split(separator: " ").map(String.init)
        let isOrder = words[0] == "POST" && ["/api/v3/order", "/api/v3/order/cancelReplace"].contains(words[1])
        all[words[1], default: []].append(
          Call(method: words[0], route: route, venueCall: calls[name], isOrder: isOrder, reads: parameters[name]))
      }
    }
    return all
  }()

  func answer(_ request: WireRequest, at now: Instant) -> WireReply {
    guard let call = Self.routes[request.path]?.first(where: { $0.method == request.method }) else {
      // A method that the path does not have is no call either.
      return BinanceError.notServed("\(request.method) \(request.path)").reply
    }
    let share = call.venueCall.map { exchange.faults.limitShare($0) } ?? 1_000_000
    switch limits.count(weight: call.route.weight(request), isOrder: call.isOrder, share: share, at: now) {
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
    return limited(answer(request, call, now))
  }

  private func answer(_ request: WireRequest, _ call: Call, _ now: Instant) -> WireReply {
    do throws(BinanceError) {
      let account = try authorized(request, call, now)
      try Self.check(request, reads: call.reads)
      return try call.route.answer(self, request, account, now)
    } catch {
      return error.reply
    }
  }

  private func limited(_ reply: WireReply) -> WireReply {
    var reply = reply
    let weight = String(limits.weight)
    reply.fields.list.reserveCapacity(reply.fields.list.count + 4)
    reply.fields.add("X-MBX-USED-WEIGHT", weight)
    reply.fields.add("X-MBX-USED-WEIGHT-1M", weight)
    reply.fields.add("X-MBX-ORDER-COUNT-10S", String(limits.orders))
    reply.fields.add("X-MBX-ORDER-COUNT-1D", String(limits.dayOrders))
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

  private static let calls: [String: VenueCall] = [
    "POST /api/v3/order": .placeOrder, "DELETE /api/v3/order": .cancelOrder, "GET /api/v3/order": .queryOrder,
    "GET /api/v3/openOrders": .openOrders, "GET /api/v3/account": .fetchBalance,
    "GET /api/v3/ticker/24hr": .fetchTickers, "GET /api/v3/ticker/price": .fetchTickers,
    "GET /api/v3/ticker/bookTicker": .fetchTickers, "GET /api/v3/exchangeInfo": .marketRules,
    "GET /api/v3/time": .serverTime, "POST /api/v3/userDataStream": .openStream,
    "PUT /api/v3/userDataStream": .renewStream,
  ]

  /// The account that may make the call; -1 for an open one.
  private func authorized(_ request: WireRequest, _ call: Call, _ now: Instant) throws(BinanceError) -> Int {
    let access = call.route.access
    if access == .open { return -1 }
    guard let key = request.key, !key.isEmpty else { throw BinanceError.keyFormat }
    guard let account = exchange.account(key: key) else { throw .key }
    if exchange.isRevoked(account, at: now) { throw .key }
    if access == .key { return account }
    let skew = call.venueCall.map { exchange.faults.clockSkew($0) } ?? .zero
    try checkTime(request["timestamp"], request["recvWindow"], now + (.zero - skew))
    guard let signature = request.signature else { throw .mandatory("signature") }
    guard let given = Base64.bytes(hexadecimal: signature.utf8),
      HMAC.isEqual(given, exchange.accounts[account].hmac.code(request.signed[...]))
    else { throw .signature }
    return account
  }

  /// As milliseconds it is the year 5138.
  private static let firstMicroseconds: Int64 = 100_000_000_000_000

  /// The rule of Binance's page "Timing security".
  func checkTime(_ timestamp: String?, _ window: String?, _ now: Instant) throws(BinanceError) {
    guard let timestamp else { throw .mandatory("timestamp") }
    guard var time = Int64(timestamp), time > 0 else { throw .illegal("timestamp", range: "^[0-9]{1,20}$") }
    // Binance: "in milliseconds or microseconds".
    if time >= Self.firstMicroseconds { time /= 1000 }
    var width: Int64 = 5000
    if let window {
      let places = window.utf8.lastIndex(of: UInt8(ascii: ".")).map { window[$0...].utf8.count - 1 } ?? 0
      guard let value = Decimal(window), value.isPositive, places <= 3 else {
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
    if request.path.hasPrefix("/ws-api/v3") { return BinanceWebSocketAPI(self, connection, QueryItems(request.query)) }
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
