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

  @Test func `A dead main loop is noticed and the engine still ends`() throws {
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
  }
}
