import Basics
import HTTP
import Testing
import Trading

@testable import WireClient

@Suite struct BinanceRepliesTests {
  private func failure(_ status: Int, _ body: String, retryAfter: String? = nil) -> CallFailure? {
    var fields = HTTPFields()
    if let retryAfter { fields.add("retry-after", retryAfter) }
    let response = HTTPResponse(status, contentType: "application/json", fields: fields, body: Array(body.utf8))
    guard case .failure(let failure) = BinanceReplies.read(response, { BinanceReplies.ack($0) }) else { return nil }
    return failure
  }

  @Test(arguments: [
    (400, #"{"code":-2010,"msg":"Account has insufficient balance for requested action."}"#, FailureClass.final),
    (400, #"{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}"#, .passing),
    (429, #"{"code":-1003,"msg":"Too much request weight used"}"#, .limit),
    (504, #"{"code":-1007,"msg":"Timeout waiting for response from backend server."}"#, .unknown),
    (502, "<html>502 Bad Gateway</html>", .unknown), (403, "<html>403 Forbidden</html>", .limit),
    (200, #"{"orderId":1,"clientOr"#, .unknown), (200, "{}", .unknown),
  ]) func `What an answer means for whoever asked follows from its code and its status`(
    status: Int, body: String, meaning: FailureClass
  ) {
    #expect(failure(status, body)?.failureClass == meaning)
  }

  @Test func `A pause that the venue asks for is read`() {
    guard case .venue(let error)? = failure(418, #"{"code":-1003,"msg":"banned"}"#, retryAfter: "120") else {
      Issue.record("no refusal")
      return
    }
    #expect(error.retryAfter == .seconds(120) && error.kind == .rateLimited)
  }

  @Test func `What was not sent had no effect, and what was lost may have had one`() {
    #expect(BinanceReplies.failure(.notSent("refused")).failureClass == .passing)
    #expect(BinanceReplies.failure(.lost("closed")).failureClass == .unknown)
    #expect(BinanceReplies.failure(.deadline) == .unknownOutcome("deadline"))
  }

  private func event(_ text: String) throws -> UserEvent? {
    let btc = Symbol("BTC/USDT")
    return BinanceReplies.event(try JSON.parse(Array(text.utf8))) { $0 == "BTCUSDT" ? btc : nil }
  }

  private func report(_ x: String, _ state: String, filled: String, more: String = "") -> String {
    #"{"e":"executionReport","E":1,"s":"BTCUSDT","c":"new","C":"mine","S":"BUY","o":"LIMIT","q":"2","p":"10","x":""#
      + x + #"","X":""# + state + #"","i":7,"z":""# + filled + #"","Z":"10","T":1700000000000"# + more + "}"
  }

  @Test func `An execution report is the order's event, under the id that the order has`() throws {
    let fill = #","t":9,"L":"10","l":"1","Y":"10","n":"0.01","N":"USDT","m":true"#
    guard case .trade(let trade, let order)? = try event(report("TRADE", "PARTIALLY_FILLED", filled: "1", more: fill))
    else {
      Issue.record("no trade")
      return
    }
    #expect(
      trade.clientOrderId == "mine" && trade.tradeId == "9" && trade.fee == Fee(asset: "USDT", amount: Decimal("0.01")!)
    )
    #expect(order.averagePrice == Decimal(10) && order.status == .partiallyFilled)
    guard case .canceled(let canceled)? = try event(report("CANCELED", "CANCELED", filled: "1")) else {
      Issue.record("no cancel")
      return
    }
    #expect(canceled.status == .partiallyCanceled)
  }

  @Test func `What cannot be read is said to be unreadable, and a key that is over ends the stream`() throws {
    guard case .stream(.unreadable)? = try event(report("TRADE", "FILLED", filled: "x")) else {
      Issue.record("it was read")
      return
    }
    guard case .stream(.lost)? = try event(#"{"e":"listenKeyExpired","E":1,"listenKey":"k"}"#) else {
      Issue.record("the stream goes on")
      return
    }
    let other = try event(#"{"e":"balanceUpdate","E":1}"#)
    #expect(other.map { _ in true } == nil)
  }

  @Test func `The trades of an order have what the venue took for each`() throws {
    let list = #"""
      [{"symbol":"BTCUSDT","id":28457,"orderId":100,"price":"4","qty":"12","quoteQty":"48","commission":"0.1",
      "commissionAsset":"BNB","time":1499865549590,"isBuyer":true,"isMaker":false,"isBestMatch":true}]
      """#
    let symbol = try #require(Symbol(base: "BTC", quote: "USDT"))
    let fills = try #require(BinanceReplies.trades(try JSON.parse(Array(list.utf8)), symbol, "c"))
    #expect(fills.map(\.tradeId) == ["28457"])
    #expect(fills.first?.quantity == Decimal(12))
    #expect(fills.first?.quote == Decimal(48))
    #expect(fills.first?.fee == Fee(asset: "BNB", amount: try #require(Decimal("0.1"))))
    #expect(fills.first?.side == .buy)
    let torn = try JSON.parse(Array(list.replacing("\"qty\":\"12\",", with: "").utf8))
    #expect(BinanceReplies.trades(torn, symbol, "c") == nil)
  }

  @Test func `The rules have the fees of another call`() throws {
    let info = #"""
      {"symbols":[{"symbol":"BTCUSDT","baseAsset":"BTC","quoteAsset":"USDT","filters":[
      {"filterType":"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE","minQty":"0.001","stepSize":"0.0001"},
      {"filterType":"NOTIONAL","minNotional":"5"}]}]}
      """#
    let fees = BinanceReplies.fees(
      try JSON.parse(Array(#"[{"symbol":"BTCUSDT","makerCommission":"0","takerCommission":"0.001"}]"#.utf8)))
    let rules = BinanceReplies.rules(try JSON.parse(Array(info.utf8)), fees ?? [:])
    #expect(rules?.first?.takerFee == Decimal("0.001") && rules?.first?.minNotional == Decimal(5))
  }
}
