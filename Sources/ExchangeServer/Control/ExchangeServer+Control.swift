import Basics
import FaultInjection
import HTTP
import Trading

/// Control for test suites: JSON under `/chaos/v1/`, and a page for people at `/chaos/`.
///
/// | call | does |
/// |---|---|
/// | GET state | time, accounts, balances, open orders, faults, counts, the last firings |
/// | GET history?since=N | lines of the wire's log after number N, at most 1000 |
/// | POST reset | begins anew; `seed`, and a `stage` as `WireStage` has it |
/// | GET exchange?since=N | lines of the venue's history from cursor N on; `end=1` notes the end first |
/// | GET faults | the faults there are, their counts and their firings |
/// | PUT faults | `faults`: one-line faults that replace the ones there are; they are armed unless `arm` is false |
/// | POST arm, POST heal | arms the faults there are, takes them back |
/// | POST market | moves a price: `symbol`, `percent`, `over_ms` |
/// | POST act | the venue acts on an account: `do` (`cancel`, `expire`, `withdraw`, `revoke`, ...), `account`, `client_order_id` |
/// | POST streams | `do`: `cut`, `reset`, or `expire-listen-keys` |
/// | GET verdict | whether the venue's books add up |
extension ExchangeServer {
  /// The version that stands in paths and answers.
  static let controlVersion = 1

  func control(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    // The page has no data of its own, and a browser cannot send a header for it: it asks for the token itself.
    if request.method == "GET", request.path == "/chaos" || request.path == "/chaos/" { return Self.page }
    guard isAllowed(request) else { return Self.problem(403, "control needs the header X-Chaos-Token") }
    switch (request.method, request.path) {
    case ("GET", "/chaos/v1/state"): return Self.json(state(at: now))
    case ("GET", "/chaos/v1/history"): return Self.json(history(request))
    case ("GET", "/chaos/v1/verdict"): return Self.json(verdict())
    case ("GET", "/chaos/v1/faults"): return Self.json(faultsReport())
    case ("GET", "/chaos/v1/exchange"): return venueLines(request, at: now)
    case ("POST", "/chaos/v1/arm"):
      arm()
      return Self.json(faultsState())
    case ("POST", "/chaos/v1/heal"):
      heal()
      return Self.json(faultsState())
    default: break
    }
    guard request.method == "POST" || request.method == "PUT" else {
      return Self.problem(404, "there is no \(request.method) \(request.path.prefix(80)); see /chaos/")
    }
    let body: JSON
    do throws(JSONError) { body = try JSON.parse(request.body.isEmpty ? Array("{}".utf8) : request.body) } catch {
      return Self.problem(400, "the body is no JSON: \(error)")
    }
    switch request.path {
    case "/chaos/v1/reset": return reset(body, at: now)
    case "/chaos/v1/act": return act(body, at: now)
    case "/chaos/v1/faults": return setFaults(body)
    case "/chaos/v1/market": return move(body, at: now)
    case "/chaos/v1/streams": return act(onStreams: body, at: now)
    default: return Self.problem(404, "there is no \(request.method) \(request.path.prefix(80)); see /chaos/")
    }
  }

