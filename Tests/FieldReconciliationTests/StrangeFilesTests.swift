import Basics
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Files as they come from the field: cut off, joined, with clocks of their own, and exports of other countries.
@Suite struct StrangeFilesTests {
  private func compare(_ files: [(name: String, text: String, side: FieldMap.Side)]) throws -> Reconciliation {
    let scratch = Scratch()
    var input = SessionReader.Input()
    for file in files {
      scratch.write(file.text, to: file.name)
      input.files.append(("\(scratch.path)/\(file.name)", file.side))
    }
    return Reconciliation(try SessionReader.read(input))
  }

  private static let head = "\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"amount\":10,\"price\":2"

  private static func sent(_ id: String, _ time: String, _ more: String = "") -> String {
    "{\"event_type\":\"ORDER_SENT\",\(head),\"order_id\":\"\(id)\",\"client_order_id\":\"c\(id)\(time)\",\"ts\":\"\(time)\"\(more)}\n"
  }

  private static func call(_ method: String, _ second: Int, _ id: String, _ client: String, _ reply: String) -> String {
    "{\"ts_ns\":\(1_762_074_840 + second)000000000,\"method\":\"\(method)\",\"latency_ms\":1,\"success\":true,\(head),\(client)\"reply\":{\"id\":\"\(id)\",\(reply)}}\n"
  }

  @Test func `Two sessions in one file whose venue counts from the start again are two`() throws {
    let log =
      Self.sent("X1", "2025-11-02T09:14:00Z", ",\"session_id\":\"a\"")
      + Self.sent("X1", "2025-11-02T09:44:00Z", ",\"session_id\":\"b\"")
    let filled = "\"status\":\"closed\",\"filled\":10,\"cost\":20"
    let truth =
      Self.call("create_order", 0, "X1", "\"client_order_id\":\"p\",", "\"status\":null")
      + Self.call("fetch_order", 1, "X1", "", filled)
      + Self.call("create_order", 1800, "X1", "\"client_order_id\":\"q\",", "\"status\":null")
      + Self.call("fetch_order", 1801, "X1", "", filled)
    let found = try compare([("orders.jsonl", log, .log), ("exchange_orders.jsonl", truth, .truth)])
    #expect(found.figures.first == "sent 2/2" && found.unseen.map(\.text) == ["40.00 USDT"], "\(found.text)")
    #expect(found.notes.contains { $0.contains("the log holds 2 sessions: a, b") })
  }

  @Test func `Without a log nothing is unseen, and behind the torn end of a truth nothing was never sent`() throws {
    let truth = Self.call("create_order", 0, "X1", "", "\"status\":null")
    let alone = try compare([("exchange_orders.jsonl", truth, .truth)])
    #expect(alone.exitCode == 3 && alone.entries == [])
    let log = Self.sent("X1", "2025-11-02T09:14:00Z") + Self.sent("X2", "2025-11-02T09:14:40Z")
    let whole = try compare([("orders.jsonl", log, .log), ("exchange_orders.jsonl", truth, .truth)])
    let torn = try compare([("orders.jsonl", log, .log), ("exchange_orders.jsonl", truth + "{\"ts_ns\":17620", .truth)])
    #expect(whole.entries.contains("never_sent") && !torn.entries.contains("never_sent"))
  }

  @Test func `A local clock that is set back by an hour is moved on, and said`() throws {
    let times = ["02:40:00", "02:59:30", "02:00:10", "02:30:00"]
    let log = times.enumerated().map { Self.sent("X\($0)", "2025-10-26 \($1)") }.joined()
    let found = try compare([("orders.jsonl", log, .log)])
    let sent = found.session.beliefs.compactMap { $0.sent?.time.description.dropFirst(11).prefix(5) }
    #expect(sent == ["02:40", "02:59", "03:00", "03:30"])
    #expect(found.notes.contains { $0.contains("goes back by an hour at line 3") })
    let zoned = times.enumerated().map { Self.sent("X\($0)", "2025-10-26T\($1)Z") }.joined()
    #expect(!(try compare([("orders.jsonl", zoned, .log)])).notes.contains { $0.contains("goes back by an hour") })
  }

