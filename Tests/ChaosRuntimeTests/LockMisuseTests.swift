import Basics
import ChaosRuntime
import Glibc
import Testing

/// A lock that the calling thread does not hold is neither given back nor waited with: the process ends and says why.
@Suite struct LockMisuseTests {
  @Test func `Live a lock of another thread is not given back`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let runtime = liveRuntime()
      let lock = Lock(runtime, "budget")
      let taken = Counter()
      try runtime.spawn("holder") { () throws(Stopped) in
        try lock.lock()
        taken.add()
        try runtime.sleep(.seconds(600))
      }
      try taken.wait(for: 1, in: runtime)
      try runtime.spawn("thief") { () throws(Stopped) in lock.unlock() }.join()
      exit(0)
    }
    try Self.expect(result, says: "lock 'budget' is given back by thread 'thief', which does not hold it")
  }

  @Test func `Live a free lock is not given back`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let runtime = liveRuntime()
      let lock = Lock(runtime, "budget")
      try lock.withLock { () throws(Stopped) in }
      lock.unlock()
      exit(0)
    }
    try Self.expect(result, says: "lock 'budget' is given back by thread 'thread-")
  }

  @Test func `Live a wait without its lock is refused`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let runtime = liveRuntime()
      let condition = Condition(Lock(runtime, "budget"), "budget changed")
      try runtime.spawn("waiter") { () throws(Stopped) in try condition.wait(timeout: .milliseconds(1)) }.join()
      exit(0)
    }
    try Self.expect(result, says: "lock 'budget' is waited with by thread 'waiter', which does not hold it")
  }

  @Test func `Simulated a lock of another thread is not given back`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
        let lock = Lock(runtime, "budget")
        try runtime.spawn("holder") { () throws(Stopped) in
          try lock.withLock { () throws(Stopped) in try runtime.sleep(.seconds(1)) }
        }
        try runtime.sleep(.milliseconds(1))
        try runtime.spawn("thief") { () throws(Stopped) in lock.unlock() }.join()
      }
      exit(0)
    }
    try Self.expect(result, says: "lock 'budget' is given back by thread 'thief', which does not hold it")
  }

  @Test func `Simulated a wait without its lock is refused`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
        let condition = Condition(Lock(runtime, "budget"), "budget changed")
        try runtime.spawn("waiter") { () throws(Stopped) in try condition.wait(timeout: .seconds(1)) }.join()
      }
      exit(0)
    }
    try Self.expect(result, says: "lock 'budget' is waited with by thread 'waiter', which does not hold it")
  }

  /// A wait that a stop ends does not hold its lock in a simulation; the unlock behind it is no mistake of the program.
  @Test(arguments: CarrierKind.allCases) func `An unlock after a stopped wait is no mistake`(carrier: CarrierKind) {
    let result = Simulation(carrier: carrier).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "budget")
      let never = Condition(lock, "never")
      for n in 0..<2 {
        try runtime.spawn("waiter-\(n)") { () throws(Stopped) in
          try lock.lock()
          defer { lock.unlock() }
          while true { try never.wait() }
        }
      }
      try runtime.sleep(.milliseconds(1))
    }
    #expect(result.incidents.isEmpty)
    #expect(result.leakedThreads == 0)
  }

  private static func expect(_ result: ExitTest.Result?, says text: String) throws {
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains(text), "\(said)")
  }
}
