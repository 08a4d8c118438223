import Basics
import ChaosRuntime
import FaultInjection
import Glibc
import HTTP
import TestSupport
import Testing

@testable import ExchangeServer

/// A client in the thread of the server: it writes, lets the server turn, and reads.
private final class Wire {
  let desk: Desk
  let descriptor: Int32
  private(set) var input: [UInt8] = []
  private(set) var isOver = false

  init(_ desk: Desk) throws {
    self.desk = desk
    descriptor = Socket.make(.stream)
    _ = Socket.connect(descriptor, try EndpointAddress(host: "127.0.0.1", port: desk.server.port).resolved(for: "test"))
    desk.server.turn()
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) { _ = Socket.send(descriptor, bytes[...]) }
  func send(_ text: String) { send(Array(text.utf8)) }

  /// Turns until something was read that fits, or so many turns are over.
  func read(turns: Int = 40, until isEnough: (Wire) -> Bool) {
    for _ in 0..<turns where !isEnough(self) {
      desk.server.turn()
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count == 0 || count < 0 && errno == ECONNRESET { isOver = true }
      if count > 0 { input += chunk[..<count] }
    }
  }

  var text: String { String(decoding: input, as: UTF8.self) }
  func forget() { input = [] }
}

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct ServerTests {
  private let head = "Host: 127.0.0.1\r\n"

  @Test func `A request is answered on the wire, and a second one on the same connection`() throws {
    let wire = try Wire(Desk())
    wire.send("GET /api/v3/ping HTTP/1.1\r\n\(head)\r\nGET /api/v3/time HTTP/1.1\r\n\(head)\r\n")
    wire.read { $0.text.contains("serverTime") }
    #expect(wire.text.hasPrefix("HTTP/1.1 200 OK\r\n") && wire.text.contains("\r\n\r\n{}HTTP/1.1 200 OK"))
  }

  @Test(arguments: [
    ("reset-before", "", true), ("reset-after", "", true), ("html-502", "502 Bad Gateway", false),
    ("truncated", "200 OK", false), ("429", "429 Too Many Requests", false), ("418", "418 I'm a teapot", false),
    ("skew", "-1021", false), ("wrong-length", "200 OK", true), ("malformed", "{\"code\":{}", false),
  ])
  func `What only a wire can do`(fault: String, says: String, ends: Bool) throws {
    let line = "wire.request[path=/api/v3/ping]=1*replace(wire=\(fault))"
    let wire = try Wire(Desk([Fault(oneLine: line, sites: WireSites.definitions)]))
    wire.send("GET /api/v3/ping HTTP/1.1\r\n\(head)\r\n")
    wire.read(turns: 8) { ends ? $0.isOver : $0.text.contains(says) }
    #expect((says.isEmpty || wire.text.contains(says)) && wire.isOver == ends && wire.desk.server.firedCount == 1)
    let next = try Wire(wire.desk)
    next.send("GET /api/v3/ping HTTP/1.1\r\n\(head)\r\n")
    next.read { $0.text.hasSuffix("{}") }
    #expect(next.text.hasSuffix("{}"))
  }

  @Test func `A stream answers a subscription before its data, and user events come by listen key`() throws {
    let desk = try Desk()
    desk.now = desk.server.runtime.now
    var fields = HTTPFields()
    fields.add("x-mbx-apikey", "key")
    let key = try #require(
      desk.server.core.dialect.answer(
        HTTPRequest(method: "POST", path: "/api/v3/userDataStream", fields: fields), at: desk.now
      ).body["listenKey"]?.string)
    let wire = try Wire(desk)
    wire.send(
      WebSocketHandshake.request(
        path: "/stream", query: "streams=\(key)", host: "localhost", key: Array("0123456789abcdef".utf8)
      )
      .bytes)
    wire.read { $0.text.contains("\r\n\r\n") }
    #expect(wire.text.hasPrefix("HTTP/1.1 101 "))
    #expect(
      desk.server.streams.values.allSatisfy { $0.connection.deadline == nil },
      "what a request may take is no limit of a stream")
    wire.forget()
    wire.send(
      WebSocketFrame.text(
        Array(
          #"{"method":"SUBSCRIBE","params":["btcusdt@bookTicker","!miniTicker@arr@1000ms","btcusdt@nothing"],"id":5}"#
            .utf8), mask: 7))
    wire.read { $0.text.contains("bookTicker\",\"data\"") }
    let text = wire.text
    let answer = try #require(text.firstRange(of: #"{"result":null,"id":5}"#))
    #expect(text.firstRange(of: "bookTicker\",\"data\"").map { $0.lowerBound > answer.lowerBound } == true)
    desk.now = desk.server.runtime.now
    _ = desk.signed("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")
    wire.read { $0.text.contains("outboundAccountPosition") }
    wire.read(turns: 200) { $0.text.contains("24hrMiniTicker") }
    #expect(wire.text.contains("24hrMiniTicker"))
    #expect(wire.text.contains(#""x":"NEW""#) && wire.text.contains(#""x":"TRADE""#))
    wire.send(WebSocketFrame.bytes(.ping, [1, 2], mask: 9))
    wire.read { $0.input.suffix(4) == [0x8A, 2, 1, 2] }
    wire.send(WebSocketFrame.close(1000, mask: 9))
    wire.read { $0.isOver }
    #expect(wire.isOver && desk.server.streams.isEmpty && desk.server.core.hub.streamCount == 0)
  }

  @Test
  func `A call over a WebSocket is answered as one of REST, with the limits where they are wanted, held by a fault`()
    throws
  {
    let line = "exchange.query_order=1*hang"
    let desk = try Desk([Fault(oneLine: line, sites: WireSites.definitions)])
    let wire = try Wire(desk)
    wire.send(
      WebSocketHandshake.request(path: "/ws-api/v3", host: "localhost", key: Array("0123456789abcdef".utf8)).bytes)
    wire.read { $0.text.contains("\r\n\r\n") }
    func call(_ id: Int, _ method: String, _ parameters: String) {
      wire.forget()
      wire.send(
        WebSocketFrame.text(Array(#"{"id":\#(id),"method":"\#(method)","params":{\#(parameters)}}"#.utf8), mask: 7))
    }
    call(1, "uiKlines", #""symbol":"BTCUSDT","interval":"1m","limit":1"#)
    wire.read { $0.text.contains("rateLimits") }
    #expect(wire.text.contains(#"{"id":1,"status":200,"result":[["#))
    call(2, "ping", #""returnRateLimits":false"#)
    wire.read { $0.text.contains("}") }
    #expect(wire.text.hasSuffix(#"{"id":2,"status":200,"result":{}}"#))
    let stamp = desk.server.runtime.now.nanoseconds / 1_000_000
    let signed = "apiKey=key&orderId=1&symbol=BTCUSDT&timestamp=\(stamp)"
    let code = Base64.hexadecimal(HMAC(key: Array("secret".utf8)).code(Array(signed.utf8)[...]))
    desk.now = desk.server.runtime.now
    _ = desk.signed("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")
    call(
      3, "order.status",
      #""apiKey":"key","orderId":1,"symbol":"BTCUSDT","timestamp":\#(stamp),"signature":"\#(code)""#)
    wire.read(turns: 4) { !$0.input.isEmpty }
    #expect(wire.input.isEmpty && desk.server.firedCount == 1)
    desk.server.heal()
    wire.read { $0.text.contains("FILLED") }
    #expect(wire.text.contains(#"{"id":3,"status":200,"result":{"symbol":"BTCUSDT","orderId":1"#))
  }

  /// One request on a connection of its own.
  private func ask(
    _ desk: Desk, _ method: String, _ path: String, _ extra: String = "", _ body: String = "",
    host: String = "127.0.0.1"
  ) throws -> String {
    let wire = try Wire(desk)
    wire.send(
      "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n\(body)"
    )
    wire.read { $0.isOver }
    return wire.text
  }

  @Test func `Foreign hosts and pages are refused, and control does what it says`() throws {
    let desk = try Desk()
    #expect(try ask(desk, "GET", "/api/v3/ping", host: "evil.example").hasPrefix("HTTP/1.1 403"))
    #expect(try ask(desk, "GET", "/chaos/v1/state", "Origin: http://evil.example\r\n").hasPrefix("HTTP/1.1 403"))
    #expect(try ask(desk, "GET", "/chaos/").contains("<!doctype html>"))
    #expect(try ask(desk, "GET", "/chaos/v1/state").contains(#""venue":"binance""#))
    let armed = try ask(desk, "PUT", "/chaos/v1/faults", "", #"{"faults":["wire.ping=drop"]}"#)
    #expect(armed.contains(#""armed":true"#) && desk.server.faults.isArmed)
    #expect(try ask(desk, "PUT", "/chaos/v1/faults", "", #"{"faults":["wire.pong=drop"]}"#).hasPrefix("HTTP/1.1 400"))
    #expect(try ask(desk, "POST", "/chaos/v1/heal").contains(#""armed":false"#))
    #expect(
      try ask(desk, "POST", "/chaos/v1/market", "", #"{"symbol":"BTCUSDT","percent":-3}"#).hasPrefix("HTTP/1.1 200"))
    #expect(try ask(desk, "POST", "/chaos/v1/market", "", #"{"symbol":"X","percent":-3}"#).hasPrefix("HTTP/1.1 400"))
    #expect(try ask(desk, "POST", "/chaos/v1/reset", "", #"{"seed":3}"#).contains(#""orders":0"#))
    #expect(try ask(desk, "GET", "/chaos/v1/verdict").contains(#""outcome":"pass""#))
  }

  @Test func `The venue acts on an account, on the order that is named or the oldest one`() throws {
    let fault = try Fault(
      oneLine: "exchange.place_order[symbol=ETH/USDT]=1*return(-1008)", sites: WireSites.definitions)
    let desk = try Desk([fault])
    func act(_ body: String) throws -> String { try ask(desk, "POST", "/chaos/v1/act", "", body) }
    for id in ["old", "mine"] {
      let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=50000&newClientOrderId=\(id)"
      _ = desk.signed("POST", "/api/v3/order", query)
    }
    func status(_ id: String) -> String {
      desk.signed("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=\(id)").body["status"]?.string ?? ""
    }
    #expect(try act(#"{"do":"cancel","client_order_id":"mine"}"#).hasPrefix("HTTP/1.1 200 "))
    #expect(status("mine") == "CANCELED" && status("old") == "NEW")
    #expect(try act(#"{"do":"expire","account":"bot"}"#).contains(#""name":"bot""#))
    #expect(status("old") == "EXPIRED")
    for (body, says) in [
      (#"{"do":"cancel","client_order_id":"mine"}"#, "no open order 'mine'"), (#"{"do":"dance"}"#, "do expects one of"),
      (#"{"do":"expire","client_order_id":"old"}"#, "the venue chooses"),
      (#"{"do":"halt","account":"x"}"#, "one of bot"),
      ("{", "the body is no JSON"),
    ] {
      let answer = try act(body)
      #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(says), "\(answer)")
    }
    _ = desk.signed("POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.01")
    let state = try ask(desk, "GET", "/chaos/v1/state")
    #expect(state.contains(#""firings":[{"fault":""#) && state.contains(#""site":"exchange.place_order""#))
  }

  @Test func `Control asks for its token, and the page, which has no data, does not`() throws {
    let desk = try Desk(token: "t0ken")
    #expect(try ask(desk, "GET", "/chaos/").hasPrefix("HTTP/1.1 200 "))
    #expect(try ask(desk, "GET", "/chaos/v1/state").hasPrefix("HTTP/1.1 403 "))
    #expect(try ask(desk, "POST", "/chaos/").hasPrefix("HTTP/1.1 403 "))
    #expect(try ask(desk, "GET", "/chaos/v1/state", "X-Chaos-Token: t0ken\r\n").hasPrefix("HTTP/1.1 200 "))
  }
}
