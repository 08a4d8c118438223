import Basics
import Testing

@testable import Checks

/// What is asked again has a reason, a pace and an end.
@Suite struct QuestionCheckTests {
  private struct Call {
    var at: Double
    var outcome = "ok"
    var fields: RecordBuilder.Fields = []
  }

  private func ask(_ call: String, _ calls: [Call], _ change: (inout RecordBuilder) -> Void = { _ in }) throws
    -> Verdict
  {
    var b = RecordBuilder.market()
    b.config += [("ENGINE_CYCLE_MS", "500"), ("BUDGET_REFRESH_TIMEOUT_S", "5")]
    for (n, made) in calls.enumerated() {
      let id: RecordBuilder.Fields = [("id", .int(5000 + n)), ("call", .string(call))]
      b.tell(made.at, "request", id + made.fields)
      b.tell(
        made.at + 0.1, "reply",
        id + [("outcome", .string(made.outcome))] + made.fields
          + (made.outcome == "error" ? [("error_class", "passing"), ("code", .int(503))] : []))
    }
    change(&b)
    return try b.judge("questions-bounded")
  }

  private func calls(_ call: String, _ times: [Double], failing: Int = 0) throws -> Verdict {
    try ask(call, times.enumerated().map { Call(at: $1, outcome: $0 < failing ? "error" : "ok") })
  }

  /// Attempts to open the user stream; behind each that went well the open orders are asked for.
  private func openings(_ times: [Double], failing: Int = 0) throws -> Verdict {
    try ask("open_stream", times.enumerated().map { Call(at: $1, outcome: $0 < failing ? "error" : "ok") }) { b in
      for (n, time) in times.enumerated().dropFirst(failing) {
        b.tell(time + 0.5, "request", [("id", .int(6000 + n)), ("call", "open_orders")])
        b.tell(time + 0.6, "reply", [("id", .int(6000 + n)), ("call", "open_orders"), ("outcome", "ok")])
      }
    }
  }

