import Basics
import HTTP
import Trading

/// A client of `/ws-api/v3`: calls as JSON, and the user stream by signature.
final class BinanceWebSocketAPI: StreamProtocol {
  private let dialect: BinanceDialect
  private let connection: StreamConnection
  /// Subscription ids, each with its listener.
  private var subscriptions: [Int: Int] = [:]
  private var nextSubscription = 0
  private static let subscriptionsMax = 100
  /// Whether answers carry the limits, where a call does not say.
  private let tellsLimits: Bool

  init(_ dialect: BinanceDialect, _ connection: StreamConnection, _ query: QueryItems) {
    (self.dialect, self.connection) = (dialect, connection)
    tellsLimits = query["returnRateLimits"] != "false"
  }

  var names: [String] { subscriptions.isEmpty ? ["ws-api"] : ["ws-api", "user"] }
  /// Calls are limited by their weight.
  let textsMax = 1000

  /// What an answer needs to know of its call.
  private typealias Call = (id: JSON, tellsLimits: Bool)
  /// Parameters of the call itself, which REST does not know.
  private static let envelope: Set = ["apiKey", "returnRateLimits"]

  /// Calls that are the same as of REST.
  private static let calls: [String: String] = [
    "ping": "GET /api/v3/ping", "time": "GET /api/v3/time", "exchangeInfo": "GET /api/v3/exchangeInfo",
    "depth": "GET /api/v3/depth", "trades.recent": "GET /api/v3/trades", "trades.aggregate": "GET /api/v3/aggTrades",
    "trades.historical": "GET /api/v3/historicalTrades", "ticker.tradingDay": "GET /api/v3/ticker/tradingDay",
    "klines": "GET /api/v3/klines", "uiKlines": "GET /api/v3/uiKlines", "avgPrice": "GET /api/v3/avgPrice",
    "ticker.24hr": "GET /api/v3/ticker/24hr",
    "ticker.price": "GET /api/v3/ticker/price", "ticker.book": "GET /api/v3/ticker/bookTicker",
    "order.place": "POST /api/v3/order", "order.test": "POST /api/v3/order/test", "order.status": "GET /api/v3/order",
    "order.cancel": "DELETE /api/v3/order", "order.cancelReplace": "POST /api/v3/order/cancelReplace",
    "openOrders.status": "GET /api/v3/openOrders",
    "openOrders.cancelAll": "DELETE /api/v3/openOrders", "allOrders": "GET /api/v3/allOrders",
    "account.status": "GET /api/v3/account", "account.commission": "GET /api/v3/account/commission",
    "account.rateLimits.orders": "GET /api/v3/rateLimit/order", "myTrades": "GET /api/v3/myTrades",
    "orderList.place.oco": "POST /api/v3/orderList/oco", "openOrderLists.status": "GET /api/v3/openOrderList",
    "allOrderLists": "GET /api/v3/allOrderList", "myPreventedMatches": "GET /api/v3/myPreventedMatches",
    "myAllocations": "GET /api/v3/myAllocations", "userDataStream.start": "POST /api/v3/userDataStream",
    "userDataStream.ping": "PUT /api/v3/userDataStream",
    "userDataStream.stop": "DELETE /api/v3/userDataStream",
  ]

  func receive(_ text: [UInt8], at now: Instant) -> Bool {
    guard let json = try? JSON.parse(text), let method = json["method"]?.string else {
      respond((.null, tellsLimits), BinanceError(-1000, "Malformed request.").reply)
      return true
    }
    let members = json["params"]?.members ?? []
    let id = (json["id"] ?? .null, json["params"]?["returnRateLimits"]?.bool ?? tellsLimits)
    do throws(BinanceError) {
      switch method {
      case "userDataStream.subscribe.signature":
        let account = try signed(members, now)
        guard subscriptions.count < Self.subscriptionsMax else {
          throw BinanceError(-1034, "Too many subscriptions.")
        }
        let number = nextSubscription
        nextSubscription += 1
        respond(id, WireReply(.object([("subscriptionId", .int(number))])))
        dialect.hub.note("stream_subscribed", connection.connection.number, ["user"])
        subscriptions[number] = dialect.hub.listen(to: account) { [weak self] event in
          self?.tell(event, number) ?? false
        }
      case "userDataStream.unsubscribe":
        let wanted = json["params"]?["subscriptionId"]?.int
        let ended = wanted.map { [$0] } ?? subscriptions.keys.sorted()
        for number in ended {
          guard let listener = subscriptions.removeValue(forKey: number) else {
            throw BinanceError(-2036, "This subscription is not active.")
          }
          dialect.hub.stopListening(listener)
        }
        respond(id, WireReply(.object([])))
      default: try call(method, members, id, now)
      }
    } catch {
      respond(id, error.reply)
    }
    return true
  }

