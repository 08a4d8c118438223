import Basics
import ChaosRuntime
import Testing
import Trading

@testable import TradingEngine

@Suite struct HeartbeatTests {
  @Test func `Heartbeats are steady`() throws {
    let run = try EngineRun(for: .seconds(31))
    let beats = run.all("HEARTBEAT")
    #expect(beats.compactMap { $0["seq"]?.int } == Array(1...7))
    #expect(beats.compactMap { $0["uptime_s"]?.int } == [0, 5, 10, 15, 20, 25, 30])
  }

  @Test func `A dead main loop is noticed and the engine ends by itself`() throws {
    final class Killer: Interposer {
      let runtime: Runtime
      init(_ runtime: Runtime) { self.runtime = runtime }
      func atWait(_ condition: Condition) throws(Stopped) {
        if runtime.threadName == "engine-main", runtime.now > .simulationEpoch + .seconds(7) { throw .stopped }
      }
    }
    let run = try EngineRun(for: .seconds(30), interposer: { Killer($0) })
    #expect(run.all("MAIN_LOOP_GONE").count == 1)
    #expect(run.report?.leaked == [])
    #expect((run.report?.duration ?? .seconds(99)) < .seconds(10))
    let ended = run.all("SHUTDOWN_COMPLETE").first?["timestamp"]?.string.flatMap { Instant(iso8601: $0) }
    #expect(
      (ended ?? .distantFuture) < .simulationEpoch + .seconds(21),
      "the engine ends by itself, and who asks for it at 30 s gets the report")
    #expect(run.all("SHUTDOWN_STARTED").count == 1)
  }
}
