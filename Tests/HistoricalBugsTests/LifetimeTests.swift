import Basics
import ChaosRuntime
import HistoricalBugs
import Synchronization
import TestSupport
import Testing
import Trading
import TradingEngine

@Suite struct LifetimeTests {
  /// Parts hold the bus and the bus their handlers, whichever bus it is.
  @Test func `Nothing of any revision outlives its run`() {
    for bug in AllBugs.all {
      for revision in bug.revisions { #expect(Self.left(by: revision) == nil, "\(bug.id) \(revision.id)") }
    }
  }

  /// Runs a short session and returns its context, which nobody else should hold.
  private static func left(by revision: HistoricalBug.Revision) -> EngineContext? {
    let kept = Mutex<@Sendable () -> EngineContext?>({ nil })
    let symbols = [Symbol(base: "S0", quote: "USDT")].compactMap { $0 }
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      var parts = EngineParts()
      revision.replace(&parts)
      let engine = Engine(
        runtime: runtime,
        client: ScriptedVenue(
          runtime, habits: .terse(symbols), price: PreFixRun.drop, script: { _ in .refuse() },
          balance: { _ in (.zero, true) }),
        symbols: symbols, parts: parts,
        metrics: .init())
      kept.withLock { $0 = { [weak context = engine.context] in context } }
      try engine.start()
      try runtime.sleep(.seconds(5))
      try engine.shutdown()
    }
    return kept.withLock { $0 }()
  }
}
