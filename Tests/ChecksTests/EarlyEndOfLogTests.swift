import Basics
import ChaosRuntime
import Checks
import Testing

/// A log that ended long before its session (case 13), and what is no such end.
@Suite struct EarlyEndOfLogTests {
  private static let readers = [
    "orders-filled", "intents-settled", "errors-observable", "positions-agree", "budget-balances",
    "no-duplicate-orders", "no-lost-order", "heartbeats-on-time", "state-recoverable",
  ]

  /// Orders all along, of which the log tells until 10 s; with heartbeats of 5 s.
  private func session(logUntil last: Double = 10) -> RecordBuilder {
    var b = RecordBuilder()
    b.set("limits", .object([("heartbeat_ms", .int(5000)), ("quotes_ms", .int(10_000))]))
    b.balances(0, [("USDT", "100", "0"), ("S3/USDT", "0", "0")])
    b.poll((0..<19).map { "S\($0)/USDT" })
    for (index, at) in stride(from: 2.0, to: 95, by: 5).enumerated() {
      b.log(at, "HEARTBEAT", [("seq", .int(index + 1))])
      b.log(at, "DECISION_END", [("decision_id", .string("d\(index)"))])
      b.log(at, "BUDGET_RESERVED", [("reserved", "20"), ("intent_id", .string("i\(index)"))])
      b.filledOrder(index, at: at, symbol: "S\(index)/USDT")
      b.log(at + 1, "BUDGET_COMMITTED", [("committed", "20"), ("intent_id", .string("i\(index)"))])
    }
    let bought = (0..<19).map { "S\($0)" }
    b.balances(101.5, [("USDT", "0", "0")] + bought.map { ($0, "10", "0") })
    b.save(100, positions: bought.map { ("\($0)/USDT", "10") })
    b.summarize()
    b.events.removeAll { $0.at > last }
    b.endsLog = false
    return b
  }

  @Test func `What reads a log that ended early is open and log complete is red`() throws {
    let b = session()
    for name in Self.readers { #expect(try b.judge(name).outcome == .inconclusive, "\(name)") }
    let verdict = try b.judge("log-complete")
    #expect(verdict.outcome == .fail)
    #expect(verdict.reason == "the log ends at 2025-01-01T00:00:08.000000Z, 92 s before the session")
    #expect(verdict.evidence == ["\(RecordBuilder.eventsPath):18 is the last line"])
    let red = Check.judge(try b.record()).filter { $0.outcome == .fail }.map(\.check)
    #expect(red == ["log-complete"])
  }

  @Test func `A log without a line ended early too`() throws {
    let b = session(logUntil: 0)
    #expect(try b.judge("log-complete").evidence == ["\(RecordBuilder.eventsPath) has no line"])
  }

  /// Whoever drops lines and goes on writing others has no excuse.
  @Test func `Lines that are missing are no end of the log`() throws {
    var b = session(logUntil: 200)
    b.events.removeAll { $0.at > 10 && $0.line["event_type"]?.string != "HEARTBEAT" }
    #expect(try b.judge("no-lost-order").outcome == .fail)
    b = session()
    b.endsLog = true
    #expect(try b.judge("no-lost-order").outcome == .fail, "the last line is there")
    #expect(try b.judge("heartbeats-on-time").outcome == .fail)
    #expect(try b.judge("log-complete").outcome == .fail)
  }

  @Test func `What the venue knows stays red`() throws {
    var b = session()
    b.save(100, positions: [("S0/USDT", "10")])
    #expect(try b.judge("positions-agree").outcome == .fail)
    b = session()
    b.send(50, at: 60)
    b.accept(50, at: 60.1)
    b.tell(60.2, "event", [("type", "NEW"), ("client_order_id", "c50"), ("order_id", "o99")])
    #expect(try b.judge("no-duplicate-orders").outcome == .fail)
  }

  @Test func `A session that ends with its log is whole`() throws {
    var b = session(logUntil: 200)
    b.endsLog = true
    #expect(Check.judge(try b.record()).filter { $0.outcome == .fail }.map(\.reason) == [])
    b.endsLog = false
    #expect(try b.record().earlyEndOfLog == nil, "a heartbeat or two may be missing")
    #expect(
      try b.judge("log-complete").evidence == [
        "the engine ended at 2025-01-01T00:01:41.000000Z, and no SHUTDOWN_COMPLETE"
      ])
    // What the disk refused came once more; refused twice in a row it could not be written.
    func judge(_ visits: [(at: Double, file: String, hit: Int)]) throws -> Outcome {
      let refused = visits.map { visit in
        JSON.object([
          ("fault", "f"), ("site", "disk.append"), ("action", "return"), ("per", .string(visit.file)),
          ("hit", .int(visit.hit)), ("timestamp", .string(RecordBuilder.time(visit.at))),
        ])
      }
      b.set("firings", .array(refused))
      return try b.judge("log-complete").outcome
    }
    #expect(try judge([(100, "a", 4)]) == .fail)
    #expect(try judge([(100, "a", 4), (101, "a", 6)]) == .fail)
    #expect(try judge([(100, "a", 4), (101, "b", 5)]) == .fail)
    #expect(try judge([(100, "a", 4), (101, "a", 5)]) == .pass)
  }
}
