import CPlatform
import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import ChaosRuntime

/// OS threads carry the same worlds as fibers, choice by choice.
@Suite struct CarrierTests {
  static func program(_ log: Journal) -> @Sendable (Runtime) throws(Stopped) -> Void {
    { runtime throws(Stopped) in
      let a = Lock(runtime, "a")
      let b = Lock(runtime, "b")
      let changed = Condition(b, "changed")
      let channel = Channel<Int>(runtime, "numbers", capacity: 2)
      let first = try runtime.spawn("first") { () throws(Stopped) in
        for n in 0..<10 {
          try runtime.sleep(.milliseconds(10))
          try a.withLock { () throws(Stopped) in
            try b.withLock { () throws(Stopped) in changed.signal() }
          }
          try channel.send(n)
        }
        try channel.close()
      }
      let second = try runtime.spawn("second") { () throws(Stopped) in
        for n in 0..<10 {
          try b.withLock { () throws(Stopped) in
            let isSignalled = try changed.wait(timeout: .milliseconds(13))
            log.note("\(runtime.now.nanoseconds) second \(n) \(isSignalled)")
            try a.withLock { () throws(Stopped) in }
          }
        }
      }
      let third = try runtime.spawn("third") { () throws(Stopped) in
        while let n = try channel.receive() { log.note("\(runtime.now.nanoseconds) third \(n)") }
      }
      for thread in [first, second, third] { try thread.join() }
    }
  }

  static func run(_ carrier: CarrierKind, seed: UInt64, pool: StackPool) -> (Simulation.Result, [String]) {
    let log = Journal()
    let simulation = Simulation(schedule: .explore(CoinStrategy()), seed: seed, carrier: carrier)
    let result = simulation.run(disk: MemoryDisk(), pool: pool, main: program(log))
    return (result, log.all)
  }

  @Test func `Both carriers give the same run`() {
    let pool = StackPool()
    var deadlocks = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      let (fibers, fiberLog) = Self.run(.fibers, seed: seed, pool: pool)
      let (threads, threadLog) = Self.run(.threads, seed: seed, pool: pool)
      #expect(fibers.recording == threads.recording)
      #expect(fibers.steps == threads.steps && fibers.switches == threads.switches)
      #expect(fibers.ended == threads.ended)
      #expect(fibers.incidents.map(\.summary) == threads.incidents.map(\.summary))
      #expect(fiberLog == threadLog && !fiberLog.isEmpty)
      deadlocks += threads.incidents.isEmpty ? 0 : 1
    }
    #expect(deadlocks > 3 && deadlocks < 60)
    // Four threads and no more, however many runs: workers and stacks are reused.
    #expect(pool.workersMade == 4)
  }

  @Test func `A recording of one carrier replays on the other`() {
    let pool = StackPool()
    for (from, to) in [(CarrierKind.fibers, CarrierKind.threads), (.threads, .fibers)] {
      let (run, log) = Self.run(from, seed: 7, pool: pool)
      let again = Journal()
      let replayed = Simulation(schedule: .replay(run.recording), seed: 99, carrier: to).run(
        disk: MemoryDisk(), pool: pool, main: Self.program(again))
      #expect(again.all == log)
      #expect(replayed.unusedLines == 0 && replayed.recording == run.recording)
    }
  }

  /// How many objects of it are alive.
  final class Count: Sendable { let alive = Atomic<Int>(0) }

  final class Counted: Sendable {
    private let count: Count

    init(_ count: Count) {
      self.count = count
      count.alive.add(1, ordering: .relaxed)
    }

    deinit { count.alive.subtract(1, ordering: .relaxed) }
  }

  @Test(arguments: CarrierKind.allCases)
  func `A stopped run unwinds and leaves nothing`(carrier: CarrierKind) {
    let pool = StackPool()
    let count = Count()
    var deadlocks = 0
    for seed in 1...100 as ClosedRange<UInt64> {
      let result = Simulation(schedule: .explore(CoinStrategy()), seed: seed, carrier: carrier).run(
        disk: MemoryDisk(), pool: pool
      ) { runtime throws(Stopped) in
        let locks = [Lock(runtime, "a"), Lock(runtime, "b")]
        let threads = try Self.spawnOpposite(locks, count, runtime)
        for thread in threads { try thread.join() }
      }
      deadlocks += result.incidents.isEmpty ? 0 : 1
      #expect(result.leakedThreads == 0)
    }
    #expect(deadlocks > 5)
    #expect(pool.workersMade == (carrier == .fibers && cp_can_switch_stacks() ? 0 : 3))
    #expect(count.alive.load(ordering: .relaxed) == 0)
  }

  private static func spawnOpposite(_ locks: [Lock], _ count: Count, _ runtime: Runtime) throws(Stopped)
    -> [ThreadHandle]
  {
    var threads: [ThreadHandle] = []
    for n in 0..<2 {
      threads.append(
        try runtime.spawn("t\(n)") { () throws(Stopped) in
          let kept = Counted(count)
          for _ in 0..<5 {
            try locks[n].withLock { () throws(Stopped) in
              try locks[1 - n].withLock { () throws(Stopped) in withExtendedLifetime(kept) {} }
            }
          }
        })
    }
    return threads
  }

  @Test func `A thread that swallows the stop is parked on its own OS thread`() {
    let pool = StackPool()
    let result = Simulation(carrier: .threads).run(disk: MemoryDisk(), pool: pool) { runtime throws(Stopped) in
      try runtime.spawn("deaf") { () throws(Stopped) in
        while true { do throws(Stopped) { try runtime.sleep(.seconds(1)) } catch {} }
      }
      try runtime.sleep(.seconds(5))
    }
    #expect(result.leakedThreads == 1)
    #expect(result.ended == .simulationEpoch + .seconds(5))
    // Its OS thread is not lent again.
    let (next, _) = Self.run(.threads, seed: 1, pool: pool)
    #expect(next.leakedThreads == 0 && pool.workersMade == 5)
  }

  @Test func `Parked OS threads walk their stacks too`() throws {
    let frames = CarrierKind.allCases.map { carrier in
      let seen = Mutex<[ThreadSnapshot]>([])
      _ = Simulation(carrier: carrier).run(
        disk: MemoryDisk(),
        onIncident: { _, view in
          seen.withLock { $0 = view.threads(stacks: true) }
          return .stop
        },
        main: { runtime throws(Stopped) in
          let lock = Lock(runtime, "budget")
          let holder = try runtime.spawn("holder") { () throws(Stopped) in
            try lock.withLock { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
          }
          try holder.join()
        })
      return seen.withLock { $0 }
    }
    #expect(frames[0].map(\.name) == ["main", "holder"] && frames[1].map(\.name) == ["main", "holder"])
    for (fiber, thread) in zip(frames[0], frames[1]) {
      #expect(fiber.state == thread.state)
      #expect(fiber.frames.count > 4 && fiber.frames.count == thread.frames.count)
    }
  }
}
