import Basics
import Checks
import Testing

/// What a crash at any moment would leave of the state.
@Suite struct CrashStateTests {
  /// An image of the state from a moment on.
  private func image(
    _ at: Double, saved: Double, pending: [String] = [], held: String? = nil, left: String = "whole"
  ) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("timestamp", .string(RecordBuilder.time(at))), ("kind", "crash_image"),
      ("path", "state/engine_transient.json"), ("left", .string(left)),
    ]
    if left == "whole" {
      let intents = pending.map { (key: "i-\($0)", value: JSON.object([("client_order_id", .string($0))])) }
      let positions =
        held.map { [(key: "AIX/USDT", value: JSON.object([("qty", .string($0)), ("cost", "20")]))] } ?? []
      let content: [(key: String, value: JSON)] = [
        ("pending_buy_intents", .object(intents)), ("positions", .object(positions)),
        ("last_update", .string(RecordBuilder.time(saved))),
      ]
      members.append(("content", .object(content)))
    }
    return .object(members)
  }

  private func judge(_ images: [JSON], isStallFree: Bool = true, lostAt: Double? = nil) throws -> Verdict {
    var b = RecordBuilder.market()
    if let lostAt { b.log(lostAt, "ORDER_LOST", RecordBuilder.ids(1)) }
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    b.trade(1, at: 20)
    b.set("stall_free", .bool(isStallFree))
    b.raw = [("logs/disk.jsonl", images.flatMap { Array($0.text.utf8) + [0x0A] })]
    return try b.judge("state-survives-crash")
  }

  private var good: [JSON] {
    [
      image(0.1, saved: 0), image(10.1, saved: 10, pending: ["c1"]), image(15, saved: 15, pending: ["c1"]),
      image(20.2, saved: 20.1, held: "10"), image(30, saved: 30, held: "10"),
    ]
  }

  @Test func `A state that can be read and is current at every moment passes`() throws {
    #expect(try judge(good).reason == "5 moments, each state could be read and was current")
    #expect(try RecordBuilder().judge("state-survives-crash").outcome == .notApplicable)
  }

  @Test func `What was given up before it turned up filled is neither pending nor held until it is booked`() throws {
    let images = good.prefix(3) + [image(20.2, saved: 20.1), image(30, saved: 30, held: "10")]
    #expect(try judge(Array(images), isStallFree: false).outcome == .fail)
    #expect(try judge(Array(images), isStallFree: false, lostAt: 18).outcome == .pass)
  }

  @Test(arguments: ["torn", "missing"])
  func `A moment at which it cannot be read is seen, also in a stalled schedule`(left: String) throws {
    let images = good + [image(40, saved: 40, left: left), image(40.1, saved: 40, held: "10")]
    for isStallFree in [true, false] {
      #expect(
        try judge(images, isStallFree: isStallFree).evidence == [
          "logs/disk.jsonl:6: from 2025-01-01T00:00:40.000000Z on a crash leaves the state file \(left)"
        ])
    }
  }

  @Test func `A state that lacks an open order or a position is seen`() throws {
    let without = [image(0.1, saved: 0), image(12, saved: 12), image(20.2, saved: 20.1, held: "10")]
    #expect(
      try judge(without).evidence == [
        "logs/disk.jsonl:2: c1 is open at the venue since 2025-01-01T00:00:10.200000Z, not in the state of "
          + "2025-01-01T00:00:12.000000Z"
      ])
    let wrong = good.dropLast() + [image(50, saved: 50, held: "9")]
    #expect(
      try judge(Array(wrong)).evidence == [
        "logs/disk.jsonl:5: 9 AIX/USDT in the state of 2025-01-01T00:00:50.000000Z, 10 was held"
      ])
    #expect(try judge(Array(wrong), isStallFree: false).outcome == .pass)
  }

  @Test func `An order that leaves the state without its coins is seen, also in a stalled schedule`() throws {
    var images = good
    images.insert(image(20.05, saved: 20.05), at: 3)
    for isStallFree in [true, false] {
      #expect(
        try judge(images, isStallFree: isStallFree).evidence == [
          "logs/disk.jsonl:4: c1 is not pending any more, and 0 AIX/USDT is held, 10 with what it bought"
        ])
    }
    // Pending and held at once, it is forgotten by nobody.
    images[3] = image(20.05, saved: 20.05, pending: ["c1"], held: "10")
    #expect(try judge(images).outcome == .pass)
  }

  @Test func `A state that nobody replaces is old`() throws {
    #expect(
      try judge([image(0.1, saved: 0)]).evidence == [
        "logs/disk.jsonl:1: the state of 2025-01-01T00:00:00.000000Z is what a crash leaves until "
          + "2025-01-01T00:01:40.000000Z, 2025-01-01T00:00:09.990000Z changed it"
      ])
    #expect(try judge([]).outcome == .fail)
  }

  @Test(arguments: [("return", Outcome.pass), ("sleep", .fail)])
  func `A disk that refuses excuses an old state, one that is slow does not`(action: String, outcome: Outcome) throws {
    var b = RecordBuilder.market()
    b.ask(1, at: 10)
    b.accept(1, at: 10.2)
    b.trade(1, at: 20)
    b.clear(1, at: 20, "order_filled")
    let firing = JSON.object([
      ("fault", "f"), ("site", "disk.write"), ("action", .string(action)),
      ("timestamp", .string(RecordBuilder.time(19.8))),
    ])
    b.set("firings", .array([firing]))
    let images = [
      image(0.1, saved: 0), image(10.1, saved: 10, pending: ["c1"]), image(20, saved: 18, pending: ["c1"]),
      image(40, saved: 40, held: "10"),
    ]
    b.raw = [("logs/disk.jsonl", images.flatMap { Array($0.text.utf8) + [0x0A] })]
    #expect(try b.judge("state-survives-crash").outcome == outcome)
  }

  @Test func `A heartbeat that tells of a save which is not on the disk is seen`() throws {
    var b = RecordBuilder.market()
    b.raw = [("logs/disk.jsonl", Array(image(0.1, saved: 0).text.utf8) + [0x0A])]
    b.log(30, "HEARTBEAT", [("state_saved_at", .string(RecordBuilder.time(0)))])
    #expect(try b.judge("state-survives-crash").outcome == .pass)
    b.log(60, "HEARTBEAT", [("state_saved_at", .string(RecordBuilder.time(55)))])
    #expect(
      try b.judge("state-survives-crash").evidence.first?.hasSuffix(
        "saved as of 2025-01-01T00:00:55.000000Z, on the disk is that of 2025-01-01T00:00:00.000000Z") == true)
  }
}