  private func call(
    _ method: String, _ members: [(key: String, value: JSON)], _ id: Call, _ now: Instant
  ) throws(BinanceError) {
    guard let route = Self.calls[method] else {
      throw .notServed(String(method.prefix(60)))
    }
    var fields = HTTPFields()
    var query = QueryItems()
    for (key, value) in members where !Self.envelope.contains(key) { query.add(key, Self.text(value)) }
    if let key = members.first(where: { $0.key == "apiKey" })?.value.string { fields.add(dialect.keyField, key) }
    if members.contains(where: { $0.key == "signature" }) {
      // The same parameters signed as REST signs them, once the signature over the sorted ones is found right.
      let account = try signed(members, now)
      query = QueryItems()
      for (key, value) in members where !Self.envelope.contains(key) && key != "signature" {
        query.add(key, Self.text(value))
      }
      let code = dialect.exchange.accounts[account].hmac.code(Array(query.text.utf8)[...])
      query.add("signature", Base64.hexadecimal(code))
    }
    let words = route.split(separator: " ")
    let request = WireRequest(
      HTTPRequest(method: String(words[0]), path: String(words[1]), query: query.text, fields: fields),
      keyField: dialect.keyField)
    dialect.exchange.whenSummed(dialect.exchange.sums(request, at: now), at: now) { [weak self] now in
      self?.answer(request, members, id, now)
    }
  }

  private func answer(
    _ request: WireRequest, _ members: [(key: String, value: JSON)], _ id: Call, _ now: Instant
  ) {
    let reply = dialect.answer(request, at: now)
    func value(_ name: String) -> String? { members.first { $0.key == name }.map { Self.text($0.value) } }
    dialect.hub.noteRequest(
      WireJournal.Request(
        connection: connection.connection.number, method: request.method, path: request.path,
        symbol: value("symbol"), side: value("side"),
        clientOrderId: value("newClientOrderId") ?? value("origClientOrderId"), status: reply.status, code: reply.code,
        retryAfter: reply.fields["Retry-After"].flatMap { Int($0) },
        account: value("apiKey").flatMap { dialect.exchange.account(key: $0) }.map {
          dialect.exchange.accounts[$0].name
        },
        fault: nil))
    respond(id, reply)
  }

  /// The account whose signature is over the parameters in the order of their names.
  private func signed(_ members: [(key: String, value: JSON)], _ now: Instant) throws(BinanceError) -> Int {
    func value(_ name: String) -> String? { members.first { $0.key == name }.map { Self.text($0.value) } }
    guard let key = value("apiKey"), !key.isEmpty else { throw BinanceError.mandatory("apiKey") }
    guard let account = dialect.exchange.account(key: key), !dialect.exchange.isRevoked(account, at: now) else {
      throw .key
    }
    try dialect.checkTime(value("timestamp"), value("recvWindow"), now)
    guard let signature = value("signature") else { throw .mandatory("signature") }
    let payload = members.filter { $0.key != "signature" }.sorted { $0.key < $1.key }
      .map { "\($0.key)=\(Self.text($0.value))" }.joined(separator: "&")
    guard let given = Base64.bytes(hexadecimal: signature.utf8),
      HMAC.isEqual(given, dialect.exchange.accounts[account].hmac.code(Array(payload.utf8)[...]))
    else { throw .signature }
    return account
  }

  private static func text(_ value: JSON) -> String {
    switch value {
    case .string(let text): text
    case .number(let text): text
    case .bool(let flag): flag ? "true" : "false"
    default: value.text
    }
  }

  private func respond(_ call: Call, _ reply: WireReply) {
    var members: [(key: String, value: JSON)] = [("id", call.id), ("status", .int(reply.status))]
    members.append(reply.status == 200 ? ("result", reply.body) : ("error", reply.body))
    if call.tellsLimits { members.append(("rateLimits", BinanceInfo.rateLimits(dialect.limits))) }
    let json = JSON.object(members)
    let spoil = reply.spoil
    if reply.isHeld, dialect.exchange.faults.isArmed {
      return dialect.exchange.whenHealed { [weak connection] _ in connection?.answer(json, spoil) }
    }
    guard reply.delay > .zero else { return connection.answer(json, spoil) }
    dialect.exchange.later(reply.delay) { [weak connection] _ in connection?.answer(json, spoil) }
  }

  private func tell(_ event: WireUserEvent, _ number: Int) -> Bool {
    let (kind, json) = BinanceUserEvents.json(event, at: dialect.hub.now)
    let wrapped = JSON.object([("subscriptionId", .int(number)), ("event", json)])
    return connection.send(Array(wrapped.text.utf8), stream: "user", event: kind)
  }

  func ended() {
    for listener in subscriptions.values { dialect.hub.stopListening(listener) }
    subscriptions = [:]
  }
}
