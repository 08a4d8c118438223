import Basics
import ChaosRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct SimulationTests {
  @Test func `Virtual time jumps to the next timer`() {
    let seen = Mutex<[Int64]>([])
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let thread = try runtime.spawn("sleeper") { () throws(Stopped) in
        try runtime.sleep(.seconds(5))
        let at = (runtime.now - .simulationEpoch).nanoseconds
        seen.withLock { $0.append(at) }
      }
      try runtime.sleep(.seconds(3))
      let at = (runtime.now - .simulationEpoch).nanoseconds
      seen.withLock { $0.append(at) }
      try thread.join()
    }
    #expect(seen.withLock { $0 } == [3_000_000_000, 5_000_000_000])
    #expect(result.ended == .simulationEpoch + .seconds(5))
    #expect(result.incidents.isEmpty)
  }

  @Test func `A channel delivers in order and after its delay`() {
    let seen = Mutex<[Int]>([])
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let channel = Channel<Int>(runtime, "numbers", capacity: 2)
      let thread = try runtime.spawn("receiver") { () throws(Stopped) in
        while let n = try channel.receive() { seen.withLock { $0.append(n) } }
      }
      try channel.send(9, after: .seconds(1))
      for n in 1...5 { try channel.send(n) }
      try runtime.sleep(.seconds(2))
      try channel.close()
      try thread.join()
    }
    #expect(seen.withLock { $0 } == [1, 2, 3, 4, 5, 9])
    #expect(result.incidents.isEmpty)
  }

  static func abba(_ schedule: Schedule<any Strategy>, seed: UInt64, pool: StackPool) -> Simulation.Result {
    Simulation(schedule: schedule, seed: seed).run(disk: MemoryDisk(), pool: pool) { runtime throws(Stopped) in
      let a = Lock(runtime, "a")
      let b = Lock(runtime, "b")
      let first = try runtime.spawn("first") { () throws(Stopped) in
        for _ in 0..<10 {
          try runtime.sleep(.milliseconds(10))
          try a.withLock { () throws(Stopped) in try b.withLock { () throws(Stopped) in } }
        }
      }
      let second = try runtime.spawn("second") { () throws(Stopped) in
        for _ in 0..<10 {
          try runtime.sleep(.milliseconds(13))
          try b.withLock { () throws(Stopped) in try a.withLock { () throws(Stopped) in } }
        }
      }
      try first.join()
      try second.join()
    }
  }

  @Test func `Opposite lock order deadlocks under some schedules and replays`() throws {
    let pool = StackPool()
    #expect(Self.abba(.nominal, seed: 1, pool: pool).incidents.isEmpty)
    var failures = 0
    for seed in 1...200 as ClosedRange<UInt64> {
      let result = Self.abba(.explore(CoinStrategy()), seed: seed, pool: pool)
      guard let incident = result.incidents.first else { continue }
      failures += 1
      #expect(incident.kind == .deadlock)
      #expect(incident.locks.sorted() == ["a", "b"])
      #expect(incident.cycle.allSatisfy { $0.takenAt.hasPrefix("ChaosRuntimeTests/SimulationTests.swift:") })
      let again = Self.abba(.replay(try Recording(parsing: result.recording.text)), seed: 0, pool: pool)
      #expect(again.incidents.first?.fingerprint == incident.fingerprint)
      #expect(again.recording == result.recording)
      #expect(again.unusedLines == 0)
    }
    #expect(failures > 5, "the strategy found the cycle in \(failures) of 200 schedules")
  }

  @Test func `A stop unwinds every thread`() {
    let unwound = Mutex(0)
    final class Witness: @unchecked Sendable {
      let count: () -> Void
      init(_ count: @escaping () -> Void) { self.count = count }
      deinit { count() }
    }
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "l")
      let condition = Condition(lock, "never")
      for n in 0..<4 {
        try runtime.spawn("waiter-\(n)") { () throws(Stopped) in
          let witness = Witness { unwound.withLock { $0 += 1 } }
          defer { _ = witness }
          try lock.lock()
          defer { lock.unlock() }
          while true { try condition.wait() }
        }
      }
      try runtime.sleep(.seconds(1))
    }
    #expect(unwound.withLock { $0 } == 4)
    #expect(result.leakedThreads == 0)
    #expect(result.incidents.isEmpty)
  }

  @Test func `A wait beyond its activity is a hang and an idle wait is not`() {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "l")
      let condition = Condition(lock, "reply")
      try runtime.spawn("idle") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in _ = try condition.wait() }
      }
      try runtime.spawn("caller") { () throws(Stopped) in
        try runtime.activity("exchange.call", limit: .seconds(60)) { () throws(Stopped) in
          try lock.withLock { () throws(Stopped) in _ = try condition.wait() }
        }
      }
      try runtime.sleep(.seconds(600))
    }
    #expect(result.incidents.map(\.kind) == [.hang])
    #expect(result.incidents.first?.threads == ["caller"])
    #expect(result.incidents.first?.time == .simulationEpoch + .seconds(60))
  }

  @Test func `A world in which nothing can run is reported`() {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "l")
      let condition = Condition(lock, "never")
      try lock.withLock { () throws(Stopped) in _ = try condition.wait() }
    }
    #expect(result.incidents.map(\.kind) == [.stuck])
  }

  @Test func `A capture walks parked stacks`() {
    let frames = Mutex<[String: Int]>([:])
    _ = Simulation().run(
      disk: MemoryDisk(),
      onIncident: { _, view in
        for thread in view.threads(stacks: true) { frames.withLock { $0[thread.name] = thread.frames.count } }
        return .stop
      },
      main: { runtime throws(Stopped) in
        let a = Lock(runtime, "a")
        let b = Lock(runtime, "b")
        try runtime.spawn("other") { () throws(Stopped) in
          try b.lock()
          try runtime.sleep(.seconds(1))
          try a.lock()
        }
        try runtime.spawn("sleeper") { () throws(Stopped) in try runtime.sleep(.seconds(100)) }
        try a.lock()
        try runtime.sleep(.seconds(2))
        try b.lock()
      })
    let seen = frames.withLock { $0 }
    #expect(seen["main", default: 0] > 3)
    #expect(seen["other", default: 0] > 3)
    #expect(seen["sleeper", default: 0] > 3)
  }
}
