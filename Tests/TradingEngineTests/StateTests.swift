import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

/// Stalls or refuses the state file's writes.
final class StateFault: Interposer {
  let runtime: Runtime
  let stall: Duration
  let error: DiskError?

  init(_ runtime: Runtime, stall: Duration = .zero, error: DiskError? = nil) {
    self.runtime = runtime
    self.stall = stall
    self.error = error
  }

  func beforeLock(_ lock: Lock) throws(Stopped) {}
  func afterLock(_ lock: Lock) throws(Stopped) {}
  func beforeUnlock(_ lock: Lock) {}
  func atSleep(_ duration: Duration) throws(Stopped) {}
  func atSpawn(_ name: String) throws(Stopped) {}
  func atWait(_ condition: Condition) throws(Stopped) {}
  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    guard final == StateDocument.path, operation == .write else { return nil }
    if runtime.now > .simulationEpoch + .seconds(5), stall > .zero { try runtime.sleep(stall) }
    return error
  }
}

/// The pre-fix order of C-PORT-02: the state is saved under the budget lock, and overviews read the budget under the state lock.
final class LockedStore: StateStore {
  let context: EngineContext
  let budget: any BudgetLedger
  let isWriting = Box(false)

  init(_ parts: EngineAssembly) {
    context = parts.context
    budget = parts.budget
  }

  var lock: Lock { context.positions.lock }
  var savedAt: Instant? { nil }

  func overview() throws(Stopped) -> StateOverview {
    try lock.withLock { () throws(Stopped) in
      if isWriting.value { context.runtime.landmark(.stateAndBudgetRead) }
      return StateOverview(positions: context.positions.allHoldingLock, budget: try budget.figures())
    }
  }

  func intentsChanged() throws(Stopped) {}

  func fillBooked() throws(Stopped) {
    try budget.lock.withLock { () throws(Stopped) in
      isWriting.value = true
      defer { isWriting.value = false }
      _ = try context.runtime.disk.write([0x7B, 0x7D], to: StateDocument.temporaryPath, for: StateDocument.path)
      try lock.withLock { () throws(Stopped) in
        _ = try context.runtime.disk.rename(StateDocument.temporaryPath, to: StateDocument.path)
      }
    }
  }

  func start(on threads: EngineThreads) throws(Stopped) {}
  func run() throws(Stopped) {}
  func close() throws(Stopped) {}
}

@Suite struct StateTests {
  @Test func `The file has intents positions and budget`() throws {
    let run = try EngineRun(for: .seconds(20), script: { _ in .unknown(isPlaced: false) })
    #expect(run.stateFile?["budget"]?["free"]?.string != nil)
    #expect(run.stateFile?["last_update"]?.string != nil)
    let intent = try #require(run.stateFile?["pending_buy_intents"]?["i-AIX_USDT-1"])
    let keys = [
      "decision_id", "symbol", "side", "client_order_id", "quote_budget", "intended_price", "amount", "start_ts",
      "market_snapshot",
    ]
    #expect(intent.members?.map(\.key) == keys)
    #expect(intent["symbol"]?.string == "AIX/USDT")
  }

  @Test func `Positions are saved`() throws {
    let run = try EngineRun(for: .seconds(30))
    let position = run.stateFile?["positions"]?["AIX/USDT"]
    #expect(position?["qty"]?.string.flatMap { Decimal($0) }?.isPositive == true)
    #expect(run.stateFile?["pending_buy_intents"]?.members?.isEmpty == true)
  }

  @Test func `No power cut leaves a torn file`() throws {
    for cut in 10..<16 {
      let run = try EngineRun(for: .seconds(cut) + .milliseconds(300))
      run.disk.losePower(torn: 20)
      let bytes = try #require(run.file(StateDocument.path))
      #expect(try JSON.parse(bytes)["budget"] != nil)
    }
  }

  @Test func `A failing disk is logged and the engine trades on`() throws {
    let run = try EngineRun(for: .seconds(30), interposer: { StateFault($0, error: .full) })
    #expect(run.all("STATE_WRITE_FAILED").first?["error"]?.string == "no space left on device")
    #expect(run.all("ORDER_FILLED").count == 1)
  }

  @Test func `A stalled disk blocks nobody`() throws {
    let run = try EngineRun(
      for: .seconds(40), script: { _ in .fill(parts: 6, gap: .milliseconds(300)) },
      interposer: { StateFault($0, stall: .seconds(2)) })
    #expect(run.result?.incidents.isEmpty == true)
    #expect(run.all("ORDER_FILLED").count == 1)
    let landmark = run.landmarks.first { $0.name == "state-and-budget-read" }
    #expect((landmark?.count ?? 0) > 0, "somebody read state and budget during the stall")
  }

  @Test func `A replaced store can deadlock`() throws {
    var parts = EngineParts()
    parts.state = { LockedStore($0) }
    let calm = try EngineRun(for: .seconds(40), parts: parts)
    #expect(calm.result?.incidents.isEmpty == true)
    let stalled = try EngineRun(
      for: .seconds(40), parts: parts, script: { _ in .fill(parts: 6, gap: .milliseconds(300)) },
      interposer: { StateFault($0, stall: .seconds(2)) })
    let incident = try #require(stalled.result?.incidents.first)
    #expect(incident.kind == .deadlock)
    #expect(Set(incident.locks) == ["budget", "state"])
  }
}
