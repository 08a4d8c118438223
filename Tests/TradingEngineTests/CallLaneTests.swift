import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct CallLaneTests {
  /// The first call hangs beyond its deadline while a second one waits for the worker: the second gets another worker at
  /// that moment, not when its own time is up.
  @Test func `Who waits for a worker hears that it is overdue`() {
    let notes = Box<[String]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let lane = CallLane<Int>(engine.context, .exchangePlace)
      let start = runtime.now
      let call: @Sendable (String, Duration, Duration) throws(Stopped) -> Void = { name, limit, work throws(Stopped) in
        let answer = try lane.call(until: runtime.now + limit) { () throws(Stopped) in
          try runtime.sleep(work)
          return .success(1)
        }
        let text: String
        switch answer {
        case .success: text = "answered"
        case .failure(.unknownOutcome(let why)): text = why
        case .failure(.venue(let error)): text = error.text
        }
        notes.value.append("\(name) \(text) at \((runtime.now - start).seconds)")
      }
      let first = try runtime.spawn("first") { () throws(Stopped) in try call("first", .seconds(1), .seconds(100)) }
      try runtime.sleep(.milliseconds(500))
      let second = try runtime.spawn("second") { () throws(Stopped) in try call("second", .seconds(60), .seconds(2)) }
      try first.join()
      try second.join()
      try lane.close()
      try engine.parts.gate.close()
    }
    #expect(notes.value == ["first deadline at 1.0", "second answered at 3.0"])
  }

  /// An answer that comes too late, or for a thread that has ended, is handed over once, and one in time never.
  @Test func `A late answer is not lost`() {
    let notes = Box<[String]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let pool = LanePool<Int>(engine.context, .exchangePlace, lanesMax: 4)
      let start = runtime.now
      let call: @Sendable (Int, Duration) throws(Stopped) -> Void = { number, work throws(Stopped) in
        let late: @Sendable (CallLane<Int>.Answer) throws(Stopped) -> Void = { answer throws(Stopped) in
          guard case .success(number) = answer else { return notes.value.append("another's answer") }
          notes.value.append("\(number) late at \((runtime.now - start).seconds)")
        }
        let answer = try pool.call(until: runtime.now + .seconds(2), late: late) { () throws(Stopped) in
          try runtime.sleep(work)
          return .success(number)
        }
        if case .success = answer { notes.value.append("\(number) in time") }
      }
      for (number, work) in [(1, Duration.seconds(1)), (2, .seconds(3))] {
        try runtime.spawn("caller") { () throws(Stopped) in try call(number, work) }.join()
      }
      try runtime.sleep(.seconds(10))
      try pool.close()
      try engine.parts.gate.close()
    }
    #expect(notes.value == ["1 in time", "2 late at 4.0"])
  }
}
