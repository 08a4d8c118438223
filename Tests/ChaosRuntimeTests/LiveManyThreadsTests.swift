import Basics
import ChaosRuntime
import TestSupport
import Testing

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveManyThreadsTests {
  /// The registry lists 1,024 threads; what is beyond runs unlisted.
  @Test func `Threads beyond the registry run unlisted`() throws {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "l")
    let here = Condition(lock, "everybody is here")
    nonisolated(unsafe) var arrived = 0
    let count = 1100
    let threads = try (0..<count).map { n in
      try runtime.spawn("worker-\(n)") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in
          arrived += 1
          if arrived == count { here.broadcast() }
          try here.wait(until: { arrived == count })
        }
        if n % 2 == 0 { try runtime.sleep(.seconds(600)) }
      }
    }
    for (n, thread) in threads.enumerated() where n % 2 == 1 { #expect(try thread.join(timeout: .seconds(30))) }
    #expect(arrived == count)
    #expect(threads.count { $0.isFinished } == count / 2)
    #expect(runtime.stop(limit: .seconds(30)) == 0)
    // Their records serve others.
    let later = liveRuntime()
    for n in 0..<50 { try later.spawn("later-\(n)") { () throws(Stopped) in }.join() }
    #expect(later.stop() == 0)
  }
}
