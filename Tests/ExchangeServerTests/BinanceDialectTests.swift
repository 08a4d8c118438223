import Basics
import FakeExchange
import FaultInjection
import HTTP
import Testing
import Trading

@testable import ExchangeServer

@Suite struct BinanceDialectTests {
  private let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000"

  @Test func `An order is placed, found, told as open, and taken back`() throws {
    let desk = try Desk()
    let placed = desk.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=mine")
    #expect(
      placed.status == 200 && placed.body["status"]?.string == "NEW" && placed.body["clientOrderId"]?.string == "mine")
    let id = try #require(placed.body["orderId"]?.int)
    #expect(desk.signed("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=\(id)").body["origQty"]?.string == "0.01000000")
    #expect(desk.signed("GET", "/api/v3/openOrders", "symbol=BTCUSDT").body.array?.count == 1)
    #expect(desk.signed("GET", "/api/v3/openOrders", "symbol=ETHUSDT").body.array?.isEmpty == true)
    let canceled = desk.signed("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine")
    #expect(canceled.body["status"]?.string == "CANCELED" && canceled.body["origClientOrderId"]?.string == "mine")
    #expect(
      desk.signed("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=\(id)").refusal == "-2011 Unknown order sent.")
    #expect(desk.signed("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").refusal == "-2011 Unknown order sent.")
  }

  @Test func `A market order fills with its fee, and the account has what it bought`() throws {
    let desk = try Desk()
    let filled = desk.signed("POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quoteOrderQty=100")
    #expect(filled.body["status"]?.string == "FILLED")
    let fill = try #require(filled.body["fills"]?.array?.first)
    #expect(fill["commissionAsset"]?.string == "ETH")
    let bought = try #require(filled.body["executedQty"]?.string.flatMap { Decimal($0) })
    let balances = try #require(desk.signed("GET", "/api/v3/account").body["balances"]?.array)
    let held = try #require(balances.first { $0["asset"]?.string == "ETH" }?["free"]?.string.flatMap { Decimal($0) })
    #expect(held.isPositive && held < bought, "the fee comes out of what was bought")
    #expect(
      desk.signed("GET", "/api/v3/myTrades", "symbol=ETHUSDT").body.array?.count == filled.body["fills"]?.array?.count)
    #expect(desk.server.core.exchange.violation == nil)
  }

  /// A bot is judged by the quotes that stand in the history.
  @Test func `The history has the quotes as the client was told them, also where the best offer is eaten`() throws {
    let desk = try Desk()
    let before = desk.get("/api/v3/ticker/bookTicker", "symbol=BTCUSDT").body["askPrice"]?.string
    let purchase = "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=3000"
    #expect(desk.signed("POST", "/api/v3/order", purchase).status == 200)
    _ = desk.server.core.exchange.history.take()
    let told = try #require(desk.get("/api/v3/ticker/bookTicker", "symbol=BTCUSDT").body["askPrice"]?.string)
    #expect(told != before)
    let lines = String(decoding: VenueHistory.lines(desk.server.core.exchange.history.take()), as: UTF8.self)
    let ask = try #require(Decimal(told))
    #expect(lines.contains("\"ask\":[\"\(ask)\"]"), "\(told) was told, the history says \(lines)")
  }

  @Test(arguments: [
    ("symbol=BTCUSD&side=BUY&type=MARKET&quantity=1", "-1121 Invalid symbol."),
    (
      "side=BUY&type=MARKET&quantity=1",
      "-1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
    ),
    (
      "symbol=btc&side=BUY&type=MARKET&quantity=1",
      "-1100 Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."
    ),
    ("symbol=BTCUSDT&side=UP&type=MARKET&quantity=1", "-1117 Invalid side."),
    ("symbol=BTCUSDT&side=BUY&type=SOON&quantity=1", "-1116 Invalid orderType."),
    ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=X&quantity=1&price=1", "-1115 Invalid timeInForce."),
    ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=1", "-1106 Parameter 'price' sent when not required."),
    ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.123456789", "-1111 Parameter 'quantity' has too much precision."),
    (
      "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1",
      "-2010 Account has insufficient balance for requested action."
    ),
    ("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=9", "-2010 Account has insufficient balance for requested action."),
    ("symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.0002&price=100", "-1013 Filter failure: NOTIONAL"),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.00002&price=3000", "-1013 Filter failure: LOT_SIZE"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=100.001",
      "-1013 Filter failure: PRICE_FILTER"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1000001&price=100",
      "-1013 Filter failure: LOT_SIZE"
    ),
    (
      "symbol=ETHUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.1&price=9000",
      "-2010 Order would immediately match and take."
    ),
    (
      "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&quantity=0.002",
      "-1101 Duplicate values for parameter 'quantity'."
    ),
    (
      "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&leverage=3",
      "-1104 Not all sent parameters were read; read '6' parameter(s) but was sent '7'."
    ),
    (
      "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=",
      "-1105 Parameter 'newClientOrderId' was empty."
    ),
    (
      "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=90000&stopPrice=1",
      "-1106 Parameter 'stopPrice' sent when not required."
    ),
    (
      "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=90000&icebergQty=0.0005",
      "-2010 Iceberg orders are not supported for this symbol."
    ),
  ])
  func `Refusals have the venue's own code and text`(query: String, refusal: String) throws {
    let reply = try Desk().signed("POST", "/api/v3/order", query)
    #expect(reply.status == 400 && reply.refusal == refusal)
  }

  @Test func `Clock, key and signature are checked as the venue does`() throws {
    let desk = try Desk()
    func account(_ later: Duration) -> String { desk.signed("GET", "/api/v3/account", at: desk.now + later).refusal }
    #expect(account(.milliseconds(1001)) == "-1021 Timestamp for this request was 1000ms ahead of the server's time.")
    #expect(account(.milliseconds(-5001)) == "-1021 Timestamp for this request is outside of the recvWindow.")
    #expect(desk.signed("GET", "/api/v3/account", at: desk.now + .milliseconds(1000)).status == 200)
    #expect(
      desk.signed("GET", "/api/v3/account", "recvWindow=60001").refusal == "-1131 recvWindow must be less than 60000.")
    #expect(desk.get("/api/v3/account").refusal == "-2014 API-key format invalid.")
    var fields = HTTPFields()
    fields.add("x-mbx-apikey", "other")
    func ask(_ query: String) -> WireReply {
      desk.server.core.dialect.answer(HTTPRequest(path: "/api/v3/account", query: query, fields: fields), at: desk.now)
    }
    #expect(ask("timestamp=1").status == 401 && ask("timestamp=1").refusal.hasPrefix("-2015"))
    fields.list[0].value = "key"
    let stamp = "timestamp=\(desk.now.nanoseconds / 1_000_000)"
    #expect(ask("\(stamp)&signature=00").refusal == "-1022 Signature for this request is not valid.")
    #expect(ask(stamp).refusal.contains("'signature'"))
    #expect(
      desk.signed("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT").refusal
        == "-2010 OCO orders are not supported for this symbol.")
    #expect(desk.signed("GET", "/api/v3/openOrderList").body.array?.isEmpty == true)
    let nothing = desk.get("/api/v3/nothing")
    #expect(nothing.status == 404 && nothing.refusal.hasPrefix("-1020 This operation is not supported."))
  }

  @Test func `Lists, periods and calls without parameters are read as the venue does`() throws {
    let desk = try Desk()
    func symbols(_ list: String) -> String { desk.get("/api/v3/ticker/price", "symbols=\(list)").refusal }
    #expect(symbols("%5B%22BTCUSDT%22,%22BTCUSDT%22%5D") == "-1151 Symbol is present multiple times in the list.")
    #expect(symbols("%5B%5D").hasPrefix("-1100 Illegal characters found in parameter 'symbols'"))
    #expect(desk.get("/api/v3/ping", "x=1").refusal == "-1101 Too many parameters; expected '0' and received '1'.")
    for path in ["/api/v3/allOrders", "/api/v3/myTrades"] {
      func period(_ end: Int) -> WireReply { desk.signed("GET", path, "symbol=BTCUSDT&startTime=1&endTime=\(end)") }
      #expect(period(86_400_001).status == 200)
      #expect(period(86_400_002).refusal == "-1127 More than 24 hours between startTime and endTime.")
    }
    #expect(desk.signed("GET", "/api/v3/account", "recvWindow=5000.125").status == 200)
    #expect(desk.signed("GET", "/api/v3/account", "recvWindow=5000.1255").refusal.hasPrefix("-1100 "))
    // Binance takes microseconds too.
    let query = "timestamp=\(desk.now.nanoseconds / 1000)"
    let code = Base64.hexadecimal(HMAC(key: Array("secret".utf8)).code(Array(query.utf8)[...]))
    var fields = HTTPFields()
    fields.add("x-mbx-apikey", "key")
    let request = HTTPRequest(path: "/api/v3/account", query: "\(query)&signature=\(code)", fields: fields)
    #expect(desk.server.core.dialect.answer(request, at: desk.now).status == 200)
  }

  /// ccxt signs a form, and its query is empty; others sign a query; a mixture is put together without an '&'.
  @Test func `Query and body are signed in the order they came`() throws {
    let desk = try Desk()
    let (query, form) = (
      "symbol=BTCUSDT&side=BUY", "type=MARKET&quantity=0.001&timestamp=\(desk.now.nanoseconds / 1_000_000)"
    )
    let code = Base64.hexadecimal(HMAC(key: Array("secret".utf8)).code(Array((query + form).utf8)[...]))
    var fields = HTTPFields()
    fields.add("x-mbx-apikey", "key")
    fields.add("content-type", "Application/X-WWW-form-urlencoded; charset=UTF-8")
    let request = HTTPRequest(
      method: "POST", path: "/api/v3/order", query: query, fields: fields, body: Array("\(form)&signature=\(code)".utf8)
    )
    #expect(desk.server.core.dialect.answer(request, at: desk.now).body["status"]?.string == "FILLED")
  }

  @Test func `Weights add up, then 429 with Retry-After, then a ban`() throws {
    let desk = try Desk()
    var statuses: [Int] = []
    for _ in 0..<320 { statuses.append(desk.get("/api/v3/exchangeInfo").status) }
    #expect(statuses.prefix(300).allSatisfy { $0 == 200 } && statuses[300...319].allSatisfy { $0 == 429 })
    let banned = desk.get("/api/v3/ping")
    #expect(
      banned.status == 418 && banned.refusal.hasPrefix("-1003 Way too much request weight used; IP banned until "))
    #expect(banned.fields["Retry-After"] == "120" && banned.fields["X-MBX-USED-WEIGHT-1M"] != nil)
    desk.pass(.seconds(121))
    #expect(desk.get("/api/v3/ping").status == 200)
    let free = try Desk(limited: false)
    #expect((0..<400).allSatisfy { _ in free.get("/api/v3/exchangeInfo").status == 200 })
  }

  @Test func `A fault of memory has its wire form, and the same client ids in the same order meet it again`() throws {
    let fault = try Fault(oneLine: "exchange.place_order@every(2)=return(timeout)", sites: WireSites.definitions)
    for ids in [["a", "b", "c", "d"], ["z9", "k4", "q", "e"]] {
      let desk = try Desk([fault])
      let replies = ids.map { desk.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=\($0)") }
      #expect(replies.map { $0.body["code"]?.int == -1007 } == [false, true, false, true])
      #expect(replies[1].status == 504 && replies[1].delay == .seconds(10))
      // The order is there all the same.
      #expect(desk.signed("GET", "/api/v3/openOrders", "symbol=BTCUSDT").body.array?.count == 4)
      #expect(desk.server.firedCount == 2)
    }
    let inert = try Desk([Fault(oneLine: "exchange.place_order=0%return(timeout)", sites: WireSites.definitions)])
    #expect(inert.signed("POST", "/api/v3/order", order).status == 200 && inert.server.firedCount == 0)
  }

  @Test func `Codes of the other venue are said in this one's words`() {
    #expect(WireProfiles.translated("30004", to: WireProfiles.binance).code == -2010)
    #expect(WireProfiles.translated("-1007", to: WireProfiles.binance).httpStatus == 504)
    #expect(WireProfiles.translated("429", to: WireProfiles.binance).code == -1003)
    #expect(WireProfiles.translated("503", to: WireProfiles.binance).httpStatus == 503)
    #expect(WireProfiles.translated("-1003", to: .mexc).code == 429)
    #expect(WireProfiles.translated("-1003", to: WireProfiles.binance).httpStatus == 429)
    #expect(WireProfiles.translated("30016", to: WireProfiles.binance).text == "Market is closed.")
    // Whatever the exchange refuses has one of the venue's own codes.
    #expect(WireProfiles.binance.errors.filter { $0.code >= 0 } == [])
  }

  @Test func `MEXC has its own order types, numbers and words`() throws {
    let desk = try Desk(venue: "mexc")
    let placed = desk.signed(
      "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=IMMEDIATE_OR_CANCEL&quantity=0.001&price=200000")
    #expect(placed.body["orderId"]?.string?.hasPrefix("C02__") == true && placed.body["status"] == nil)
    let id = try #require(placed.body["orderId"]?.string)
    #expect(desk.signed("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=\(id)").body["status"]?.string == "FILLED")
    #expect(desk.get("/api/v3/klines", "symbol=BTCUSDT&interval=60m&limit=1").body.array?.first?.array?.count == 8)
    #expect(desk.get("/api/v3/account").refusal == "10072 Api key info invalid")
    #expect(
      desk.signed("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=99999").refusal
        == "30004 Insufficient position")
  }
}
