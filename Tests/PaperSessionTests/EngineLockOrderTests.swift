import Exploration
import HistoricalBugs
import PaperSession
import Testing

/// What one clean schedule says of the engine's lock order, per bug.
@Suite struct EngineLockOrderTests {
  private func check(_ id: String, original: Bool) throws -> LockOrderCheck<PaperSystem>.Result {
    let system = try Sessions.arm(id, original: original, armed: false)
    return LockOrderCheck(system, executor: Executor(), epoch: system.epoch).run(Sessions.nominal(1))
  }

  @Test(arguments: Sessions.bugIds)
  func `The fixed engine has no cycle that happens`(id: String) throws {
    let result = try check(id, original: false)
    #expect(result.observed.incidents.isEmpty && result.order.names.count > 10)
    #expect(result.confirmed.isEmpty && result.order.droppedCount == 0)
  }

  @Test func `The reversed locks are found without a fault and without a schedule`() throws {
    let result = try check("C-PORT-02", original: true)
    #expect(result.observed.incidents.isEmpty)
    let found = try #require(result.confirmed.first)
    #expect(found.cycle.fingerprint == "budget|state")
    #expect(found.report.recording.lines.allSatisfy { $0.kind == .stall })
    #expect(found.report.judgement.verdict("no-deadlock")?.outcome == .fail)
  }
}
