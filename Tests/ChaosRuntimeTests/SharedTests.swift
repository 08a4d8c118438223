import Basics
import ChaosRuntime
import TestSupport
import Testing

@Suite struct SharedTests {
  /// Two threads add one each, by a read and a write.
  private func sum(seed: UInt64?) -> (value: Int, steps: Int, lines: [String]) {
    let final = Kept()
    let schedule: Schedule<any Strategy> = seed == nil ? .nominal : .explore(CoinStrategy())
    let result = Simulation(schedule: schedule, seed: seed ?? 1).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let value = Shared(runtime, "counter", 0)
      let body: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in try value.set(try value.get() + 1) }
      let threads = [try runtime.spawn("one", body), try runtime.spawn("two", body)]
      for thread in threads { try thread.join() }
      final.value = try value.get()
    }
    return (final.value, result.steps, result.recording.lines.map(\.site))
  }

  final class Kept: @unchecked Sendable { var value = 0 }

  @Test func `An update is lost in some schedule and not in the nominal one`() {
    #expect(sum(seed: nil).value == 2)
    let values = Set((1...50 as ClosedRange<UInt64>).map { sum(seed: $0).value })
    #expect(values == [1, 2])
  }

  @Test func `Every access is a scheduling point under the variables name`() {
    let sites = Set((1...50 as ClosedRange<UInt64>).flatMap { sum(seed: $0).lines })
    #expect(sites.contains("read counter"))
    #expect(sites.contains("write counter"))
  }

  @Test func `Live it is a plain variable`() throws {
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let value = Shared(runtime, "counter", 1)
    try value.set(try value.get() + 1)
    #expect(try value.get() == 2)
  }
}
