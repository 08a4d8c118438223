import Basics
import Checks
import Testing
import Trading

@Suite struct SessionRecordTests {
  @Test func `A foreign layout says everything that is missing`() {
    #expect(throws: RecordError.missing("run.json, logs/events_*.jsonl, logs/exchange.jsonl are")) {
      _ = try SessionRecord(files: SessionFiles([("bot.log", [])]))
    }
    #expect(
      RecordError.missing("run.json is").description == "no session directory of this tool: run.json is missing")
  }

  @Test(arguments: ["run.json", RecordBuilder.eventsPath, "logs/exchange.jsonl"])
  func `A missing file is named`(path: String) {
    var b = RecordBuilder()
    b.raw = [(path, nil)]
    let name = path.hasPrefix("logs/events") ? "logs/events_*.jsonl" : path
    #expect(throws: RecordError.missing("\(name) is")) { _ = try b.record() }
  }

  @Test func `Other formats and broken files are refused with their place`() {
    var b = RecordBuilder()
    b.set("format", .int(2))
    #expect(throws: RecordError.broken(file: "run.json", reason: "\"format\":1 is needed")) { _ = try b.record() }
    b = RecordBuilder()
    b.raw = [("run.json", Array("{".utf8))]
    #expect(throws: RecordError.self) { _ = try b.record() }
    b = RecordBuilder()
    b.tell(1, "ledger", [])
    b.raw = [("logs/exchange.jsonl", Array("{\"timestamp\":\"2025-01-01T00:00:00.000000Z\",\"kin".utf8))]
    #expect(
      throws: RecordError.broken(
        file: "logs/exchange.jsonl:1", reason: "no whole line: timestamp and kind are needed")
    ) { _ = try b.record() }
    b.raw = [(RecordBuilder.eventsPath, Array("2025-01-01 INFO started\n".utf8))]
    #expect(
      throws: RecordError.broken(
        file: "\(RecordBuilder.eventsPath):1", reason: "no event: timestamp, level and event_type are needed")
    ) { _ = try b.record() }
  }

  @Test func `Fields are read from the bytes of the line`() throws {
    var b = RecordBuilder()
    b.log(
      1.25, "HEARTBEAT", level: "WARNING",
      [
        ("text", .string("a \"quoted\" \\ word")), ("quotes", .object([("text", "inner"), ("n", .array([.int(1)]))])),
        ("qty", .number("12.5")), ("fee", "0.1"), ("conserved", .bool(true)), ("reason", .null),
      ])
    let record = try b.record()
    let event = try #require(record.events(.heartbeat).first)
    #expect(event.time.iso8601() == "2025-01-01T00:00:01.250000Z")
    #expect(event.level == "WARNING")
    #expect(event.line == 1)
    #expect(event.text(.text) == "a \"quoted\" \\ word")
    #expect(event.number(.qty) == 12.5)
    #expect(event.integer(.qty) == nil)
    #expect(event.decimal(.fee) == Decimal("0.1"))
    #expect(event.flag(.conserved) == true)
    #expect(event.value(.reason) == .null)
    #expect(event.value(.quotes)?["text"]?.string == "inner")
    #expect(event.text(.symbol) == nil)
    #expect(event.number(.text) == nil)
    #expect(event.fields["qty"]?.double == 12.5)
  }

  @Test func `The quick reader and the parser agree on what a whole line is`() throws {
    let head = "{\"timestamp\":\"2025-01-01T00:00:00.5Z\",\"level\":\"INFO\",\"event_type\":\"X\""
    let good = [
      "}", ",\"a\":-1.5e3}", ", \"a\" : [1,{\"b\":\"]\"}] }", ",\"a\":\"\\\"}\"}\r", ",\"a\":true,\"b\":null}",
    ]
    let bad = ["", ",", ",}", ",\"a\"}", ",\"a\":}", ",\"a\":tru}", ",\"a\":\"b}", ",\"a\":[1}", "}}", ",\"a\":1 2}"]
    for tail in good + bad {
      var b = RecordBuilder()
      b.raw = [(RecordBuilder.eventsPath, Array((head + "}\n\n" + head + tail).utf8))]
      let isWhole = (try? JSON.parse(head + tail)) != nil
      #expect(isWhole == good.contains(tail))
      #expect(try b.record().tornLines == (isWhole ? [] : ["\(RecordBuilder.eventsPath):3"]), "\(tail)")
    }
  }

  @Test func `The story of an order is read from the venue`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.refusedOrder(2, at: 2)
    b.send(3, at: 3)
    b.accept(3, at: 3.1)
    b.refuse(3, at: 3.2)
    let orders = try b.record().orders
    #expect(orders.map(\.clientOrderId) == ["c1", "c2", "c3"])
    #expect(orders.map(\.end) == [.filled, .refused, nil])
    #expect(orders.map(\.isFailed) == [false, true, false])
    #expect(orders.map(\.isAccepted) == [true, false, true])
    #expect(orders[1].code == "10007")
    #expect(orders[0].filledQuantity == Decimal(10))
  }

  @Test func `A gateway error ends an order with the last time that the venue says that it knows none`() throws {
    var b = RecordBuilder()
    b.send(1, at: 1)
    b.refuse(1, at: 1.1, code: 504, text: "Gateway Time-out")
    for at in [4.0, 7, 10, 13] {
      b.tell(at, "reply", [("call", "query_order"), ("outcome", "error"), ("client_order_id", "c1")])
    }
    let order = try #require(try b.record().orders.first)
    #expect(order.endedAt?.iso8601() == RecordBuilder.time(13))
  }

  @Test func `Run facts are typed`() throws {
    var b = RecordBuilder()
    b.set(
      "firings",
      .array([
        .object([
          ("fault", "slow"), ("inject", .int(1)), ("site", "s"), ("timestamp", .string(RecordBuilder.time(5))),
          ("action", "sleep"), ("thread", "main"),
        ])
      ]))
    b.set("landmarks", .object([("seen", .int(3))]))
    let run = try b.record().run
    #expect(run.firings.map(\.fault) == ["slow"])
    #expect(run.firings.first?.thread == "main")
    #expect(run.landmarks.first?.count == 3)
    #expect(run.limit(.refreshMs) == 5000)
    #expect(run.isStallFree)
    #expect(run.shutdownRequested?.iso8601() == RecordBuilder.time(100))
  }

  @Test func `The stackdump gives its reason`() throws {
    var b = RecordBuilder()
    b.raw = [("stackdump.txt", Array("STACKDUMP v1\nREASON DEADLOCK: two threads\n".utf8))]
    #expect(try b.record().stackdump == "DEADLOCK: two threads")
  }
}
