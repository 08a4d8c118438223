import Basics
import ChaosRuntime
import Monitoring
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveTests {
  /// Real threads and the real clock, two seconds of it.
  @Test func `The engine trades on real threads`() throws {
    let disk = MemoryDisk()
    let runtime = Runtime(live: .simulationEpoch, disk: disk, choices: Choices(.seeded(1)))
    let venue = ScriptedVenue(
      runtime, price: { _, since in since < .milliseconds(500) ? Decimal(10) : ScriptedVenue.decimal("9.8") },
      script: { _ in .fill(parts: 3, gap: .milliseconds(50)) })
    var settings = EngineSettings()
    for (name, value) in [("MD_POLL_MS", "100"), ("ENGINE_CYCLE_MS", "50"), ("HEARTBEAT_INTERVAL_S", "0.2")] {
      try settings.set(name, value)
    }
    let inForce = settings
    let metrics = Metrics()
    let symbols = ["AIX", "BLESS", "COAI"].map(ScriptedVenue.symbol)
    let report = Box<ShutdownReport?>(nil)
    let session = try runtime.spawn("session") { () throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: venue, symbols: symbols, settings: inForce, metrics: metrics)
      try engine.start()
      try runtime.sleep(.seconds(2))
      report.value = try engine.shutdown()
    }
    while !session.isFinished { try session.join(timeout: .seconds(1)) }
    #expect(runtime.stop() == 0)
    #expect(report.value?.leaked == [])
    let summary = metrics.summary(at: runtime.now)
    #expect(summary.ordersSent == 3)
    #expect(summary.ordersFilled == 3)
    let log = disk.files.first { $0.path == "logs/events.jsonl" }?.bytes ?? []
    let events = try log.split(separator: 0x0A).map { try JSON.parse(Array($0))["event_type"]?.string }
    #expect(events.count { $0 == "ORDER_FILLED" } == 3)
    #expect(events.last == "SHUTDOWN_COMPLETE")
  }
}
