import Basics
import HistoricalBugs
import TestSupport
import Testing
import Trading

/// What the pre-fix parts do, next to what the fixed ones do.
@Suite struct PreFixTests {
  @Test func `A refused order of 91 is sent four times and leaves no reason`() throws {
    let run = try PreFixRun("9.1", "original", for: .seconds(15), script: { _ in .refuse() })
    #expect(run.placed.map(\.request.clientOrderId) == Array(repeating: "S0_USDT-b1", count: 4))
    let gaps = zip(run.placed.dropFirst(), run.placed).map { $0.at - $1.at }
    #expect(gaps == [.milliseconds(650), .milliseconds(1050), .milliseconds(250)])
    #expect(run.errorCount == 0)
    #expect(run.all("ORDER_FAILED").isEmpty)
    #expect(run.texts("BUDGET_RELEASED", "reason") == ["order_router_release"])
    #expect(run.texts("INTENT_CLEARED", "reason") == ["order_failed"])
    #expect(run.landmarks.contains("order-refused"))
  }

  @Test func `A refused order of the fix is sent once and told`() throws {
    let run = try PreFixRun("9.1", "fixed", for: .seconds(15), script: { _ in .refuse() })
    #expect(run.placed.count == 1)
    #expect(run.texts("ORDER_FAILED", "level") == ["ERROR"])
    #expect(run.texts("ORDER_FAILED", "error_code") == ["30004"])
    #expect(run.landmarks.contains("order-refused"))
  }

  @Test func `An order that the venue cancels is only a warning in 91`() throws {
    let run = try PreFixRun("9.1", "original", for: .seconds(12), script: { _ in .cancel })
    #expect(run.texts("ORDER_CANCELED", "level").first == "WARNING")
    #expect(run.all("ORDER_FAILED").isEmpty && run.errorCount == 0)
  }

  @Test func `An intent of 92 outlives its failed order`() throws {
    let run = try PreFixRun("9.2", "original", for: .seconds(25), script: { _ in .refuse() })
    #expect(run.texts("ORDER_FAILED", "level") == ["ERROR"])
    #expect(run.all("INTENT_CLEARED").isEmpty)
    #expect(run.pendingInFile == 1)
    #expect(run.texts("BUDGET_RELEASED", "reason") == ["order_router_release"])
  }

  @Test func `An intent of the fix ends with its order`() throws {
    let run = try PreFixRun("9.2", "fixed", for: .seconds(25), script: { _ in .refuse() })
    #expect(run.texts("INTENT_CLEARED", "reason") == ["order_failed"])
    #expect(run.pendingInFile == 0)
  }

  @Test func `A filled order of 92 is cleared`() throws {
    let run = try PreFixRun("9.2", "original", for: .seconds(15))
    #expect(run.texts("INTENT_CLEARED", "reason") == ["order_filled"])
    #expect(run.pendingInFile == 0)
  }

