import Basics
import ChaosRuntime
import Exploration
import Synchronization
import Testing

/// A count behind a lock and a condition: a post that meets nobody is kept.
private final class Semaphore: Sendable {
  let lock: Lock
  let changed: Condition
  let count = Mutex(0)

  init(_ runtime: Runtime, _ name: String) {
    lock = Lock(runtime, "\(name) lock")
    changed = Condition(lock, name)
  }

  func post() throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      count.withLock { $0 += 1 }
      changed.signal()
    }
  }

  func take() throws(Stopped) {
    try lock.withLock { () throws(Stopped) in
      while count.withLock({ $0 }) == 0 { try changed.wait() }
      count.withLock { $0 -= 1 }
    }
  }
}

/// A signal is called lost only where nothing else explains that nothing can run.
@Suite struct LostSignalTests {
  static func incidents(
    noise: StrategyPlan.Noise = .none, _ body: @escaping @Sendable (Runtime) throws(Stopped) -> Void
  ) -> [Incident] {
    DetectionTests.reports(noise: noise, body).compactMap { $0.incidents.first }
  }

  /// One worker per task, and each task waits for a task of its own, which no worker is left to do.
  private static func pool(posts: Int) -> @Sendable (Runtime) throws(Stopped) -> Void {
    { runtime throws(Stopped) in
      let tasks = Semaphore(runtime, "tasks")
      let done = Semaphore(runtime, "done")
      // What was finished earlier, and fetched.
      for _ in 0..<posts { try done.post() }
      for _ in 0..<posts { try done.take() }
      var workers: [ThreadHandle] = []
      for number in 0..<2 {
        workers.append(
          try runtime.spawn("worker-\(number)") { () throws(Stopped) in
            try tasks.take()
            try tasks.post()
            try tasks.take()
            try done.take()
          })
      }
      try tasks.post()
      try tasks.post()
      for worker in workers { try worker.join() }
    }
  }

  @Test func `A pool that waits for itself has one name whether or not an earlier post met nobody`() {
    let without = Self.incidents(Self.pool(posts: 0))
    let with = Self.incidents(Self.pool(posts: 1)) + Self.incidents(Self.pool(posts: 3))
    #expect(without.count == 40 && with.count == 80)
    #expect(Set((without + with).map(\.kind)) == [.stuck])
    #expect(Set((without + with).map(\.fingerprint)).count == 1)
  }

  /// Each holds one permit and waits for the other's: a circle that no lock shows.
  @Test(arguments: [0, 1, 2])
  func `Two semaphores in opposite order are stuck whoever posted them`(posters: Int) {
    let found = Self.incidents { runtime throws(Stopped) in
      let both = [Semaphore(runtime, "left"), Semaphore(runtime, "right")]
      let fill: @Sendable () throws(Stopped) -> Void = { () throws(Stopped) in
        for semaphore in both { try semaphore.post() }
      }
      switch posters {
      case 0: for semaphore in both { semaphore.count.withLock { $0 = 1 } }
      case 1: try fill()
      default: try runtime.spawn("poster", fill).join()
      }
      let ready = Shared(runtime, "ready", 0)
      var threads: [ThreadHandle] = []
      for number in 0..<2 {
        threads.append(
          try runtime.spawn("thread-\(number)") { () throws(Stopped) in
            try both[number].take()
            try ready.set(try ready.get() + 1)
            try runtime.sleep(.milliseconds(1))
            try both[1 - number].take()
            try both[number].post()
            try both[1 - number].post()
          })
      }
      for thread in threads { try thread.join() }
    }
    #expect(Set(found.map(\.kind)) == [.stuck])
    #expect(found.count == 40)
    #expect(Set(found.map(\.fingerprint)).count == 1)
  }

  /// Two that wait without a look, a broadcast that may come first, and a thread that waits for one of them.
  @Test func `A broadcast that two missed is lost`() {
    let found = Self.incidents { runtime throws(Stopped) in
      let lock = Lock(runtime, "gate lock")
      let opened = Condition(lock, "gate")
      var threads: [ThreadHandle] = []
      for number in 0..<2 {
        threads.append(
          try runtime.spawn("guest-\(number)") { () throws(Stopped) in
            try runtime.sleep(.milliseconds(1))
            try lock.withLock { () throws(Stopped) in _ = try opened.wait() }
          })
      }
      try lock.withLock { () throws(Stopped) in opened.broadcast() }
      for thread in threads { try thread.join() }
    }
    #expect(found.count == 40)
    #expect(Set(found.map(\.kind)) == [.lostWakeup])
    #expect(Set(found.map(\.fingerprint)).count == 1)
    #expect(found[0].summary.contains("guest-1 waits for \"gate\", whose last signal, by main, came before the wait"))
  }

  /// What is awaited is known: there already, or not.
  @Test(arguments: [true, false])
  func `A predicate decides whether the signal was lost`(isThere: Bool) {
    let found = Self.incidents { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      let isReady = Mutex(false)
      try lock.withLock { () throws(Stopped) in changed.signal() }
      let waiter = try runtime.spawn("waiter") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in _ = try changed.wait { isReady.withLock { $0 } } }
      }
      try runtime.sleep(.milliseconds(1))
      if isThere { isReady.withLock { $0 = true } }
      try waiter.join()
    }
    #expect(found.count == 40)
    #expect(Set(found.map(\.kind)) == [isThere ? .lostWakeup : .stuck])
    if isThere { #expect(found[0].summary.hasSuffix("though what it waits for is there already")) }
  }

  /// Somebody else is blocked who may have been about to signal again.
  @Test func `A bystander that is blocked for another reason makes it a standstill`() {
    let found = Self.incidents { runtime throws(Stopped) in
      let lock = Lock(runtime, "lock")
      let changed = Condition(lock, "changed")
      let never = Semaphore(runtime, "never")
      let producer = try runtime.spawn("producer") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in changed.signal() }
        try never.take()
        try lock.withLock { () throws(Stopped) in changed.signal() }
      }
      try runtime.sleep(.milliseconds(1))
      try lock.withLock { () throws(Stopped) in _ = try changed.wait() }
      try producer.join()
    }
    #expect(Set(found.map(\.kind)) == [.stuck])
  }
}
