import Basics
import Checks
import Testing

@Suite struct RunCheckTests {
  private func incident(_ kind: String) -> JSON {
    .array([
      .object([
        ("kind", .string(kind)), ("timestamp", .string(RecordBuilder.time(7))), ("summary", "a and b wait"),
      ])
    ])
  }

  @Test(arguments: [("no-deadlock", "deadlock"), ("no-stuck-wait", "hang"), ("no-stuck-wait", "stuck")])
  func `An incident fails its check`(check: String, kind: String) throws {
    var b = RecordBuilder()
    #expect(try b.judge(check).outcome == .pass)
    b.set("incidents", incident(kind))
    let verdict = try b.judge(check)
    #expect(verdict.outcome == .fail)
    #expect(verdict.reason == "a and b wait")
    #expect(verdict.evidence == ["2025-01-01T00:00:07.000000Z a and b wait"])
    b.set("incidents", nil)
    #expect(try b.judge(check).outcome == .inconclusive)
  }

  @Test(arguments: ["no-deadlock", "no-stuck-wait"])
  func `What the watchdog may have missed proves nothing`(check: String) throws {
    var b = RecordBuilder()
    b.set("unwatched", "the watchdog's table was full")
    let verdict = try b.judge(check)
    #expect(verdict.outcome == .inconclusive)
    #expect(verdict.reason == "the watchdog's table was full")
    b.set("incidents", incident(check == "no-deadlock" ? "deadlock" : "hang"))
    #expect(try b.judge(check).outcome == .fail)
  }

  @Test func `Deadlock and hang are told apart`() throws {
    var b = RecordBuilder()
    b.set("incidents", incident("deadlock"))
    #expect(try b.judge("no-stuck-wait").outcome == .pass)
    b.set("incidents", incident("hang"))
    #expect(try b.judge("no-deadlock").outcome == .pass)
  }

