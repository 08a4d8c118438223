import Basics
import ChaosRuntime
import Glibc
import Testing

/// Keeps every frame: nothing of it is a tail call.
@inline(never) private func descend(_ depth: Int) -> Int {
  withUnsafeTemporaryAllocation(of: Int.self, capacity: 64) { buffer in
    buffer.initialize(repeating: depth)
    return depth < 0 ? 0 : descend(depth + 1) + buffer[depth & 63]
  }
}

@Suite struct StackOverflowTests {
  @Test(arguments: CarrierKind.allCases) func `An overflow names the simulated thread and ends with 70`(
    carrier: CarrierKind
  )
    async throws
  {
    let result = await #expect(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      [name = carrier.rawValue as String] in
      let simulation = Simulation(carrier: CarrierKind(rawValue: name) ?? .fibers)
      _ = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
        let deep = try runtime.spawn("outer") { () throws(Stopped) in
          try runtime.spawn("deep") { () throws(Stopped) in
            if descend(1) == 0 { runtime.landmark("impossible") }
          }.join()
        }
        try deep.join()
      }
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      said.contains("chaos: stack overflow in the simulated thread 'outer/deep': its 512 KiB are used up"), "\(said)")
  }

  /// The report of an overflow leaves every other fault to whoever had it before.
  @Test func `Another fault is still a fault`() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      setenv("SWIFT_BACKTRACE", "enable=no", 1)
      _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
        UnsafeMutablePointer<Int>(bitPattern: 4096)?.pointee = 1
      }
    }
  }
}
