import Testing

@testable import HTTP

/// Requests as RFC 9112 and RFC 9110 have them.
@Suite struct HTTPRequestTests {
  private static func crlf(_ text: String) -> [UInt8] {
    Array(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
  }

  /// The examples of RFC 9112 (sections 2.1, 3.2.1 to 3.2.4, 7.1) and what venues' clients send.
  static let streams: [[UInt8]] = [
    crlf("GET /hello.txt HTTP/1.1\nUser-Agent: curl/7.64.1\nHost: www.example.com\nAccept-Language: en, mi\n\n"),
    crlf("GET /where?q=now HTTP/1.1\nHost: www.example.org\n\n"),
    crlf("GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\nHost: www.example.org\n\n"),
    crlf("OPTIONS * HTTP/1.1\nHost: www.example.org:8001\n\n"),
    crlf("GET / HTTP/1.0\n\n"),
    crlf(
      "POST /api/v3/order HTTP/1.1\nHost: a\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 8\n\nsymbol=A"
    ),
    crlf(
      "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n4\nWiki\n6;x=y\npedia \nE\nin \n\nchunks.\n0\nT: a\n\n"),
    crlf(
      "GET /1 HTTP/1.1\nHost: a\n\nHEAD /2 HTTP/1.1\nHost: a\n\nDELETE /3?x=1&y=2 HTTP/1.1\nHost: a\nConnection: close\n\n"
    ),
    crlf("\nGET / HTTP/1.1\nHost: a\nContent-Length: 0\nX: \n\n"),
    crlf("PUT /a HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 3\n\nabc"),
  ]

  @Test(arguments: streams.indices) func `A stream of requests is the same whole and cut at every offset`(index: Int) {
    let bytes = Self.streams[index]
    func requests(_ events: [HTTPRequestParser.Event]) -> [HTTPRequestParser.Event] {
      events.filter { $0 != .continueExpected }
    }
    let whole = requests(Cuts.requests(bytes))
    #expect(!whole.isEmpty && whole.allSatisfy { if case .request = $0 { true } else { false } }, "\(whole)")
    for cut in 0...bytes.count { #expect(requests(Cuts.requests(bytes, at: cut)) == whole, "cut at \(cut)") }
  }

  @Test func `Requests are read as they are meant`() throws {
    func only(_ index: Int) throws -> HTTPRequest {
      guard case .request(let request)? = Cuts.requests(Self.streams[index]).first else { throw Unread() }
      return request
    }
    let query = try only(1)
    #expect(
      (query.method, query.path, query.query, query.fields["host"]) == ("GET", "/where", "q=now", "www.example.org"))
    #expect(try only(2).path == "/pub/WWW/TheProject.html")
    #expect(try only(3).path == "*")
    #expect(try !only(4).isPersistent)
    #expect(String(decoding: try only(6).body, as: UTF8.self) == "Wikipedia in \r\n\r\nchunks.")
    let last = Cuts.requests(Self.streams[7]).last
    guard case .request(let request)? = last else { throw Unread() }
    #expect(!request.isPersistent && QueryItems(request.query)["y"] == "2")
    let cut = Self.streams[9].count - 3
    #expect(Cuts.requests(Self.streams[9], at: cut).first == .continueExpected)
    #expect(Cuts.requests(Self.streams[9]).count == 1)
  }

  private struct Unread: Error {}

  @Test(arguments: [
    ("hello\n\n", 400), ("GET a HTTP/1.1\nHost: a\n\n", 400), ("GET /a b HTTP/1.1\nHost: a\n\n", 400),
    ("GET / HTTP/2\nHost: a\n\n", 400), ("get / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\n\n", 400),
    ("GET / HTTP/1.1\nHost: a\nHost: b\n\n", 400), ("GET / HTTP/1.1\nHost : a\n\n", 400),
    ("GET / HTTP/1.1\nHost: a\n folded\n\n", 400), ("GET / HTTP/1.1\nHost: a\u{1}\n\n", 400),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n\n", 400),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\n", 400),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\n", 400),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\n", 400),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n", 501),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nx\n", 400),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\nab\n", 400),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nffffff\n", 413),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: 70000\n\n", 413),
    ("PUT / HTTP/1.1\nHost: a\nExpect: magic\nContent-Length: 1\n\n", 417), ("\u{16}\u{3}\u{1}\n\n", 400),
  ])
  func `What is no request is refused with its status, however it is cut`(text: String, status: Int) {
    let bytes = Self.crlf(text)
    for cut in 0...bytes.count {
      guard case .failure(let failure)? = Cuts.requests(bytes, at: cut).last else {
        Issue.record("\(text) was read, cut at \(cut)")
        continue
      }
      #expect(failure.status == status, "\(text)")
    }
  }

  @Test func `Heads have limits, and a form is read pair by pair`() {
    let long = "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 20_000)
    #expect(Cuts.requests(Array(long.utf8)) == [.failure(.headTooLarge)])
    let many = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n"
    #expect(Cuts.requests(Array(many.utf8)) == [.failure(.headTooLarge)])
    let items = QueryItems("a=1&b=%41%2f+c&d&e=%zz&a=2")
    #expect(items.items.map { "\($0.name):\($0.value)" } == ["a:1", "b:A/ c", "d:", "e:%zz", "a:2"])
    #expect(items["a"] == "1" && items.text == "a=1&b=A%2F%20c&d=&e=%25zz&a=2")
  }

  @Test(arguments: [(4093, true), (4094, false), (70_000, false)])
  func `The line of a chunk has a limit, however it is cut`(extra: Int, isRead: Bool) {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let bytes = Array((head + "1;" + String(repeating: "x", count: extra) + "\r\na\r\n0\r\n\r\n").utf8)
    let whole = Cuts.requests(bytes)
    #expect(whole.contains { if case .request = $0 { true } else { false } } == isRead)
    for cut in [head.utf8.count + 1, head.utf8.count + 4096, bytes.count - 12, bytes.count - 1] {
      #expect(Cuts.requests(bytes, at: cut) == whole, "cut at \(cut)")
    }
  }

  @Test func `Answers are written, and read back whole and cut at every offset`() {
    var first = HTTPResponse(200, contentType: "application/json", body: Array("{}".utf8))
    first.fields.add("X-MBX-USED-WEIGHT-1M", "3")
    let second = HTTPResponse.text(429, "slow\n")
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    let open = "HTTP/1.1 200 OK\r\n\r\nto the end"
    let bytes =
      HTTPResponse(100).bytes() + first.bytes() + second.bytes(isHead: true) + Array(chunked.utf8) + Array(open.utf8)
    let whole = Cuts.responses(bytes, asking: ["GET", "HEAD", "GET", "GET"])
    #expect(whole.count == 4)
    let bodies = whole.map { event in
      if case .response(let response, _) = event { String(decoding: response.body, as: UTF8.self) } else { "failure" }
    }
    #expect(bodies == ["{}", "", "ab", "to the end"])
    for cut in 0...bytes.count {
      #expect(Cuts.responses(bytes, asking: ["GET", "HEAD", "GET", "GET"], at: cut) == whole, "cut at \(cut)")
    }
    // A head that is too long is so whole and cut; a reader of spoiled documents found where it was not.
    let long = Array("HTTP/1.1 200 OK\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n".utf8)
    #expect(Cuts.responses(long, asking: ["GET"]) == [.failure(.headTooLarge)])
    #expect(Cuts.responses(long, asking: ["GET"], at: 18_000) == [.failure(.headTooLarge)])
    #expect(Cuts.responses(Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".utf8), asking: ["GET"]).count == 1)
  }
}