  @Test func `A stream that cannot be opened is tried again after pauses that double up to their most`() throws {
    #expect(try openings([1, 2.1, 4.2, 8.3, 16.4, 32.5, 62.6], failing: 6).outcome == .pass)
    #expect(
      try openings([1, 2.1, 32.2], failing: 2).evidence == [
        "the user stream was tried again only 30 s after attempt 2, 2 s are due"
      ])
    #expect(try openings([1, 2.1, 3.2], failing: 2).outcome == .fail, "the pause does not grow")
    #expect(try openings([1, 2, 3, 4]).outcome == .pass, "each was opened and lost")
  }

  @Test func `Market rules are asked for until they are told, and again when something was refused`() throws {
    #expect(try calls("market_rules", [1, 2.2, 3.4], failing: 2).outcome == .pass)
    #expect(try calls("market_rules", [1, 1.3], failing: 1).outcome == .fail, "at once")
    #expect(
      try calls("market_rules", [1, 40]).evidence == [
        "market rules asked for at 2025-01-01T00:00:40.000000Z, though they were known and nothing was refused"
      ])
    #expect(try ask("market_rules", [Call(at: 1), Call(at: 40)]) { $0.refusedOrder(1, at: 39) }.outcome == .pass)
    #expect(
      try ask("market_rules", [Call(at: 1), Call(at: 40, outcome: "error")]) { $0.refusedOrder(1, at: 39) }.evidence
        == [
          "market rules were not told at 2025-01-01T00:00:40.100000Z, and nobody asked again for 59.9 s"
        ])
  }

  @Test func `The trades of an order whose fee nobody tells are asked for a while`() throws {
    func trades(_ times: [Double]) throws -> Verdict {
      try ask("order_trades", times.map { Call(at: $0, outcome: "error", fields: [("client_order_id", "c1")]) }) {
        $0.filledOrder(1, at: 1)
      }
    }
    #expect(try trades([12, 22, 32, 42, 52, 62]).outcome == .pass)
    #expect(
      try trades([12, 22, 32, 42, 52, 62, 72]).evidence == [
        "c1: asked for its trades 7 times, 7 of them behind no answer about it, and 6 are enough"
      ])
    #expect(try trades([12, 13, 14]).outcome == .fail, "too soon")
  }

  @Test func `An order whose end is known is asked for no more`() throws {
    func query(at: Double, _ change: (inout RecordBuilder) -> Void) throws -> Verdict {
      try ask("query_order", [Call(at: at, fields: [("client_order_id", "c1"), ("status", "FILLED")])], change)
    }
    #expect(try query(at: 5) { $0.filledOrder(1, at: 1) }.outcome == .pass, "it was under way")
    #expect(try query(at: 50) { $0.filledOrder(1, at: 1) }.outcome == .fail)
  }

  @Test func `Open orders and the clock are asked for when there is a reason`() throws {
    #expect(try calls("open_orders", [1, 11.2], failing: 1).outcome == .pass)
    #expect(try calls("open_orders", [1, 2], failing: 1).outcome == .fail)
    #expect(try calls("open_orders", [1, 50]).outcome == .fail)
    #expect(
      try calls("open_orders", [1], failing: 1).evidence == [
        "open orders: nobody told them at 2025-01-01T00:00:01.100000Z, and nobody asked for them for 98.9 s"
      ])
    #expect(try calls("open_orders", [1, 20], failing: 1).outcome == .fail, "ten seconds are its pause")
    #expect(try calls("open_stream", [1]).outcome == .fail, "what happened before it was opened nobody asks for")
    #expect(try calls("server_time", [1]).outcome == .fail)
    #expect(try ask("server_time", [Call(at: 40)]) { $0.refusedOrder(1, at: 39) }.outcome == .pass)
    #expect(try calls("renew_stream", [1, 50]).outcome == .fail)
    func lasting(_ seconds: Double, renewedAt times: [Double]) throws -> Verdict {
      try ask("renew_stream", times.map { Call(at: $0) }) { b in
        let end = JSON.string(RecordBuilder.time(seconds))
        b.set(
          "phases",
          .array([.object([("name", "baseline"), ("start", .string(RecordBuilder.time(0))), ("end", end)])]))
        b.set("shutdown", .object([("requested", end), ("completed", end), ("limit_ms", .int(10_000))]))
      }
    }
    #expect(try lasting(5000, renewedAt: [1800, 3600]).outcome == .pass)
    #expect(try lasting(5000, renewedAt: [1800]).outcome == .fail, "its key ends")
  }

  /// The list is asked for at 11.2 s and told at 15.2 s; meanwhile the stream is opened once more.
  @Test(arguments: [([15.5], Outcome.pass), ([20], .fail), ([], .fail)] as [([Double], Outcome)])
  func `A list that is under way tells nothing of a connection that was opened behind it`(
    again: [Double], outcome: Outcome
  ) throws {
    let verdict = try ask("open_stream", [Call(at: 11), Call(at: 12)]) { b in
      b.tell(11.2, "request", [("id", .int(6000)), ("call", "open_orders")])
      b.tell(15.2, "reply", [("id", .int(6000)), ("call", "open_orders"), ("outcome", "ok")])
      for time in again {
        b.tell(time, "request", [("id", .int(6001)), ("call", "open_orders")])
        b.tell(time + 0.1, "reply", [("id", .int(6001)), ("call", "open_orders"), ("outcome", "ok")])
      }
    }
    #expect(verdict.outcome == outcome, "\(verdict.evidence)")
  }

  @Test func `Behind the venue's time no call is refused for its own`() throws {
    func refused(at time: Double, code: JSON = .int(700_003)) throws -> Verdict {
      try ask("server_time", [Call(at: 10)]) { b in
        let refusal: RecordBuilder.Fields = [("outcome", "error"), ("error_class", "passing"), ("code", code)]
        for (id, at) in [(70, 9.5), (71, time)] {
          b.tell(at, "request", [("id", .int(id)), ("call", "fetch_balance")])
          b.tell(at + 0.1, "reply", [("id", .int(id)), ("call", "fetch_balance")] + refusal)
        }
      }
    }
    #expect(try refused(at: 12).evidence.first?.contains("fetch_balance was refused for its time, 1") == true)
    #expect(try refused(at: 12, code: .int(503)).outcome == .pass)
    #expect(try refused(at: 30).outcome == .pass, "a clock that drifts")
  }

  @Test func `Without a question, or a setting, nothing is judged`() throws {
    #expect(try RecordBuilder().judge("questions-bounded").outcome == .inconclusive)
    #expect(
      try ask("market_rules", [Call(at: 1)]) { $0.config.removeAll { $0.key == "EXCHANGE_TIMEOUT_S" } }.outcome
        == .inconclusive)
    #expect(
      try ask("market_rules", [Call(at: 1), Call(at: 40)]) { $0.set("stall_free", .bool(false)) }.outcome
        == .notApplicable)
  }

  // MARK: Orders that were given up aloud

  @Test func `An order that was taken and given up is looked for until its end`() throws {
    func lost(asked times: [Double]) throws -> Verdict {
      var b = RecordBuilder.market()
      b.send(1, at: 1)
      b.accept(1, at: 1.2)
      for (n, at) in (times + stride(from: 3.0, to: 20, by: 3)).enumerated() {
        let id: RecordBuilder.Fields = [
          ("id", .int(6000 + n)), ("call", "query_order"), ("client_order_id", "c1"),
        ]
        b.tell(at, "request", id)
        b.tell(at + 0.1, "reply", id + [("outcome", "error"), ("error_class", "passing"), ("code", .int(503))])
      }
      b.log(20, "ORDER_LOST", level: "ERROR", [("intent_id", "i1"), ("client_order_id", "c1")])
      return try b.judge("orders-watched")
    }
    #expect(try lost(asked: Array(stride(from: 29, to: 100, by: 10))).outcome == .pass)
    let verdict = try lost(asked: [29, 39, 49])
    #expect(verdict.outcome == .fail)
    #expect(verdict.evidence.first?.hasPrefix("c1: given up at") == true, "\(verdict.evidence)")
  }
}
