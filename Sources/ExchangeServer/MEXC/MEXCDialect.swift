import Basics
import FakeExchange
import HTTP
import Trading

/// MEXC spot v3: REST under /api/v3. Its streams are protobuf, which is not spoken here.
final class MEXCDialect: Dialect {
  let keyField = "x-mexc-apikey"
  let exchange: WireExchange
  let hub: StreamHub
  let keys: ListenKeys
  private var limits: RequestLimits
  private var madeUp = 0

  init(_ exchange: WireExchange, _ hub: StreamHub, _ keys: ListenKeys, limited: Bool, at now: Instant) {
    (self.exchange, self.hub, self.keys) = (exchange, hub, keys)
    limits = RequestLimits(isOn: limited)
  }

  func answer(_ request: WireRequest, at now: Instant) -> WireReply {
    switch limits.count(weight: 1, isOrder: false, at: now) {
    case .allowed: break
    case .banned(let until, let retryAfter): return refusal(.banned(until: until, retryAfter: retryAfter), at: now)
    case .tooMuchWeight(let retryAfter), .tooManyOrders(let retryAfter, _):
      return refusal(.tooMany(retryAfter: retryAfter), at: now)
    }
    do throws(MEXCError) { return try route(request, now) } catch { return error.reply }
  }

  func refusal(_ kind: DialectRefusal, at now: Instant) -> WireReply {
    switch kind {
    case .skewed: return MEXCError.late.reply
    case .tooMany(let retryAfter):
      var reply = MEXCError(429, "Too Many Requests", status: 429).reply
      reply.fields.add("Retry-After", "\(retryAfter)")
      return reply
    case .banned(_, let retryAfter):
      var reply = MEXCError(418, "Too Many Requests", status: 418).reply
      reply.fields.add("Retry-After", "\(retryAfter)")
      return reply
    }
  }

  private func route(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> WireReply {
    switch "\(request.method) \(request.path)" {
    case "GET /api/v3/ping": return WireReply(.object([]))
    case "GET /api/v3/time": return WireReply(.object([("serverTime", BinanceJSON.milliseconds(now))]))
    case "GET /api/v3/exchangeInfo": return try info(request, now)
    case "GET /api/v3/defaultSymbols":
      return WireReply(
        .object([
          ("code", .int(0)), ("data", .array(exchange.market.symbols.map { .string(WireExchange.name($0)) })),
          ("msg", .null),
        ]))
    case "GET /api/v3/depth": return try depth(request, now)
    case "GET /api/v3/trades": return try trades(request, now)
    case "GET /api/v3/klines": return try candles(request, now)
    case "GET /api/v3/ticker/price", "GET /api/v3/ticker/bookTicker", "GET /api/v3/ticker/24hr":
      return try tickers(request, now)
    case "GET /api/v1/contract/detail":
      return WireReply(.object([("success", .bool(true)), ("code", .int(0)), ("data", .array([]))]))
    default: return try signedRoute(request, try authorized(request, now), now)
    }
  }

  private func signedRoute(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    switch "\(request.method) \(request.path)" {
    case "GET /api/v3/account": return balances(account, now)
    case "GET /api/v3/capital/config/getall":
      return WireReply(
        .array(assets.map { .object([("coin", .string($0)), ("Name", .string($0)), ("networkList", .array([]))]) }))
    case "POST /api/v3/order": return try place(request, account, now)
    case "POST /api/v3/order/test": return WireReply(.object([]))
    case "GET /api/v3/order": return try query(request, account, now)
    case "DELETE /api/v3/order": return try cancel(request, account, now)
    case "GET /api/v3/openOrders": return try openOrders(request, account, now)
    case "DELETE /api/v3/openOrders": return try cancelAll(request, account, now)
    case "GET /api/v3/allOrders": return try allOrders(request, account)
    case "GET /api/v3/myTrades": return try myTrades(request, account)
    case "POST /api/v3/userDataStream":
      return WireReply(.object([("listenKey", .string(keys.make(account, at: now)))]))
    case "PUT /api/v3/userDataStream":
      guard let key = request["listenKey"], keys.extend(key, account, at: now) else {
        throw MEXCError(730_706, "Invalid listenKey")
      }
      return WireReply(.object([("listenKey", .string(key))]))
    default: throw MEXCError(404, "chaos serve does not have this call: \(request.method) \(request.path)", status: 404)
    }
  }

  private func authorized(_ request: WireRequest, _ now: Instant) throws(MEXCError) -> Int {
    guard let key = request.key, let account = exchange.account(key: key) else {
      throw MEXCError(10_072, "Api key info invalid")
    }
    guard let text = request["timestamp"], let time = Int64(text) else {
      throw MEXCError(700_004, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.")
    }
    let window = min(Int64(request["recvWindow"] ?? "5000") ?? 5000, 60_000)
    let server = now.nanoseconds / 1_000_000
    guard time <= server + 1000, server - time <= window else { throw .late }
    guard let signature = request.signature, let given = Base64.bytes(hexadecimal: signature.utf8),
      HMAC.isEqual(given, exchange.accounts[account].hmac.code(request.signed[...]))
    else { throw MEXCError(700_002, "Signature for this request is not valid.") }
    return account
  }

  var assets: [String] { Set(exchange.market.symbols.flatMap { [$0.base, $0.quote] }).sorted() }

  func makeUpId() -> String {
    madeUp += 1
    return "C\(madeUp)"
  }

  func stream(_ request: HTTPRequest, _ connection: StreamConnection, at now: Instant) -> (any StreamProtocol)? {
    // Every data channel of the venue is protobuf: silence would be worse than a word.
    request.path == "/ws" ? MEXCStreamRefusal(connection) : nil
  }
}

/// Why MEXC refuses a request.
struct MEXCError: Error {
  var code: Int
  var text: String
  var status: Int

  init(_ code: Int, _ text: String, status: Int = 400) { (self.code, self.text, self.status) = (code, text, status) }
  init(_ error: VenueError) { self.init(error.code, error.text, status: error.httpStatus) }

  static let late = MEXCError(700_003, "Timestamp for this request is outside of the recvWindow.")
  static let symbol = MEXCError(-1121, "Invalid symbol.")

  var reply: WireReply {
    WireReply(.object([("code", .int(code)), ("msg", .string(text))]), status: status, code: code)
  }
}

/// Answers every subscription with why it cannot be.
private final class MEXCStreamRefusal: StreamProtocol {
  private let connection: StreamConnection
  let names = ["refused"]
  let textsMax = 100

  init(_ connection: StreamConnection) { self.connection = connection }

  func receive(_ text: [UInt8], at now: Instant) -> Bool {
    guard let json = try? JSON.parse(text) else { return false }
    if json["method"]?.string == "PING" {
      connection.answer(.object([("id", json["id"] ?? .int(0)), ("code", .int(0)), ("msg", .string("PONG"))]))
    } else {
      connection.answer(
        .object([
          ("id", json["id"] ?? .int(0)), ("code", .int(1)),
          ("msg", .string("chaos serve does not speak MEXC's protobuf streams; poll by REST")),
        ]))
    }
    return true
  }

  func ended() {}
}
