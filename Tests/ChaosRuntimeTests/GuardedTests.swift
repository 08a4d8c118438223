import Basics
import ChaosRuntime
import Glibc
import Synchronization
import Testing

/// State that only its lock gives out.
@Suite struct GuardedTests {
  @Test func `Whoever has the lock has the state, and nobody else meanwhile`() {
    let totals = Mutex<[Int]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let count = Guarded(Lock(runtime, "count"), 0)
      let threads = try (0..<3).map { number throws(Stopped) in
        try runtime.spawn("adder-\(number)") { () throws(Stopped) in
          try count.withLock { count throws(Stopped) in
            let before = count
            try runtime.sleep(.milliseconds(10))
            count = before + 1
          }
        }
      }
      for thread in threads { try thread.join() }
      try count.lock.withLock { totals.withLock { $0.append(count.held) } }
    }
    #expect(totals.withLock { $0 } == [3])
  }

  @Test func `State is not read past its lock`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
        let count = Guarded(Lock(runtime, "budget"), 0)
        try runtime.spawn("reader") { () throws(Stopped) in _ = count.held }.join()
      }
      exit(0)
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("lock 'budget' is read through by thread 'reader', which does not hold it"))
  }
}
