import Basics
import Testing

@testable import Checks

/// Each check by a bot that does just that wrong, and by one that does not.
@Suite struct BotCheckTests {
  /// The files of a run, written line by line; times are seconds after the start.
  private struct Run {
    var venue: [String] = []
    var wire: [String] = []
    var process =
      #""exit_code":143,"signal":null,"asked_to_end":"2026-01-01T00:01:40Z","ended":"2026-01-01T00:01:41Z","killed":false,"flooding":false"#
    var exposure = ""

    static func time(_ seconds: Double) -> String {
      (Instant(nanoseconds: 1_767_225_600_000_000_000) + Duration(nanoseconds: Int64(seconds * 1e9))).iso8601()
    }

    mutating func order(
      _ at: Double, _ id: String, side: String = "buy", amount: String = "1",
      reply: String = #""outcome":"ok","order_id":"X1""#, took: Double = 0.1
    ) {
      let head = #""client_order_id":"\#(id)","symbol":"BTC/USDT","side":"\#(side)""#
      venue.append(
        #"{"timestamp":"\#(Self.time(at))","kind":"request","id":1,"call":"place_order",\#(head),"qty":"\#(amount)"}"#)
      venue.append(
        #"{"timestamp":"\#(Self.time(at + took))","kind":"reply","id":1,"call":"place_order",\#(reply),\#(head)}"#)
      request(at, "POST", "/api/v3/order")
    }

    mutating func ask(_ at: Double, _ id: String) {
      venue.append(
        #"{"timestamp":"\#(Self.time(at))","kind":"request","id":2,"call":"query_order","symbol":"BTC/USDT","client_order_id":"\#(id)"}"#
      )
      request(at, "GET", "/api/v3/order")
    }

    mutating func event(_ at: Double, _ id: String, delivered: Bool, quote: String = "100") {
      venue.append(
        #"{"timestamp":"\#(Self.time(at))","kind":"event","type":"TRADE","client_order_id":"\#(id)","order_id":"X1","symbol":"BTC/USDT","side":"buy","status":"FILLED","filled_quote":"\#(quote)","delivered":\#(delivered)}"#
      )
    }

    mutating func request(_ at: Double, _ method: String, _ path: String, status: Int = 200, more: String = "") {
      wire.append(
        #"{"timestamp":"\#(Self.time(at))","kind":"request","connection":1,"method":"\#(method)","path":"\#(path)","status":\#(status),"account":"bot"\#(more)}"#
      )
    }

    mutating func stream(_ at: Double, _ kind: String, _ names: String = "user", connection: Int = 9) {
      wire.append(
        #"{"timestamp":"\#(Self.time(at))","kind":"\#(kind)","connection":\#(connection),"streams":["\#(names)"]}"#)
    }

    func verdict(_ name: String) throws -> Outcome {
      let run =
        #"{"kind":"bot","process":{"command":"bot",\#(process)},"phases":[{"name":"settle","start":"\#(Self.time(0))","end":"\#(Self.time(100))"}],"faults":[]\#(exposure)}"#
      let record = try BotRecord(
        files: SessionFiles([
          ("run.json", Array(run.utf8)), ("logs/exchange.jsonl", Array(venue.joined(separator: "\n").utf8)),
          ("logs/wire.jsonl", Array(wire.joined(separator: "\n").utf8)),
        ]))
      return try #require(BotCheck.named(name)).judge(record).outcome
    }

    /// Heard often enough to be alive.
    static var calm: Run {
      var run = Run()
      for second in stride(from: 1.0, to: 100, by: 20) { run.request(second, "GET", "/api/v3/account") }
      return run
    }
  }

  private let unknown = #""outcome":"unknown","text":"timeout","injected":true"#
  private let final =
    #""outcome":"error","code":-2010,"text":"Account has insufficient balance for requested action.","error_class":"final","permanent":true"#

  @Test func `An order is not left open beyond the limit, and not forgotten`() throws {
    var open = Run.calm
    open.order(5, "a")
    #expect(try open.verdict("bot-leaves-no-order") == .fail, "nobody looks after it")
    var asked = open
    asked.ask(90, "a")
    #expect(try asked.verdict("bot-leaves-no-order") == .pass)
    asked.exposure = #","order_age_max_s":30"#
    #expect(try asked.verdict("bot-leaves-no-order") == .fail, "it is open for 95 s")
    asked.event(10, "a", delivered: true)
    #expect(try asked.verdict("bot-leaves-no-order") == .pass)
  }

  @Test func `A listen key is renewed, and replaced when the venue ends it`() throws {
    var run = Run.calm
    run.request(1, "POST", "/api/v3/userDataStream")
    run.stream(2, "stream_opened")
    #expect(try run.verdict("bot-renews-listen-key") == .pass)
    var late = run
    late.stream(50, "stream_key_expired")
    #expect(try late.verdict("bot-renews-listen-key") == .fail)
    run.stream(50, "stream_key_ended")
    #expect(try run.verdict("bot-renews-listen-key") == .fail)
    run.request(55, "POST", "/api/v3/userDataStream")
    #expect(try run.verdict("bot-renews-listen-key") == .pass)
    #expect(try Run.calm.verdict("bot-renews-listen-key") == .notApplicable)
  }

  @Test func `Alive is who runs to the end and is heard from`() throws {
    #expect(try Run.calm.verdict("bot-alive") == .pass)
    var dead = Run.calm
    dead.process = dead.process.replacing(#""asked_to_end":"2026-01-01T00:01:40Z""#, with: #""asked_to_end":null"#)
    #expect(try dead.verdict("bot-alive") == .fail)
    var loud = Run.calm
    loud.process = loud.process.replacing(#""flooding":false"#, with: #""flooding":true"#)
    #expect(try loud.verdict("bot-alive") == .fail)
    var silent = Run()
    silent.request(1, "GET", "/api/v3/account")
    #expect(try silent.verdict("bot-alive") == .fail)
    #expect(try Run().verdict("bot-alive") == .inconclusive)
  }

  @Test func `Clean is who ends by himself when asked`() throws {
    #expect(try Run.calm.verdict("bot-ends-cleanly") == .pass)
    for (word, other) in [(#""killed":false"#, #""killed":true"#), (#""exit_code":143"#, #""exit_code":1"#)] {
      var run = Run.calm
      run.process = run.process.replacing(word, with: other)
      #expect(try run.verdict("bot-ends-cleanly") == .fail)
    }
  }

  @Test func `Of a run that was killed only what it establishes is said`() throws {
    var run = Run.calm
    run.exposure = #","unfinished":true,"belief":{"source":"x"}"#
    run.process = run.process.replacing(#""asked_to_end":"2026-01-01T00:01:40Z""#, with: #""asked_to_end":null"#)
    for name in ["bot-alive", "bot-ends-cleanly", "bot-positions-agree"] {
      #expect(try run.verdict(name) == .inconclusive, "\(name)")
    }
    run.order(10, "a", reply: unknown, took: 1)
    run.order(12, "b")
    #expect(try run.verdict("bot-does-not-repeat") == .fail)
  }

  @Test func `An order without an answer is asked for, and not sent again blindly`() throws {
    var blind = Run.calm
    blind.order(10, "a", reply: unknown, took: 10)
    blind.order(12, "b")
    #expect(try blind.verdict("bot-asks-what-became") == .fail && blind.verdict("bot-does-not-repeat") == .fail)
    var careful = Run.calm
    careful.order(10, "a", reply: unknown, took: 10)
    careful.ask(11, "a")
    careful.order(12, "b")
    #expect(try careful.verdict("bot-asks-what-became") == .pass && careful.verdict("bot-does-not-repeat") == .pass)
    var forgetful = Run.calm
    forgetful.order(10, "a", reply: unknown, took: 10)
    #expect(try forgetful.verdict("bot-asks-what-became") == .fail && forgetful.verdict("bot-does-not-repeat") == .pass)
    var other = Run.calm
    other.order(10, "a", reply: unknown, took: 10)
    other.ask(11, "another")
    other.order(12, "b")
    #expect(try other.verdict("bot-does-not-repeat") == .fail, "a question about another order tells nothing")
    #expect(try Run.calm.verdict("bot-does-not-repeat") == .notApplicable)
  }

  @Test func `A reset after the request makes an order unclear too`() throws {
    var run = Run.calm
    run.order(10, "a")
    run.wire.removeLast()
    run.request(10, "POST", "/api/v3/order", status: 200, more: #","injected":"reset-after""#)
    run.order(11, "b")
    #expect(try run.verdict("bot-does-not-repeat") == .fail)
  }

  @Test func `A lost event is asked about before the same is sent again`() throws {
    func run(asks: Bool) -> Run {
      var run = Run.calm
      run.stream(1, "stream_subscribed")
      run.order(10, "a")
      run.event(11, "a", delivered: false)
      if asks { run.ask(12, "a") }
      run.order(20, "b")
      return run
    }
    #expect(try run(asks: false).verdict("bot-learns-what-it-missed") == .fail)
    #expect(try run(asks: true).verdict("bot-learns-what-it-missed") == .pass)
  }

  @Test func `A refusal for good is not met again and again`() throws {
    func run(_ times: Int) -> Run {
      var run = Run.calm
      for index in 0..<times { run.order(Double(10 + index), "a\(index)", side: "sell", reply: final) }
      return run
    }
    #expect(try run(3).verdict("bot-no-futile-retries") == .pass && run(4).verdict("bot-no-futile-retries") == .fail)
    #expect(try run(1).verdict("bot-sells-what-it-has") == .fail)
  }

  @Test func `Pauses are kept after 429 and 418`() throws {
    func run(next: Double) -> Run {
      var run = Run.calm
      run.request(42, "GET", "/api/v3/time", status: 429, more: #","retry_after_s":10"#)
      run.request(next, "GET", "/api/v3/time")
      return run
    }
    #expect(try run(next: 45).verdict("bot-pauses") == .fail && run(next: 42.3).verdict("bot-pauses") == .pass)
    #expect(try run(next: 52.5).verdict("bot-pauses") == .pass)
  }

  @Test func `Orders keep the published filters, and exposure its limit`() throws {
    var run = Run.calm
    run.order(
      10, "a", reply: #""outcome":"error","code":-1013,"text":"Filter failure: LOT_SIZE","error_class":"final""#)
    #expect(try run.verdict("bot-orders-valid") == .fail)
    var injected = Run.calm
    injected.order(10, "a", reply: #""outcome":"error","code":-1013,"text":"Filter failure: LOT_SIZE","injected":true"#)
    #expect(try injected.verdict("bot-orders-valid") == .pass)
    var large = Run.calm
    for id in ["a", "b"] {
      large.order(10, id)
      large.event(11, id, delivered: true)
    }
    #expect(try large.verdict("bot-keeps-exposure") == .notApplicable)
    large.exposure = #","exposure_max":"150""#
    #expect(try large.verdict("bot-keeps-exposure") == .fail)
    large.exposure = #","exposure_max":"200""#
    #expect(try large.verdict("bot-keeps-exposure") == .pass)
  }

  @Test func `A stream that was cut is opened again, and the gap is asked about`() throws {
    func run(reopens: Bool, asks: Bool) -> Run {
      var run = Run.calm
      run.stream(1, "stream_subscribed")
      run.stream(30.5, "stream_closed_own", "3 frames")
      if reopens { run.stream(33, "stream_opened", "user", connection: 10) }
      if asks { run.ask(34, "a") }
      return run
    }
    #expect(try run(reopens: false, asks: true).verdict("bot-reopens-streams") == .fail)
    #expect(try run(reopens: true, asks: false).verdict("bot-reopens-streams") == .fail)
    #expect(try run(reopens: true, asks: true).verdict("bot-reopens-streams") == .pass)
    #expect(try Run.calm.verdict("bot-reopens-streams") == .notApplicable)
  }

  @Test func `A ledger that does not add up is no truth to judge by`() throws {
    var run = Run.calm
    run.venue.append(#"{"timestamp":"\#(Run.time(5))","kind":"ledger","step":1,"totals":{},"conserved":false}"#)
    #expect(try run.verdict("bot-venue-books") == .fail && Run.calm.verdict("bot-venue-books") == .pass)
  }

  @Test func `Every check has a test here, a sentence and a next step`() throws {
    #expect(BotCheck.all.count == 17)
    for check in BotCheck.all {
      #expect(check.name.hasPrefix("bot-") && check.summary.split(separator: " ").count > 5)
      #expect(check.next.split(separator: " ").count > 6, "\(check.name)")
    }
    #expect(throws: RecordError.self) { try BotRecord(files: SessionFiles([("run.json", Array("{}".utf8))])) }
  }
}