  private static var page: HTTPResponse {
    var fields = HTTPFields()
    fields.add(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
    fields.add("Cache-Control", "no-store")
    return HTTPResponse(
      200, contentType: "text/html; charset=utf-8", fields: fields, body: Array(ControlPage.html.utf8))
  }

  private func isAllowed(_ request: HTTPRequest) -> Bool {
    guard let token = settings.controlToken else { return true }
    return HMAC.isEqual(Array((request.fields["x-chaos-token"] ?? "").utf8), Array(token.utf8))
  }

  static func json(_ json: JSON, status: Int = 200) -> HTTPResponse {
    var fields = HTTPFields()
    fields.add("Cache-Control", "no-store")
    return HTTPResponse(status, contentType: "application/json", fields: fields, body: Array(json.text.utf8))
  }

  static func problem(_ status: Int, _ text: String) -> HTTPResponse {
    json(.object([("version", .int(controlVersion)), ("error", .string(text))]), status: status)
  }

  // MARK: Looking

  func state(at now: Instant) -> JSON {
    let exchange = core.exchange
    let accounts: [JSON] = exchange.accounts.enumerated().map { index, account in
      .object([
        ("name", .string(account.name)), ("balances", .array(exchange.balances(index).map(BinanceJSON.balance))),
        (
          "open_orders",
          .array(exchange.orders.of(index).filter { !$0.status.isTerminal }.suffix(200).map(BinanceJSON.order))
        ),
        ("orders", .array(exchange.orders.of(index).suffix(200).map(BinanceJSON.order))),
        ("fills", .array(exchange.fills[index].suffix(200).map(BinanceJSON.myTrade))),
        ("stream_listeners", .int(core.hub.listenerCount(index))),
      ])
    }
    let quotes: [JSON] = exchange.market.symbols.compactMap { symbol in
      exchange.market.quote(symbol, at: now).map {
        .object([
          ("symbol", .string(WireExchange.name(symbol))), ("last", .string($0.last.description)),
          ("bid", .string($0.bid.description)), ("ask", .string($0.ask.description)),
        ])
      }
    }
    return .object([
      ("version", .int(Self.controlVersion)), ("venue", .string(settings.venue)),
      ("seed", .int(Int(clamping: settings.seed))),
      ("time", BinanceJSON.milliseconds(now)), ("requests", .int(counts.requests)), ("refused", .int(counts.refused)),
      ("streams", .int(streams.count)), ("orders", .int(exchange.orderCount)), ("accounts", .array(accounts)),
      ("quotes", .array(quotes)), ("faults", faultsState()), ("firings", .array(latestFirings)),
      ("history", .int(journal.count)),
    ])
  }

  /// The last 200, for marks on a time axis; `GET faults` has them all.
  private var latestFirings: [JSON] {
    faults.firings.suffix(200).map {
      .object([
        ("fault", .string($0.fault)), ("site", .string($0.site)), ("time", BinanceJSON.milliseconds($0.time)),
        ("action", .string($0.action.text)),
      ])
    }
  }

  func faultsState() -> JSON {
    let counts = faults.counts
    let all: [JSON] = faults.faults.map { fault in
      let own = counts.filter { $0.fault == fault.id }
      return .object([
        ("id", .string(fault.id)), ("title", .string(fault.title)), ("text", .string(fault.oneLine)),
        ("eligible", .int(own.reduce(0) { $0 + $1.eligible })), ("fired", .int(own.reduce(0) { $0 + $1.fired })),
      ])
    }
    return .object([
      ("version", .int(Self.controlVersion)), ("armed", .bool(faults.isArmed)), ("faults", .array(all)),
      ("fired", .int(faults.firedCount)),
    ])
  }

  private func history(_ request: HTTPRequest) -> JSON {
    let since = QueryItems(request.query)["since"].flatMap { Int($0) } ?? 0
    let lines = journal.recent.filter { $0.number > since }.prefix(1000)
    return .object([
      ("version", .int(Self.controlVersion)), ("next", .int(lines.last?.number ?? since)),
      ("lines", .array(lines.compactMap { try? JSON.parse($0.line) })),
    ])
  }

  private func verdict() -> JSON {
    let violation = core.exchange.violation
    return .object([
      ("version", .int(Self.controlVersion)), ("outcome", .string(violation == nil ? "pass" : "fail")),
      ("reason", .string(violation.map { "the venue's books do not add up: \($0)" } ?? "the venue's books add up")),
      ("fired", .int(faults.firedCount)),
    ])
  }

  // MARK: Acting

  private func setFaults(_ body: JSON) -> HTTPResponse {
    guard let texts = body["faults"]?.array?.map({ $0.string ?? "" }), texts.count <= 100 else {
      return Self.problem(
        400,
        "faults expects a list of at most 100 one-line faults, such as \"wire.request[path=/api/v3/order]=1*replace(wire=reset-after)\""
      )
    }
    var list: [Fault] = []
    for text in texts {
      if let known = settings.faults.first(where: { $0.id == text }) {
        list.append(known)
        continue
      }
      do throws(FaultFileError) {
        list.append(try Fault(oneLine: text, sites: WireSites.definitions))
      } catch { return Self.problem(400, "\(error)") }
    }
    do throws(InjectionError) { try faults.replace(list) } catch { return Self.problem(400, "\(error)") }
    heal()
    if !list.isEmpty, body["arm"]?.bool ?? true { arm() }
    return Self.json(faultsState())
  }

  private func move(_ body: JSON, at now: Instant) -> HTTPResponse {
    guard let name = body["symbol"]?.string, let symbol = core.exchange.symbol(name) else {
      return Self.problem(
        400,
        "symbol expects one of \(core.exchange.market.symbols.prefix(8).map { WireExchange.name($0) }.joined(separator: ", "))"
      )
    }
    guard let percent = body["percent"]?.double, abs(percent) <= 900 else {
      return Self.problem(400, "percent expects a number from -90 to 900, such as -2.5")
    }
    let over = Duration.milliseconds(min(max(0, body["over_ms"]?.int ?? 0), 3_600_000))
    guard core.exchange.market.move(symbol, millionths: Int((percent * 10_000).rounded()), over: over, at: now) else {
      return Self.problem(400, "percent expects a number from -90 to 900; a thousand moves are kept until a reset")
    }
    journal.note("market_moved", "\(name) \(JSON.double(percent).text) %", at: now)
    return Self.json(
      .object([("version", .int(Self.controlVersion)), ("symbol", .string(name)), ("percent", .double(percent))]))
  }

  private func act(onStreams body: JSON, at now: Instant) -> HTTPResponse {
    let count = streams.count
    switch body["do"]?.string {
    case "cut": for stream in streams.values { stream.connection.close() }
    case "reset": for stream in streams.values { stream.connection.reset() }
    case "expire-listen-keys": core.keys.expire(at: now, all: true)
    default: return Self.problem(400, "do expects cut, reset or expire-listen-keys")
    }
    return Self.json(.object([("version", .int(Self.controlVersion)), ("streams", .int(count))]))
  }
}
