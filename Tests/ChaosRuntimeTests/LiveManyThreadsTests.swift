import Basics
import ChaosRuntime
import Foundation
import TestSupport
import Testing

/// In a process of its own: whoever else ran a thread meanwhile would not be watched.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveManyThreadsTests {
  /// The registry lists 1,024 threads; what is beyond runs unlisted.
  @Test func `Threads beyond the registry run unlisted`() async {
    await #expect(processExitsWith: .success) {
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
      for (n, thread) in threads.enumerated() where n % 2 == 1 {
        let hasEnded = try thread.join(timeout: .seconds(30))
        precondition(hasEnded, "a thread has not ended")
      }
      precondition(arrived == count, "all arrived")
      precondition(threads.count { $0.isFinished } == count / 2, "the others sleep")
      precondition(runtime.unlistedThreadCount >= count - 1024, "those beyond the table are counted")
      precondition(runtime.stop(limit: .seconds(30)) == 0, "all heard the stop")
      // Their records serve others.
      let later = liveRuntime()
      for n in 0..<50 { try later.spawn("later-\(n)") { () throws(Stopped) in }.join() }
      precondition(later.unlistedThreadCount == 0, "the table has room again")
      precondition(later.stop() == 0, "nobody is left")
      exit(0)
    }
  }
}
