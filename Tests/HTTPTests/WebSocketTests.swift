import Testing

@testable import HTTP

/// Frames as RFC 6455 has them.
@Suite struct WebSocketTests {
  @Test func `The handshake is that of RFC 6455 section 1_3, and extensions are declined`() {
    #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    var request = WebSocketHandshake.request(path: "/ws", host: "a", key: Array("the sample nonce".utf8))
    request.fields.add("sec-websocket-extensions", "permessage-deflate")
    let answer = WebSocketHandshake.answer(request)
    #expect(answer.status == 101 && answer.fields["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(answer.fields.list.map(\.name) == ["Upgrade", "Connection", "Sec-WebSocket-Accept"])
    for (name, value, status) in [
      ("sec-websocket-version", "8", 426), ("sec-websocket-key", "AAAA", 400), ("connection", "close", 400),
    ] {
      var bad = HTTPRequest(path: "/ws")
      bad.fields.list = request.fields.list.map {
        $0.name.lowercased() == name
          ? .init(name: name, value: value) : .init(name: $0.name.lowercased(), value: $0.value)
      }
      #expect(WebSocketHandshake.answer(bad).status == status, "\(name)")
    }
  }

  private static let hello = Array("Hello".utf8)

  /// RFC 6455, section 5.7.
  @Test func `The examples of RFC 6455 are read, whole and cut at every offset`() {
    let examples: [(bytes: [UInt8], peer: WebSocketReader.Peer, events: [WebSocketReader.Event])] = [
      ([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], .server, [.text(Self.hello)]),
      ([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], .client, [.text(Self.hello)]),
      ([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], .server, [.text(Self.hello)]),
      ([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], .server, [.ping(Self.hello)]),
      ([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], .client, [.pong(Self.hello)]),
      (
        [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256), .server,
        [.binary([UInt8](repeating: 7, count: 256))]
      ),
      (
        [0x01, 0x01, 0x48, 0x89, 0x01, 0x2A, 0x80, 0x01, 0x69, 0x88, 0x02, 0x03, 0xE8, 0x81, 0x00], .server,
        [.ping([0x2A]), .text(Array("Hi".utf8)), .close(code: 1000, reason: "")]
      ),
    ]
    for example in examples {
      for cut in 0...example.bytes.count {
        #expect(Cuts.frames(example.bytes, from: example.peer, at: cut) == example.events, "\(example.bytes.prefix(4))")
      }
    }
    let long = [UInt8](repeating: 7, count: 65_536)
    #expect(WebSocketFrame.bytes(.binary, long).prefix(10) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
    #expect(Cuts.frames(WebSocketFrame.bytes(.binary, long), from: .server) == [.binary(long)])
  }

  @Test(
    arguments: [
      ([0xC1, 0x80], 1002), ([0x83, 0x80], 1002), ([0x09, 0x80], 1002), ([0x80, 0x80], 1002),
      ([0x81, 0x01, 0x41], 1002),
      ([0x89, 0xFE, 0x00, 0x80], 1002), ([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80], 1002), ([0x81, 0xFE, 0x00, 0x05], 1002),
      ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1002), ([0x81, 0xFF, 0, 0, 0, 0, 0, 2, 0, 0], 1009),
      ([0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28], 1007), ([0x81, 0x81, 0, 0, 0, 0, 0xC3], 1007),
      ([0x81, 0x83, 0, 0, 0, 0, 0xED, 0xA0, 0x80], 1007), ([0x88, 0x81, 0, 0, 0, 0, 3], 1002),
      ([0x88, 0x82, 0, 0, 0, 0, 3, 0xED], 1002), ([0x88, 0x83, 0, 0, 0, 0, 3, 0xE8, 0xFF], 1007),
    ] as [([UInt8], UInt16)])
  func `What breaks the protocol ends the connection with its code, however it is cut`(bytes: [UInt8], code: UInt16) {
    for cut in 0...bytes.count {
      guard case .failure(let found, _)? = Cuts.frames(bytes, from: .client, at: cut).last else {
        Issue.record("\(bytes) was read, cut at \(cut)")
        continue
      }
      #expect(found == code)
    }
  }

  @Test func `Letters may be cut between fragments, and fragments add up to the limit`() {
    let text = Array("κόσμε".utf8)
    let bytes = text.indices.flatMap { index in
      WebSocketFrame.bytes(
        index == 0 ? .text : .continuation, [text[index]], isFinal: index == text.count - 1, mask: 0x0102_0304)
    }
    #expect(Cuts.frames(bytes, from: .client) == [.text(text)])
    #expect(Cuts.frames(bytes, from: .client, max: 5) == [.failure(code: 1009, "the message is too long")])
    let reason = String(repeating: "é", count: 100)
    let close = WebSocketFrame.close(1008, reason)
    #expect(close.count == 2 + 2 + 122)
    #expect(Cuts.frames(close, from: .server) == [.close(code: 1008, reason: String(repeating: "é", count: 61))])
  }
}