  @Test func `A file of the log with another clock than its orders is left as it is`() throws {
    let log = (0..<3).map { Self.sent("X\($0)", "2025-11-02T10:14:0\($0)") }.joined()
    let truth = (0..<3).map {
      Self.call("create_order", $0, "X\($0)", "", "\"status\":\"closed\",\"filled\":10,\"cost\":20")
    }
    let beats = "{\"ts_ns\":1762074900000000000,\"budget\":100,\"positions_count\":0}\n"
    let found = try compare([
      ("orders.jsonl", log, .log), ("heartbeats.jsonl", beats, .log), ("exchange_orders.jsonl", truth.joined(), .truth),
    ])
    #expect(found.clock.steps.map(\.seconds) == [-3600])
    #expect(found.entries.contains("position_drift"), "\(found.text)")
  }

  @Test func `One broken line of a short file is skipped, and one of two is not`() throws {
    let log = (0..<3).map { Self.sent("X\($0)", "2025-11-02T09:14:0\($0)Z") }.joined()
    let found = try compare([("orders.jsonl", log + "junk\n", .log)])
    #expect(found.notes.contains { $0.contains("1 of 4 lines were skipped") })
    #expect(throws: InputError.self) {
      try compare([("orders.jsonl", Self.sent("X", "2025-11-02T09:14:00Z") + "junk\n", .log)])
    }
  }

  /// Names stand in none of them, and the amounts of the second have decimal commas.
  @Test(arguments: [
    (
      "orders UTC+8.csv",
      "UID,Pairs,Creation Time,Type,Side,Average Filled Price,Order Price,Filled Quantity,Order Quantity,Filled Order Amount,Status\n7,AIX_USDT,2025-11-02 17:14:00,Limit,BUY,2,2,10,10,20,Filled\n"
    ),
    (
      "orders.csv",
      "Pairs,Time(UTC+08:00),Type,Direction,Average Filled Price,Order Price,Filled Quantity,Order Quantity,Order Amount,Status\nAIX_USDT,2025-11-02 17:14:00,Limit,Buy,2,2,10,10,20,Filled\n"
    ),
    (
      "trades UTC.csv",
      "Time;Pair;Side;Price;Executed;Amount;Fee\n25-11-02 09:14:01;AIXUSDT;BUY;2,00;10,0AIX;20,00USDT;0,01AIX\n"
    ),
  ])
  func `An export without names is read as it stands`(name: String, text: String) throws {
    let found = try compare([("orders.jsonl", Self.sent("X1", "2025-11-02T09:14:00Z"), .log), (name, text, .truth)])
    #expect(found.entries == ["fill_unseen 20 USDT"], "\(found.text)")
  }

  @Test func `Orders that came to nothing count as rounds of a run, and not as doubles`() throws {
    let log = (0..<5).map { Self.sent("X\($0)", "2025-11-02T09:14:0\($0 * 2)Z") }.joined()
    let truth = (0..<5).flatMap { index -> [String] in
      let end =
        index % 2 == 1
        ? "\"status\":\"canceled\",\"filled\":0,\"cost\":0" : "\"status\":\"closed\",\"filled\":10,\"cost\":20"
      return [
        Self.call("create_order", index * 2, "X\(index)", "", "\"status\":null"),
        Self.call("fetch_order", index * 2 + 1, "X\(index)", "", end),
      ]
    }
    let found = try compare([("orders.jsonl", log, .log), ("exchange_orders.jsonl", truth.joined(), .truth)])
    let run = try #require(found.doubled.first)
    #expect(run.matches.count == 3 && run.gaps == [4, 4] && run.rounds == [2, 2, 2, 2])
    #expect(
      found.text.contains("3 buys one after the other, 4 to 4 s apart; 5 with those between them"), "\(found.text)")
  }
}
