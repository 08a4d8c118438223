import Basics
import ChaosRuntime
import FakeExchange
import FaultInjection
import HTTP
import Testing
import Trading

@testable import ExchangeServer

@Suite struct WireStageTests {
  private let text = #"""
    {"seed": 7, "symbols": ["AIX/USDT", "BTC/USDT"], "balances": {"USDT": "500"}, "poll_ms": 500,
     "drops": [{"symbol": "AIX/USDT", "at_ms": 1000, "depth": "0.03", "lasts_ms": 2000, "course": "rises"}],
     "wide_spreads": false, "gaps": false, "fee": {"asset": "MX", "price": "2"},
     "depth": {"levels": 3, "notional": "900", "spacing_bps": 4, "refill_ms": 500}}
    """#

  @Test func `A stage is written as it is read`() throws {
    let json = try JSON.parse(Array(text.utf8))
    let stage = try WireStage(json)
    #expect(stage.drops.first?.depth == Decimal("0.03") && stage.depth.levels == 3)
    #expect(stage.json.text == (try WireStage(stage.json)).json.text)
    #expect(stage.feeMode == .token(asset: "MX", price: Decimal(2)))
  }

  @Test(arguments: [
    (#"{"symbols": []}"#, "symbols"), (#"{"symbols": ["AIX/USDT"], "seed": -1}"#, "seed"),
    (#"{"symbols": ["AIX/USDT"], "drops": [{"symbol": "BTC/USDT", "at_ms": 1, "depth": "0.1"}]}"#, "symbol"),
    (#"{"symbols": ["AIX/USDT"], "drops": [{"symbol": "AIX/USDT", "at_ms": 1, "depth": "1"}]}"#, "depth"),
    (#"{"symbols": ["AIX/USDT"], "poll_ms": 5}"#, "poll_ms"),
    (#"{"symbols": ["AIX/USDT"], "depth": {"levels": 0}}"#, "depth.levels"),
    (#"{"symbols": ["AIX/USDT"], "balances": {"USDT": "-1"}}"#, "balances"),
    (#"{"symbols": ["AIX/USDT"], "fee": "gold"}"#, "fee"),
  ]) func `What is wrong with a stage is said by its member`(text: String, member: String) throws {
    let json = try JSON.parse(Array(text.utf8))
    do throws(WireStage.Problem) {
      _ = try WireStage(json)
      Issue.record("it was taken: \(text)")
    } catch {
      #expect(error.text.contains(member))
    }
  }

  @Test func `On a stage the price falls when it is told to, and the market has no past`() throws {
    let desk = try Desk()
    let stage = try WireStage(try JSON.parse(Array(text.utf8)))
    #expect(desk.server.reset(seed: 1, stage: stage) == nil)
    let market = desk.server.core.exchange.market
    let aix = try #require(Symbol("AIX/USDT"))
    let before = try #require(market.quote(aix, at: market.start))
    let after = try #require(market.quote(aix, at: market.start + .milliseconds(1600)))
    #expect(after.bid.doubleValue < before.bid.doubleValue * 0.98)
    #expect(market.quote(aix, at: market.start + .seconds(-10)) == nil)
    #expect(market.candles(aix, CandleInterval("1m")!, from: nil, to: nil, limit: 500, at: market.start).count <= 1)
    #expect(desk.server.core.exchange.balances(0).map(\.asset) == ["USDT"])
  }

  @Test func `Lines are kept behind a cursor, whole and bounded`() {
    var lines = TruthLines()
    lines.append(Array("one\ntwo\n".utf8))
    #expect(lines.page(from: 4).map { String(decoding: $0.lines, as: UTF8.self) } == "two\n")
    #expect(lines.page(from: 9) == nil && lines.page(from: 8)?.lines.isEmpty == true)
    let long = [UInt8](repeating: 0x61, count: 1000) + [0x0A]
    for _ in 0..<20_000 { lines.append(long) }
    #expect(lines.page(from: 0) == nil && lines.start > 0 && (lines.end - lines.start) <= 17 << 20)
    let page = lines.page(from: lines.start)
    #expect(page.map { $0.lines.last == 0x0A && $0.lines.count <= 1 << 20 } == true)
  }
}

/// Faults that act between a client and the venue, in their wire form.
@Suite struct VenueFaultsOnTheWireTests {
  private let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=90000"

  private func desk(_ line: String) throws -> Desk {
    try Desk([Fault(oneLine: line, sites: WireSites.definitions)])
  }

  @Test(arguments: [
    "exchange.user_stream.execution_report=reorder(2s)", "exchange.user_stream.execution_report=corrupt",
    "exchange.user_stream.execution_report=replace(status=unknown)", "exchange.open_stream=replace(replay=all)",
    "exchange.place_order=barrier(gate,2)", "exchange.place_order=wait(go)", "exchange.query_order=signal(go)",
  ])
  func `What would do nothing on the wire is refused there`(line: String) throws {
    let fault = try Fault(oneLine: line, sites: ExchangeSites.definitions)
    #expect(throws: InjectionError.self) { try FaultInjector.validate([fault], against: WireSites.definitions) }
  }

  @Test func `A page comes in place of an answer, and the venue never saw the order`() throws {
    let desk = try desk("exchange.place_order=1*http(502)")
    let reply = desk.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=mine")
    #expect(reply.response.status == 502 && reply.response.body.starts(with: "<html>".utf8))
    #expect(desk.signed("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine").status == 400)
  }

  @Test func `An answer that cannot be read hides an order that was taken`() throws {
    let desk = try desk("exchange.place_order=1*corrupt")
    let reply = desk.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=mine")
    #expect((try? JSON.parse(reply.response.body)) == nil)
    #expect(desk.signed("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine").status == 200)
  }

  @Test func `An order is told as it was, balances as they are not`() throws {
    let stale = try desk("exchange.query_order=1*replace(report=stale)")
    _ = stale.signed("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=m")
    let ask = { stale.signed("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=m").body["status"]?.string }
    #expect(ask() == "NEW" && ask() == "FILLED")
    let half = try desk("exchange.fetch_balance=1*replace(balances=half)")
    let free = {
      half.signed("GET", "/api/v3/account").body["balances"]?.array?.first { $0["asset"]?.string == "USDT" }?["free"]
    }
    #expect(free()?.string == "5000.00000000" && free()?.string == "10000.00000000")
  }

  @Test func `Quotes are old or crossed in every ticker that has them`() throws {
    let desk = try desk("exchange.fetch_tickers=2*replace(quotes=crossed)")
    for path in ["/api/v3/ticker/24hr", "/api/v3/ticker/bookTicker"] {
      let ticker = desk.get(path, "symbol=BTCUSDT").body
      let (bid, ask) = (ticker["bidPrice"]?.string, ticker["askPrice"]?.string)
      #expect(Decimal(bid ?? "")! > Decimal(ask ?? "")!)
    }
    let honest = desk.get("/api/v3/ticker/24hr", "symbol=BTCUSDT").body
    #expect(Decimal(honest["bidPrice"]?.string ?? "")! < Decimal(honest["askPrice"]?.string ?? "")!)
  }

  @Test func `A clock that is behind is refused until it is asked for the time`() throws {
    let desk = try desk("exchange.clock=skew(-90s)")
    #expect(desk.signed("GET", "/api/v3/account").body["code"]?.int == -1021)
    let time = try #require(desk.get("/api/v3/time").body["serverTime"]?.int)
    let venues = Instant(nanoseconds: Int64(time) * 1_000_000)
    #expect(desk.signed("GET", "/api/v3/account", at: venues).status == 200)
  }

  @Test func `A share of the limits is left`() throws {
    let desk = try desk("exchange.limits[call=fetch_tickers]=quota(0.1%)")
    for _ in 0..<4 { _ = desk.get("/api/v3/ticker/price", "symbol=BTCUSDT") }
    #expect(desk.get("/api/v3/ticker/price", "symbol=BTCUSDT").status == 429)
    #expect(desk.signed("GET", "/api/v3/account").status == 200, "of the other calls all is left")
  }

  @Test func `The venue cancels, revokes the key, and lets another bot order`() throws {
    let cancels = try desk("exchange.venue_acts[call=query_order]=1*replace(act=cancel)")
    _ = cancels.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=mine")
    let told = cancels.signed("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=mine")
    #expect(told.body["status"]?.string == "CANCELED")
    let revokes = try desk("exchange.venue_acts[call=fetch_balance]=1*replace(act=revoke)")
    _ = revokes.signed("GET", "/api/v3/account")
    #expect(revokes.signed("GET", "/api/v3/account").body["code"]?.int == -2015)
    let other = try desk("exchange.venue_acts[call=fetch_balance]=1*replace(act=other_bot)")
    _ = other.signed("GET", "/api/v3/account")
    #expect(other.signed("GET", "/api/v3/openOrders").body.array?.count == 1)
    #expect(other.server.core.exchange.violation == nil)
  }

  @Test func `What is finer than eight digits is told too`() {
    #expect(BinanceJSON.fixed(Decimal("0.00011510242")!) == "0.00011510242")
    #expect(BinanceJSON.fixed(Decimal("1.000000000007")!) == "1.000000000007")
    #expect(BinanceJSON.fixed(Decimal("-2.5")!) == "-2.50000000")
  }

  @Test func `An order is taken back and another one placed in one call`() throws {
    let desk = try Desk()
    let change = "\(order)&cancelReplaceMode=STOP_ON_FAILURE"
    _ = desk.signed("POST", "/api/v3/order", "\(order)&newClientOrderId=one")
    let both = desk.signed(
      "POST", "/api/v3/order/cancelReplace", "\(change)&cancelOrigClientOrderId=one&newClientOrderId=two")
    #expect(both.status == 200 && both.body["newOrderResponse"]?["clientOrderId"]?.string == "two")
    #expect(both.body["cancelResponse"]?["origClientOrderId"]?.string == "one")
    let none = desk.signed("POST", "/api/v3/order/cancelReplace", "\(change)&cancelOrigClientOrderId=one")
    #expect(none.status == 400 && none.body["code"]?.int == -2022)
    #expect(none.body["data"]?["newOrderResult"]?.string == "NOT_ATTEMPTED")
    let half = desk.signed(
      "POST", "/api/v3/order/cancelReplace",
      "\(order)&cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=one&newClientOrderId=three")
    #expect(half.status == 409 && half.body["code"]?.int == -2021)
    #expect(desk.signed("GET", "/api/v3/openOrders", "symbol=BTCUSDT").body.array?.count == 2)
    let poor = desk.signed(
      "POST", "/api/v3/order/cancelReplace",
      "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=9&price=90000&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=two"
    )
    #expect(poor.status == 409 && poor.body["data"]?["newOrderResponse"]?["code"]?.int == -2010)
    #expect(desk.signed("POST", "/api/v3/order/cancelReplace", order).body["code"]?.int == -1102)
  }
}