  @Test func `A crash fails`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("no-crash").outcome == .pass)
    b.set("crash", "trap in order-router")
    #expect(try b.judge("no-crash").reason == "the session crashed: trap in order-router")
    b.set("crash", .null)
    b.set("incidents", incident("step-limit"))
    #expect(try b.judge("no-crash").outcome == .fail)
    b.set("crash", nil)
    #expect(try b.judge("no-crash").outcome == .inconclusive)
  }

  @Test func `The log has every order`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("log-complete").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("log-complete").outcome == .pass)
    b.send(2, at: 2)
    b.accept(2, at: 2.1)
    b.events.removeAll { $0.line["event_type"]?.string == "ORDER_ACK" && $0.line["client_order_id"]?.string == "c2" }
    #expect(try b.judge("log-complete").evidence == ["c2: taken by the venue, no ORDER_ACK"])
    b.trade(2, at: 3)
    #expect(try b.judge("log-complete").evidence == ["c2: filled at the venue, no ORDER_FILLED"])
  }

  @Test func `The log has no gaps`() throws {
    var b = RecordBuilder()
    for (index, sequence) in [1, 2, 4].enumerated() { b.log(Double(index), "HEARTBEAT", [("seq", .int(sequence))]) }
    #expect(
      try b.judge("log-complete").evidence == ["\(RecordBuilder.eventsPath):3: heartbeat 4 where 3 was due"])
    b = RecordBuilder()
    b.log(1, "LOG_RECORDS_DROPPED", level: "WARNING", [("count", .int(12))])
    #expect(try b.judge("log-complete").evidence == ["\(RecordBuilder.eventsPath):1: 12 records dropped"])
  }

  @Test func `A torn line is a gap and the rest is still judged`() throws {
    var b = RecordBuilder()
    b.endsLog = false
    b.log(1, "HEARTBEAT", [("seq", .int(1))])
    let whole = try #require(b.files()[RecordBuilder.eventsPath])
    b.raw = [(RecordBuilder.eventsPath, whole + Array("{\"timestamp\":\"2025-01".utf8))]
    #expect(try b.judge("log-complete").evidence == ["\(RecordBuilder.eventsPath):2 is torn"])
    #expect(try b.record().events.count == 1)
  }

  @Test func `The order log is a copy of the order events`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    let copy = try #require(b.files()["logs/jsonl/orders.jsonl"])
    b.raw = [("logs/jsonl/orders.jsonl", nil)]
    #expect(try b.judge("log-complete").evidence == ["logs/jsonl/orders.jsonl is missing"])
    b.raw = [("logs/jsonl/orders.jsonl", copy + copy)]
    #expect(
      try b.judge("log-complete").evidence == [
        "logs/jsonl/orders.jsonl has 6 lines, the event log 3 of orders"
      ])
    b.filledOrder(2, at: 0.5)
    #expect(
      try b.judge("log-complete").evidence == [
        "logs/jsonl/orders.jsonl:1 is not \(RecordBuilder.eventsPath):2"
      ])
  }

  @Test func `The state file is whole`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("state-recoverable").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("state-recoverable").outcome == .fail)
    b.save(99)
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.raw = [("state/engine_transient.json", Array("{\"pending_buy_intents\":{".utf8))]
    #expect(try b.judge("state-recoverable").reason.hasPrefix("the state file is torn: line 1") == true)
    b.raw = [("state/engine_transient.json", Array("{\"positions\":{}}".utf8))]
    #expect(try b.judge("state-recoverable").reason == "the state file lacks pending_buy_intents, last_update")
  }

  @Test func `The state file agrees with the last events`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.send(2, at: 98.5)
    b.save(99)
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.save(99, pending: [1])
    #expect(try b.judge("state-recoverable").outcome == .fail)
    b.save(99.6)
    #expect(try b.judge("state-recoverable").outcome == .fail)
    b.save(99.6, pending: [2])
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.save(80)
    #expect(try b.judge("state-recoverable").evidence.count == 1)
  }

  @Test func `What was booked while the engine ended is in the last save, unless its time was used up`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.log(100.5, "BUDGET_COMMITTED", [("committed", "1")])
    b.save(100.6)
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.save(100.4)
    #expect(
      try b.judge("state-recoverable").evidence.first?.contains("BUDGET_COMMITTED at 2025-01-01T00:01:40.5") == true)
    b.set(
      "shutdown",
      .object([
        ("requested", .string(RecordBuilder.time(100))), ("completed", .string(RecordBuilder.time(109.5))),
        ("limit_ms", .int(10_000)),
      ]))
    #expect(try b.judge("state-recoverable").outcome == .pass)
  }

  /// A crash at any moment may cost no more than the last 12 s.
  @Test func `A state that waits too long for its save is seen at the heartbeats`() throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.save(99)
    b.log(13, "HEARTBEAT", [("seq", .int(1)), ("state_saved_at", .null)])
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.log(20, "HEARTBEAT", [("seq", .int(2)), ("state_saved_at", .string(RecordBuilder.time(14)))])
    #expect(try b.judge("state-recoverable").outcome == .pass)
    b.log(30, "HEARTBEAT", [("seq", .int(3)), ("state_saved_at", .null)])
    let verdict = try b.judge("state-recoverable")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.count == 1)
    b.set("stall_free", .bool(false))
    #expect(try b.judge("state-recoverable").outcome == .pass)
  }

  @Test func `Every check has an own name and is found by it`() throws {
    let names = Check.all.map(\.name)
    #expect(Set(names).count == names.count)
    for check in Check.all {
      #expect(Check.named(check.name)?.summary == check.summary)
      #expect(check.judge(try RecordBuilder().record()).check == check.name)
    }
    #expect(Check.named("nothing") == nil)
    #expect(Check.judge(try RecordBuilder().record()).map(\.check) == names)
  }

  @Test func `Verdicts survive run json`() throws {
    let verdict = Verdict(check: "x", outcome: .notApplicable, reason: "r", evidence: ["a", "b"])
    #expect(Verdict(json: verdict.json) == verdict)
    var b = RecordBuilder()
    b.set("verdicts", .array([verdict.json]))
    #expect(try b.record().run.verdicts == [verdict])
  }

  @Test func `Detection and recovery are measured from the first firing`() throws {
    var b = RecordBuilder()
    b.balances(0, [("USDT", "100", "0")])
    b.send(1, at: 12)
    b.refuse(1, at: 13)
    b.log(20, "RECONCILE_MISSING_FILL", level: "WARNING", [("client_order_id", "c1")])
    b.clear(1, at: 30, "order_failed")
    b.balances(101, [("USDT", "100", "0")])
    b.save(100)
    #expect(Recovery.detectionTime(try b.record(), of: "f", detectedBy: ["RECONCILE_MISSING_FILL"]) == nil)
    let firing = JSON.object([("fault", "f"), ("timestamp", .string(RecordBuilder.time(11)))])
    b.set("firings", .array([firing]))
    #expect(Recovery.detectionTime(try b.record(), of: "f", detectedBy: ["RECONCILE_MISSING_FILL"]) == .seconds(9))
    #expect(Recovery.detectionTime(try b.record(), of: "f", detectedBy: ["OTHER"]) == nil)
    #expect(
      Recovery.detectionTime(try b.record(), of: "g", detectedBy: ["RECONCILE_MISSING_FILL"]) == nil,
      "another fault's firing is no reason to wait")
    #expect(Recovery.recoveryTime(try b.record()) == .seconds(19))
    b.events.removeAll { $0.at == 30 }
    #expect(Recovery.recoveryTime(try b.record()) == nil)
  }

  @Test func `A late booking delays recovery`() throws {
    var b = RecordBuilder()
    b.set("firings", .array([.object([("fault", "f"), ("timestamp", .string(RecordBuilder.time(1)))])]))
    b.balances(0, [("USDT", "100", "0")])
    b.filledOrder(1, at: 2)
    b.balances(101, [("USDT", "80", "0"), ("AIX", "10", "0")])
    b.save(100, positions: [("AIX/USDT", "10")])
    #expect(Recovery.recoveryTime(try b.record()) == .zero)
    b.events.removeAll { ["ORDER_FILLED", "INTENT_CLEARED"].contains($0.line["event_type"]?.string) }
    b.fill(1, at: 9)
    #expect(Recovery.recoveryTime(try b.record()) == .seconds(8))
  }
}
