import Basics
import Checks
import Testing

/// What the engine has to tell of by itself, and must not tell of without need.
@Suite struct TroubleToldTests {
  private func trouble(_ change: (inout RecordBuilder) -> Void) throws -> Verdict {
    var b = RecordBuilder.market()
    b.config += [("ENGINE_CYCLE_MS", "500"), ("BUDGET_REFRESH_TIMEOUT_S", "5")]
    // A log that is there to the end: what it lacks counts.
    b.log(1, "HEARTBEAT")
    change(&b)
    b.summarize()
    return try b.judge("trouble-told")
  }

  @Test func `Stale quotes are told`() throws {
    #expect(try trouble { $0.poll() }.outcome == .notApplicable)
    let silent = try trouble {
      $0.poll(until: 30)
      $0.poll(from: 60)
    }
    #expect(
      silent.evidence == [
        "no quotes from 2025-01-01T00:00:27.700000Z to 2025-01-01T00:01:00.200000Z, and no STALE_SNAPSHOTS_WARNING"
      ])
    #expect(
      try trouble {
        $0.poll(until: 30)
        $0.poll(from: 60)
        $0.log(38, "STALE_SNAPSHOTS_WARNING", level: "WARNING")
      }.outcome == .pass)
  }

  @Test(arguments: [(30.5, true), (33.0, false)])
  func `A refusal is told when it comes, also when nobody waits for it`(failed: Double, isPass: Bool) throws {
    let verdict = try trouble { b in
      b.poll()
      b.ask(1, at: 18)
      b.refuse(1, at: 30, isPermanent: true)
      b.log(
        failed, "ORDER_FAILED", level: "ERROR",
        [("client_order_id", "c1"), ("error_code", "30004"), ("exchange_error", "no money")])
    }
    #expect(
      verdict.evidence
        == (isPass ? [] : ["c1 was refused for good at 2025-01-01T00:00:30.000000Z, and failed 3 s later"]))
  }

  @Test func `An order of somebody else's that only the list of open orders has is told`() throws {
    func listed(_ change: (inout RecordBuilder) -> Void = { _ in }) throws -> Verdict {
      try trouble { b in
        b.poll()
        b.tell(
          5, "foreign",
          [
            ("symbol", "AIX/USDT"), ("side", "buy"), ("client_order_id", "B0"), ("qty", "10"), ("price", "1"),
          ])
        b.tell(20, "request", [("id", .int(900)), ("call", "open_orders")])
        b.tell(20.2, "reply", [("id", .int(900)), ("call", "open_orders"), ("outcome", "ok")])
        change(&b)
      }
    }
    #expect(
      try listed().evidence == ["B0 is somebody else's, there since 2025-01-01T00:00:05.000000Z, and no FOREIGN_ORDER"])
    #expect(try listed { $0.log(20.3, "FOREIGN_ORDER", [("client_order_id", "B0")]) }.outcome == .pass)
  }

  @Test func `Quotes are called stale when they are, not before`() throws {
    func warned(at time: Double, poll: String = "1000") throws -> Verdict {
      try trouble { b in
        b.setting("MD_POLL_MS", .string(poll))
        b.quotes(until: 40)
        b.quotes(from: 60)
        b.log(time, "STALE_SNAPSHOTS_WARNING", level: "WARNING")
      }
    }
    #expect(try warned(at: 50.5).outcome == .pass)
    let early = try warned(at: 44.5)
    #expect(
      early.evidence.contains { $0.hasSuffix("quotes had come 6.9 s before, and may be 10 s old") }, "\(early.evidence)"
    )
    // What the settings allow counts, whatever the engine says.
    #expect(try warned(at: 50.5, poll: "4000").evidence.contains { $0.hasSuffix("may be 16 s old") })
  }

  @Test func `A position that the venue refuses again and again is told`() throws {
    func refused(_ change: (inout RecordBuilder) -> Void) throws -> Verdict {
      try trouble { b in
        b.poll()
        for n in 1...4 {
          b.ask(n, at: Double(10 * n), side: "sell")
          b.refuse(n, at: Double(10 * n) + 0.2, isPermanent: true)
        }
        change(&b)
      }
    }
    #expect(
      try refused { _ in }.evidence == ["AIX/USDT: c4 was refused for good as the ones before, and no EXIT_REFUSED"])
    #expect(try refused { $0.log(40.3, "EXIT_REFUSED", level: "ERROR", [("symbol", "AIX/USDT")]) }.outcome == .pass)
    let again = try refused { b in
      for at in [40.3, 50.3] { b.log(at, "EXIT_REFUSED", level: "ERROR", [("symbol", "AIX/USDT")]) }
    }
    #expect(
      again.evidence == [
        "AIX/USDT: 2 times EXIT_REFUSED, the last at 2025-01-01T00:00:50.300000Z, and 1 run of refusals"
      ])
  }
}