  @Test func `An uncleared intent of 92 blocks no trade`() throws {
    let run = try PreFixRun(
      "9.2", "original", for: .seconds(60), settings: [("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "10")],
      script: { $0.at < .seconds(10) ? .refuse() : .fill(parts: 1, gap: .zero) })
    #expect(run.texts("ORDER_FILLED", "intent_id") == ["i-S0_USDT-2"])
    #expect(run.pendingInFile == 1)
  }

  @Test func `The sweep of 92 runs only in the first second of a half minute`() throws {
    let run = try PreFixRun(
      "9.2", "original", for: .seconds(200), symbols: 4,
      settings: [("SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S", "20")], script: { _ in .refuse() })
    let sweeps = run.times("STALE_INTENT_CLEANUP")
    #expect(!sweeps.isEmpty)
    #expect(sweeps.allSatisfy { $0.nanoseconds % 30_000_000_000 < 1_000_000_000 })
    #expect(Set(run.texts("INTENT_CLEARED", "reason")) == ["stale"])
    #expect(run.summary?.intentsPending == run.pendingInFile)
    #expect(run.pendingInFile > 0)
  }

  @Test(arguments: [("original", Duration.milliseconds(2200)...Duration.seconds(3)), ("fixed", .zero...(.zero))])
  func `The main loop of 92 waits for the router`(revision: String, gap: ClosedRange<Duration>) throws {
    let run = try PreFixRun("9.2", revision, for: .seconds(20), symbols: 2, script: { _ in .refuse() })
    let sent = run.times("ORDER_SENT")
    #expect(sent.count == 2 && gap.contains(sent[1] - sent[0]))
  }

  @Test func `A slow balance of 94 blocks the main loop as long as it takes`() throws {
    let run = try PreFixRun("9.4", "original", for: .seconds(30), balance: { _ in (.seconds(8), true) })
    #expect(run.all("BUDGET_REFRESH").first?["blocked_ms"]?.double == 8000)
    #expect(run.all("BUDGET_REFRESH_TIMEOUT").isEmpty)
    #expect(run.landmarks.contains("refresh-limit-passed"))
  }

  @Test func `A slow balance of the fix blocks for five seconds`() throws {
    let run = try PreFixRun("9.4", "fixed", for: .seconds(30), balance: { _ in (.seconds(8), true) })
    #expect(run.all("BUDGET_REFRESH").first?["blocked_ms"]?.double == 5000)
    #expect(run.all("BUDGET_REFRESH_TIMEOUT").count == 1)
    #expect(run.landmarks.contains("refresh-limit-passed"))
  }

  /// The first attempt left the reset that ends the start on the main loop: the first refresh that comes behind it, after the one
  /// that waits for the late answer.
  @Test func `The first attempt at 94 still blocks at the start`() throws {
    let run = try PreFixRun("9.4", "4d0ef46", for: .seconds(80), balance: { _ in (.seconds(8), true) })
    #expect(run.all("BUDGET_REFRESH").map { $0["blocked_ms"]?.double } == [5000, 3000, 8000])
    #expect(run.all("BUDGET_REFRESH_TIMEOUT").count == 1)
  }

  @Test func `A failing balance of 94 is asked three times`() throws {
    let run = try PreFixRun("9.4", "original", for: .seconds(30), balance: { _ in (.milliseconds(500), false) })
    #expect(run.balanceCalls.prefix(3) == [.zero, .milliseconds(2500), .seconds(5)])
    #expect(run.all("BUDGET_REFRESH").first?["blocked_ms"]?.double == 5500)
  }
}

/// C-PORT-02's two lock orders under a disk that stalls.
@Suite struct ReversedLocksTests {
  private static let settings = [(name: "ENGINE_CYCLE_MS", value: "100"), (name: "MD_POLL_MS", value: "250")]
  private static let script: @Sendable (ScriptedVenue.Attempt) -> ScriptedVenue.Script = { _ in
    .fill(parts: 4, gap: .milliseconds(300))
  }

  @Test(arguments: UInt64(1)...20) func `A stalled write stops two threads for ever`(seed: UInt64) throws {
    let run = try PreFixRun(
      "C-PORT-02", "original", for: .seconds(12), symbols: 3, settings: Self.settings, stalls: true, seed: seed,
      script: Self.script)
    let incident = try #require(run.incidents.first)
    #expect(incident.kind == .deadlock)
    #expect(Set(incident.locks) == ["budget", "state"])
    #expect(run.landmarks.contains("state-and-budget-read"))
  }

  @Test(arguments: UInt64(1)...20) func `Without a stall the reversed locks never meet`(seed: UInt64) throws {
    let run = try PreFixRun(
      "C-PORT-02", "original", for: .seconds(12), symbols: 3, settings: Self.settings, seed: seed, script: Self.script)
    #expect(run.incidents.isEmpty)
    #expect(run.all("ORDER_FILLED").count == 3)
    #expect(run.pendingInFile == 0)
  }

  @Test func `The snapshot store only loses time`() throws {
    let run = try PreFixRun(
      "C-PORT-02", "fixed", for: .seconds(12), symbols: 3, settings: Self.settings, stalls: true, script: Self.script)
    #expect(run.incidents.isEmpty)
    #expect(run.all("ORDER_FILLED").count == 3)
    #expect(run.landmarks.contains("state-and-budget-read"))
  }
}
