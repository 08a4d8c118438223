import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import ChaosRuntime

@Suite struct ScheduleTraceTests {
  static func run(
    seed: UInt64, _ detail: ScheduleTrace.Detail, carrier: CarrierKind = .fibers, rounds: Int = 700,
    extra: Duration = .zero
  ) -> Simulation.Result {
    var simulation = Simulation(schedule: .explore(CoinStrategy()), seed: seed, carrier: carrier)
    simulation.tracing = detail
    return simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "budget")
      let first = try runtime.spawn("first") { () throws(Stopped) in
        for round in 0..<rounds {
          try lock.withLock { () throws(Stopped) in try runtime.yield() }
          if round == 600 { try runtime.sleep(.milliseconds(5) + extra) }
        }
      }
      let second = try runtime.spawn("second") { () throws(Stopped) in
        for _ in 0..<rounds { try lock.withLock { () throws(Stopped) in } }
      }
      try first.join()
      try second.join()
    }
  }

  @Test func `A run has one hash on both carriers and another seed another`() throws {
    let a = Self.run(seed: 1, .hash)
    let b = Self.run(seed: 1, .hash, carrier: .threads)
    let c = Self.run(seed: 2, .hash)
    #expect(a.trace == b.trace)
    #expect(a.trace?.steps == a.steps && a.steps > 3 * 1024)
    #expect(a.trace?.checkpoints.count == a.steps / 1024)
    #expect(a.trace?.hash != c.trace?.hash)
    #expect(Self.run(seed: 1, .off).trace == nil)
  }

  @Test func `Tracing changes no choice`() {
    let plain = Self.run(seed: 3, .off)
    let traced = Self.run(seed: 3, .lines(1..<100))
    #expect(plain.recording == traced.recording && plain.steps == traced.steps && plain.ended == traced.ended)
    #expect(traced.trace?.lines.count == 99)
    #expect(traced.trace?.lines.first == "step 1  0 ns  main  spawn  runnable []")
  }

  @Test func `A difference is found in its block`() throws {
    let a = try #require(Self.run(seed: 1, .hash).trace)
    let b = try #require(Self.run(seed: 1, .hash, extra: Duration(nanoseconds: 1)).trace)
    let block = try #require(a.firstDifferentBlock(from: b))
    #expect(block.lowerBound > 1 && block.count == 1024)
    let lines = [Duration.zero, Duration(nanoseconds: 1)].map { extra in
      Self.run(seed: 1, .lines(block), extra: extra).trace?.lines ?? []
    }
    let at = try #require(zip(lines[0], lines[1]).enumerated().first { $0.element.0 != $0.element.1 })
    #expect(at.offset > 0)
    #expect(a.firstDifferentBlock(from: a) == nil)
  }

  @Test func `A run that ends earlier differs in its last block`() throws {
    let a = try #require(Self.run(seed: 1, .hash, rounds: 10).trace)
    let b = try #require(Self.run(seed: 1, .hash, rounds: 11).trace)
    #expect(a.firstDifferentBlock(from: b) == 1..<1025)
  }

  @Test func `The step limit holds under a trace`() {
    var simulation = Simulation(stepsMax: 100)
    simulation.tracing = .hash
    let result = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in while true { try runtime.yield() } }
    #expect(result.incidents.map(\.kind) == [.livelock])
    #expect(result.trace?.steps == 100 + 4096)
  }
}
