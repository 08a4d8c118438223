import Basics
import Checks
import Testing

@Suite struct TimeCheckTests {
  private static let timed = [
    "heartbeats-on-time", "budget-refresh-bounded", "exchange-calls-bounded", "logging-bounded", "shutdown-bounded",
    "market-data-fresh", "feed-alive",
  ]

  private func overdue(_ activity: String, tookMs: Int = 70_000) -> JSON {
    .array([
      .object([
        ("thread", "engine-main"), ("activity", .string(activity)), ("limit_ms", .int(60_000)),
        ("took_ms", .int(tookMs)), ("timestamp", .string(RecordBuilder.time(70))),
      ])
    ])
  }

  private func hang(_ activity: String) -> JSON {
    .array([
      .object([
        ("kind", "hang"), ("timestamp", .string(RecordBuilder.time(70))), ("summary", "engine-main hangs"),
        ("activity", .string(activity)), ("waited_ms", .int(60_000)),
      ])
    ])
  }

  @Test func `Heartbeats come at least every second interval`() throws {
    var b = RecordBuilder()
    for at in [1.0, 31, 61, 91] { b.log(at, "HEARTBEAT") }
    #expect(try b.judge("heartbeats-on-time").outcome == .pass)
    b.events.removeAll { $0.at == 31 || $0.at == 61 }
    let verdict = try b.judge("heartbeats-on-time")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["90000 ms without a heartbeat before 2025-01-01T00:01:31.000000Z"])
    b.events.removeAll()
    #expect(try b.judge("heartbeats-on-time").outcome == .fail)
    b.set("limits", .object([("heartbeat_ms", .int(60_000))]))
    #expect(try b.judge("heartbeats-on-time").outcome == .inconclusive)
  }

  @Test(arguments: [(5250.0, Outcome.pass), (5250.1, .fail)])
  func `A refresh blocks no longer than its timeout and the slack`(blocked: Double, expected: Outcome) throws {
    var b = RecordBuilder()
    #expect(try b.judge("budget-refresh-bounded").outcome == .inconclusive)
    b.log(1, "BUDGET_REFRESH", [("blocked_ms", .double(blocked)), ("timed_out", .bool(true))])
    #expect(try b.judge("budget-refresh-bounded").outcome == expected)
  }

  @Test func `A refresh that never came back is seen in its activity`() throws {
    var b = RecordBuilder()
    b.set("overdue_activities", overdue("budget.refresh", tookMs: 8000))
    let verdict = try b.judge("budget-refresh-bounded")
    #expect(verdict.outcome == .fail)
    #expect(verdict.reason == "a refresh blocked its caller for 8 s")
    b = RecordBuilder()
    b.set("incidents", hang("budget.refresh"))
    #expect(try b.judge("budget-refresh-bounded").outcome == .fail)
  }

  @Test func `A call to the venue is bounded`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("exchange-calls-bounded").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    b.log(2, "EXCHANGE_CALL_SLOW", [("call", "exchange.place_order"), ("took_ms", .int(8250))])
    #expect(try b.judge("exchange-calls-bounded").outcome == .pass)
    b.log(3, "EXCHANGE_CALL_SLOW", [("call", "exchange.place_order"), ("took_ms", .int(8251))])
    #expect(
      try b.judge("exchange-calls-bounded").evidence == [
        "\(RecordBuilder.eventsPath):7: exchange.place_order took 8251 ms"
      ])
    b = RecordBuilder()
    b.set("overdue_activities", overdue("exchange.place_order"))
    #expect(
      try b.judge("exchange-calls-bounded").evidence == [
        "engine-main: exchange.place_order took 70000 ms of 60000 ms"
      ])
    b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.set("incidents", hang("exchange.fetch_balance"))
    #expect(try b.judge("exchange-calls-bounded").outcome == .fail)
  }

  @Test func `A wait for the log is bounded`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("logging-bounded").outcome == .inconclusive)
    b.filledOrder(1, at: 1)
    #expect(try b.judge("logging-bounded").outcome == .pass)
    b.log(3, "LOG_CALL_SLOW", [("thread", "heartbeat"), ("logged_event", "HEARTBEAT"), ("waited_ms", .int(350))])
    #expect(try b.judge("logging-bounded").outcome == .pass)
    b.log(3, "LOG_CALL_SLOW", [("thread", "heartbeat"), ("logged_event", "HEARTBEAT"), ("waited_ms", .int(351))])
    #expect(
      try b.judge("logging-bounded").evidence == [
        "\(RecordBuilder.eventsPath):7: heartbeat waited 351 ms to log HEARTBEAT at 2025-01-01T00:00:03.000000Z"
      ])
    b.events.removeAll { $0.line["event_type"]?.string == "LOG_CALL_SLOW" }
    #expect(try b.judge("logging-bounded").outcome == .pass)
    b.set("overdue_activities", overdue("log.format"))
    #expect(try b.judge("logging-bounded").outcome == .fail)
    b.set("overdue_activities", nil)
    #expect(try b.judge("logging-bounded").outcome == .inconclusive)
  }

  @Test func `A line that waits in the engine for the next one is seen`() throws {
    func judge(_ change: (inout RecordBuilder) -> Void = { _ in }) throws -> Verdict {
      var b = RecordBuilder()
      for at in [10.0, 20, 30] { b.log(at, "HEARTBEAT") }
      change(&b)
      let appends = [(10.1, 1), (30.1, 2), (101.0, 1)].map { at, lines in
        JSON.object([
          ("timestamp", .string(RecordBuilder.time(at))), ("kind", "append"),
          ("path", .string(RecordBuilder.eventsPath)), ("lines", .int(lines)),
        ]).text + "\n"
      }
      b.raw.append(("logs/disk.jsonl", Array(appends.joined().utf8)))
      return try b.judge("logging-bounded")
    }
    #expect(try judge().evidence == ["\(RecordBuilder.eventsPath):2: HEARTBEAT came to the disk 10100 ms later"])
    // A fault that keeps the disk busy is no fault of the engine's.
    let fired = JSON.object([
      ("fault", "slow"), ("inject", .int(0)), ("hit", .int(1)), ("site", "disk.append"), ("thread", "log-writer"),
      ("timestamp", .string(RecordBuilder.time(15))), ("action", "sleep"),
    ])
    #expect(try judge { $0.set("firings", .array([fired])) }.outcome == .pass)
    #expect(try judge { $0.set("stall_free", .bool(false)) }.outcome == .notApplicable)
  }

  @Test(arguments: [(111.0, Outcome.pass), (111.001, .fail)])
  func `The end is bounded`(completed: Double, expected: Outcome) throws {
    var b = RecordBuilder()
    b.call("fetch_balance", 0, id: 50, at: 99, took: 20)
    b.set(
      "shutdown",
      .object([
        ("requested", .string(RecordBuilder.time(100))), ("completed", .string(RecordBuilder.time(completed))),
        ("limit_ms", .int(10_000)),
      ]))
    #expect(try b.judge("shutdown-bounded").outcome == expected)
  }

  @Test func `An end that waits for nothing is seen`() throws {
    func judge(asking: Bool = false, open: Bool = false, killed: String? = nil) throws -> Outcome {
      var b = RecordBuilder.market()
      b.filledOrder(1, at: 10)
      if open {
        b.ask(2, at: 20)
        b.accept(2, at: 20.2)
      }
      if asking { b.call("fetch_balance", 0, id: 50, at: 99, took: 3) }
      if let killed {
        let firing = JSON.object([
          ("fault", "thread-dies"), ("site", "thread.wait"), ("action", "kill"), ("thread", .string(killed)),
          ("timestamp", .string(RecordBuilder.time(99))),
        ])
        b.set("firings", .array([firing]))
      }
      b.set(
        "shutdown",
        .object([
          ("requested", .string(RecordBuilder.time(100))), ("completed", .string(RecordBuilder.time(102))),
          ("limit_ms", .int(10_000)),
        ]))
      return try b.judge("shutdown-bounded").outcome
    }
    #expect(try judge() == .fail)
    #expect(try judge(asking: true) == .pass)
    #expect(try judge(open: true) == .pass)
    #expect(try judge(killed: "engine-main") == .pass)
    #expect(try judge(killed: "heartbeat") == .fail)
  }

  @Test func `An engine that does not end or leaves threads fails`() throws {
    var b = RecordBuilder()
    b.log(101, "SHUTDOWN_COMPLETE", [("duration_ms", .int(900)), ("leaked", .array([]))])
    b.set("threads", .array([.object([("name", "order-router"), ("finished", .bool(false))])]))
    #expect(try b.judge("shutdown-bounded").evidence == ["order-router"])
    b.set("swallowed_stop", .array(["heartbeat"]))
    #expect(try b.judge("shutdown-bounded").outcome == .fail)
    #expect(try b.judge("shutdown-bounded").evidence == ["heartbeat"])
    b.set("swallowed_stop", nil)
    b.set("shutdown", .object([("requested", .string(RecordBuilder.time(100))), ("limit_ms", .int(10_000))]))
    b.set("threads", .array([.object([("name", "heartbeat"), ("finished", .bool(false))])]))
    b.set("stall_free", .bool(false))
    let verdict = try b.judge("shutdown-bounded")
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence == ["heartbeat is running"])
    b.set("shutdown", nil)
    #expect(try b.judge("shutdown-bounded").outcome == .inconclusive)
  }

  @Test(arguments: timed) func `In a stalled schedule times are printed and not judged`(check: String) throws {
    var b = RecordBuilder()
    b.filledOrder(1, at: 1)
    b.poll(at: 1)
    b.summarize()
    b.set("overdue_activities", overdue("budget.refresh"))
    b.set("stall_free", .bool(false))
    let verdict = try b.judge(check)
    #expect(verdict.outcome == .notApplicable)
    #expect(verdict.reason == "stalled schedule: times are reported, not judged")
  }
}
