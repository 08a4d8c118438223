import Basics
import ChaosRuntime
import Checks
import ExchangeServer
import HTTP
import Trading

/// Readers of what comes over the wire: the same whole and cut, and the venue's books add up after each request.
extension DocumentReader {
  static func wire() -> [DocumentReader] {
    let requests = [
      "GET /api/v3/depth?symbol=BTCUSDT&limit=5 HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: k\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /api/v3/order HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\nsymbol=A",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nWiki\r\n0\r\nT: a\r\n\r\n",
    ]
    let answers = [
      HTTPResponse.text(200, "some text").bytes(), HTTPResponse(429).bytes(endsAfter: true),
      Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".utf8),
    ]
    let text = Array(#"{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}"#.utf8)
    let frames: [UInt8] =
      WebSocketFrame.text(text, mask: 7) + WebSocketFrame.bytes(.ping, [1, 2], mask: 8)
      + WebSocketFrame.bytes(.text, [0xC3], isFinal: false, mask: 1)
      + WebSocketFrame.bytes(.continuation, [0xA9], mask: 2) + WebSocketFrame.close(1000, "bye", mask: 3)
    return [
      DocumentReader(name: "HTTP request", share: 16, samples: requests.map { Array($0.utf8) }, read: request),
      DocumentReader(name: "HTTP answer", share: 8, samples: answers, read: answer),
      DocumentReader(name: "WebSocket", share: 16, samples: [frames], read: frame), call(), belief(),
    ]
  }

  /// What a bot says that it has, compared with a truth.
  private static func belief() -> DocumentReader {
    let sample =
      #"{"positions":{"BTCUSDT":"0.001","ETH/USDT":0},"open_orders":["a",{"order_id":7}],"balances":{"USDT":{"free":"1"}}}"#
    let run = #"{"kind":"bot","process":{"asked_to_end":"2026-01-01T00:00:02Z"},"belief":{"source":"x","lag_s":2}}"#
    let truth =
      #"{"timestamp":"2026-01-01T00:00:00Z","kind":"truth","positions":{},"open_orders":[],"balances":{}}"#
    return DocumentReader(name: "belief", share: 4, samples: [Array(sample.utf8)]) { bytes in
      guard let belief = try? BotBelief(bytes), let json = try? JSON.parse(bytes) else { return false }
      let answer = JSON.object([
        ("timestamp", .string("2026-01-01T00:00:01Z")), ("kind", .string("belief")), ("belief", json),
      ])
      let files = SessionFiles([
        ("run.json", Array(run.utf8)), ("logs/belief.jsonl", Array("\(truth)\n\(answer.text)\n".utf8)),
      ])
      guard let record = try? BotRecord(files: files) else { return false }
      precondition(record.answers.first?.belief == belief, "a belief is not what was said")
      for check in BotCheck.all { _ = check.judge(record) }
      return true
    }
  }

  private static func parts(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    let cut = bytes.isEmpty ? 0 : Mixing.index(Mixing.mix(UInt64(bytes.count), UInt64(bytes[0])), below: bytes.count)
    return [[bytes[...]], [bytes[..<cut], bytes[cut...]]]
  }

  private static func request(_ bytes: [UInt8]) -> Bool {
    let both = parts(bytes).map { parts in
      var parser = HTTPRequestParser()
      var events: [HTTPRequestParser.Event] = []
      for part in parts {
        parser.append(part)
        while let event = parser.next() { if event != .continueExpected { events.append(event) } }
      }
      return events
    }
    precondition(both[0] == both[1], "a cut changes requests")
    return both[0].contains { if case .request = $0 { true } else { false } }
  }

  private static func answer(_ bytes: [UInt8]) -> Bool {
    let both = parts(bytes).map { parts in
      var parser = HTTPResponseParser()
      var events: [HTTPResponseParser.Event] = []
      for part in parts {
        parser.append(part)
        while let event = parser.next() { events.append(event) }
      }
      if let last = parser.end() { events.append(last) }
      return events
    }
    precondition(both[0] == both[1], "a cut changes answers")
    return both[0].contains { if case .response = $0 { true } else { false } }
  }

  private static func frame(_ bytes: [UInt8]) -> Bool {
    let both = parts(bytes).map { parts in
      var reader = WebSocketReader(from: .client)
      var events: [WebSocketReader.Event] = []
      for part in parts {
        reader.append(part)
        while let event = reader.next() { events.append(event) }
      }
      return events
    }
    precondition(both[0] == both[1], "a cut changes frames")
    return both[0].contains { if case .text = $0 { true } else { false } }
  }

  /// Calls with a valid signature whose parameters are spoiled: `METHOD path?query`.
  private static func call() -> DocumentReader {
    let samples = [
      "POST /api/v3/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=90000",
      "POST /api/v3/order?symbol=ETHUSDT&side=SELL&type=MARKET&quantity=0.01&newClientOrderId=a",
      "POST /api/v3/order?symbol=ETHUSDT&side=BUY&type=MARKET&quoteOrderQty=20&newOrderRespType=FULL",
      "DELETE /api/v3/order?symbol=BTCUSDT&origClientOrderId=a",
      "GET /api/v3/allOrders?symbol=BTCUSDT&limit=5&startTime=1",
      "GET /api/v3/klines?symbol=BTCUSDT&interval=1m&limit=3&startTime=1767225500000&endTime=1767225600000",
      "GET /api/v3/aggTrades?symbol=BTCUSDT&fromId=31536000&limit=2", "GET /api/v3/ticker/price?symbols=[\"BTCUSDT\"]",
      "GET /api/v3/depth?symbol=BTCUSDT&limit=5", "GET /api/v3/trades?symbol=BTCUSDT&limit=2",
    ]
    let account = WireAccount(
      name: "bot", key: "key", secret: "secret",
      balances: [Balance(asset: "USDT", free: Decimal(100_000)), Balance(asset: "ETH", free: Decimal(100))])
    let symbols = ServerSettings.standardSymbols.filter { ["BTC", "ETH"].contains($0.base) }
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    var servers: [ExchangeServer] = []
    for venue in ["binance", "mexc"] {
      var settings = ServerSettings(
        venue: venue, address: EndpointAddress(host: "127.0.0.1", port: 0), accounts: [account], symbols: symbols,
        seed: 1)
      settings.hasLimits = false
      if let server = try? ExchangeServer(settings, runtime, logs: nil) { servers.append(server) }
    }
    let hmac = HMAC(key: Array("secret".utf8))
    return DocumentReader(name: "signed call", share: 8, samples: samples.map { Array($0.utf8) }) { bytes in
      guard !servers.isEmpty else { return false }
      let server = servers[bytes.count % servers.count]
      let words = bytes.split(separator: 0x20, maxSplits: 1)
      guard words.count == 2 else { return false }
      let target = words[1].split(separator: UInt8(ascii: "?"), maxSplits: 1)
      let time = runtime.now.nanoseconds / 1_000_000
      let query = (target.count > 1 ? Array(target[1]) : []) + Array("&timestamp=\(time)".utf8)
      let kept = query.split(separator: UInt8(ascii: "&")).joined(separator: [UInt8(ascii: "&")])
      let signature = Base64.hexadecimal(hmac.code(Array(kept)[...]))
      var fields = HTTPFields()
      fields.add(server.settings.venue == "mexc" ? "x-mexc-apikey" : "x-mbx-apikey", "key")
      let response = server.answer(
        HTTPRequest(
          method: String(decoding: words[0], as: UTF8.self), path: String(decoding: target.first ?? [], as: UTF8.self),
          query: String(decoding: query, as: UTF8.self) + "&signature=\(signature)", fields: fields))
      precondition(server.report.violation == nil, "the venue's books do not add up")
      precondition((try? JSON.parse(response.body)) != nil, "an answer is no JSON")
      return response.status == 200
    }
  }
}
