import Basics
import ChaosRuntime
import Checks
import Testing

/// A pass means that something was judged.
@Suite struct EmptySessionTests {
  /// 100 s in which the engine lived and nothing was traded.
  private func idle() -> RecordBuilder {
    var b = RecordBuilder()
    b.balances(0, [("USDT", "100", "0")])
    b.tell(0, "ledger", [("step", .int(0)), ("totals", .object([])), ("conserved", .bool(true))])
    b.poll()
    for (index, at) in stride(from: 5.0, to: 100, by: 30).enumerated() {
      b.log(at, "HEARTBEAT", [("seq", .int(index + 1))])
    }
    b.balances(101, [("USDT", "100", "0")])
    b.save(100)
    b.summarize()
    return b
  }

  @Test func `What nothing was traded for is not passed`() throws {
    let verdicts = Check.judge(try idle().record())
    func names(_ outcome: Outcome) -> [String] { verdicts.filter { $0.outcome == outcome }.map(\.check) }
    #expect(names(.fail) == [])
    #expect(
      names(.inconclusive) == [
        "orders-filled", "intents-settled", "errors-observable", "venue-books", "fills-at-market", "position-costs",
        "fills-agree", "budget-agrees", "budget-balances", "no-duplicate-orders", "exposure-within-limits",
        "no-lost-order", "ends-agree", "intents-bounded", "orders-arrive", "valid-orders-sent", "no-futile-retries",
        "idempotent-keys",
        "entries-within-limits", "prices-within-slippage", "pauses-kept", "orders-expire", "orders-sent-promptly",
        "requests-paced", "questions-bounded",
        "decisions-on-time", "budget-refresh-bounded", "sales-justified", "exits-offered", "entries-justified",
        "signals-acted-on",
        "threads-live", "fills-booked-promptly", "orders-watched", "balances-asked", "trouble-told", "quiet-end",
        "heartbeats-true", "metrics-true",
      ])
    #expect(
      names(.notApplicable) == [
        "positions-agree", "limits-respected", "calls-given-time", "market-data-fresh", "detected-in-time",
        "recovered-in-time",
        "stream-reopened", "lock-order", "drops-told",
        "state-survives-crash", "files-replaced",
      ])
    // What these judged is the session itself.
    #expect(
      names(.pass) == [
        "no-crash", "funds-conserved", "heartbeats-on-time", "exchange-calls-bounded", "logging-bounded",
        "shutdown-bounded", "feed-alive", "no-deadlock", "no-stuck-wait", "log-complete", "levels-kept",
        "state-recoverable",
      ])
  }

  @Test func `Without any file but the smallest nothing is passed that needs one`() throws {
    let verdicts = Check.judge(try RecordBuilder().record())
    #expect(
      verdicts.filter { $0.outcome == .pass }.map(\.check) == [
        "no-crash", "shutdown-bounded", "no-deadlock", "no-stuck-wait",
      ])
  }

  @Test func `Who may not trade has nothing to decide`() throws {
    var b = idle()
    b.config[0] = ("GLOBAL_TRADING", "False")
    #expect(try b.judge("decisions-on-time").outcome == .notApplicable)
    b.log(5, "DECISIONS_SLOW", [("took_ms", .int(300))])
    #expect(try b.judge("decisions-on-time").outcome == .fail)
  }

  @Test func `Who gets no quotes has nothing to decide on`() throws {
    var b = RecordBuilder()
    for at in stride(from: 0, to: 100, by: 2.5) { b.poll(at: at, outcome: "error") }
    #expect(try b.judge("decisions-on-time").outcome == .notApplicable)
    b.poll(at: 99)
    #expect(try b.judge("decisions-on-time").outcome == .inconclusive)
  }
}
