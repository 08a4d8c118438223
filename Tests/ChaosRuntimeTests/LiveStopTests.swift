import Basics
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

/// Each scene is repeated, since a stop that misses a waiter does so by chance.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveStopTests {
  static let rounds = 200

  /// Runs `body` on threads, stops once all have begun, and expects every one to have been told.
  private func expectStopped(
    threads: Int = 3, _ make: (Runtime) -> @Sendable () throws(Stopped) -> Void, _ at: SourceLocation = #_sourceLocation
  ) throws {
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let body = make(runtime)
      let begun = Counter()
      let told = Counter()
      for n in 0..<threads {
        try runtime.spawn("waiter-\(n)") { () throws(Stopped) in
          begun.add()
          do throws(Stopped) { try body() } catch {
            told.add()
            throw error
          }
        }
      }
      // Odd rounds stop at once, even ones when all threads have begun: before, in and after the first wait.
      if round % 2 == 0 { try begun.wait(for: threads, in: runtime) }
      #expect(runtime.stop() == 0, "round \(round)", sourceLocation: at)
      #expect(told.value == threads, "round \(round)", sourceLocation: at)
      #expect(runtime.threadStates.allSatisfy { $0.isFinished }, sourceLocation: at)
    }
  }

  @Test func `Stop wakes sleepers`() throws {
    try expectStopped { runtime in { () throws(Stopped) in try runtime.sleep(.seconds(600)) } }
  }

  @Test func `Stop wakes those who wait for a condition`() throws {
    try expectStopped { runtime in
      let lock = Lock(runtime, "l")
      let never = Condition(lock, "never")
      return { () throws(Stopped) in
        try lock.lock()
        defer { lock.unlock() }
        while true { try never.wait() }
      }
    }
  }

  @Test func `Stop wakes timed waits`() throws {
    try expectStopped { runtime in
      let lock = Lock(runtime, "l")
      let never = Condition(lock, "never")
      return { () throws(Stopped) in
        try lock.lock()
        defer { lock.unlock() }
        while true { try never.wait(timeout: .seconds(600)) }
      }
    }
  }

  @Test func `Stop wakes receivers and senders`() throws {
    try expectStopped { runtime in
      let channel = Channel<Int>(runtime, "numbers", capacity: 1)
      return { () throws(Stopped) in while true { _ = try channel.receive(timeout: .seconds(600)) } }
    }
    try expectStopped { runtime in
      let channel = Channel<Int>(runtime, "numbers", capacity: 1)
      return { () throws(Stopped) in while true { try channel.send(1) } }
    }
  }

  @Test func `Stop wakes timers and yielding loops`() throws {
    try expectStopped { runtime in
      let timer = Timer(runtime, "ticker", every: .seconds(600))
      return { () throws(Stopped) in while try timer.next() {} }
    }
    try expectStopped { runtime in { () throws(Stopped) in while true { try runtime.yield() } } }
  }

  @Test func `Stop wakes those who wait for a lock`() throws {
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let lock = Lock(runtime, "l")
      let (begun, told, taken) = (Counter(), Counter(), Counter())
      try runtime.spawn("holder") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in
          begun.add()
          try runtime.sleep(.seconds(600))
        }
      }
      try begun.wait(for: 1, in: runtime)
      for n in 0..<3 {
        try runtime.spawn("waiter-\(n)") { () throws(Stopped) in
          begun.add()
          do throws(Stopped) { try lock.withLock { () throws(Stopped) in taken.add() } } catch { told.add() }
        }
      }
      if round % 2 == 0 { try begun.wait(for: 4, in: runtime) }
      #expect(runtime.stop() == 0, "round \(round)")
      #expect(told.value == 3 && taken.value == 0, "round \(round)")
    }
  }

  @Test func `Stop wakes those who join`() throws {
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let sleeper = try runtime.spawn("sleeper") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
      let begun = Counter()
      let joiner = try runtime.spawn("joiner") { () throws(Stopped) in
        begun.add()
        try sleeper.join()
      }
      try begun.wait(for: 1, in: runtime)
      #expect(runtime.stop() == 0, "round \(round)")
      #expect(sleeper.isFinished && joiner.isFinished)
    }
  }

  @Test func `A wait takes its lock back before it throws`() throws {
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let lock = Lock(runtime, "l")
      let never = Condition(lock, "never")
      let journal = Journal()
      let waiting = Atomic<Bool>(false)
      let held = Atomic<Bool>(false)
      try runtime.spawn("waiter") { () throws(Stopped) in
        try lock.lock()
        defer { lock.unlock() }
        waiting.store(true, ordering: .releasing)
        do throws(Stopped) { while true { try never.wait() } } catch {
          journal.note("thrown")
          throw error
        }
      }
      try runtime.spawn("holder") { () throws(Stopped) in
        while !waiting.load(ordering: .acquiring) { sched_yield() }
        try lock.lock()
        defer { lock.unlock() }
        held.store(true, ordering: .releasing)
        // Deaf to the stop while it holds the lock; long enough for the waiter to be woken.
        while !runtime.isStopping { sched_yield() }
        for _ in 0..<50 { sched_yield() }
        journal.note("about to unlock")
      }
      while !held.load(ordering: .acquiring) { sched_yield() }
      #expect(runtime.stop() == 0, "round \(round)")
      #expect(journal.all == ["about to unlock", "thrown"], "round \(round)")
    }
  }

  /// A request is made once and never repeated: whoever is between a look and a sleep must hear of it all the same.
  @Test(arguments: ["sleep", "condition", "lock", "join"]) func `A request is missed by nobody`(kind: String) throws {
    for round in 0..<(Self.rounds / 2) {
      let runtime = liveRuntime()
      let lock = Lock(runtime, "l")
      let never = Condition(Lock(runtime, "c"), "never")
      if kind == "lock" { try lock.lock() }
      let sleeper = try runtime.spawn("sleeper") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
      let begun = Counter()
      let threads = try (0..<3).map { n in
        try runtime.spawn("waiter-\(n)") { () throws(Stopped) in
          begun.add()
          switch kind {
          case "sleep": try runtime.sleep(.seconds(600))
          case "condition": try never.lock.withLock { () throws(Stopped) in _ = try never.wait(timeout: .seconds(600)) }
          case "lock": try lock.withLock { () throws(Stopped) in }
          default: try sleeper.join(timeout: .seconds(600))
          }
        }
      }
      while begun.value < 1 + round % 3 { sched_yield() }
      runtime.requestStop()
      let deadline = runtime.now + .seconds(20)
      while threads.contains(where: { !$0.isFinished }), runtime.now < deadline { sched_yield() }
      #expect(threads.allSatisfy { $0.isFinished }, "round \(round)")
      #expect(runtime.stop() == 0, "round \(round)")
      if kind == "lock" { lock.unlock() }
    }
  }

  @Test func `After the stop every primitive throws and unlock stays real`() throws {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "l")
    let condition = Condition(lock, "c")
    let channel = Channel<Int>(runtime, "numbers", capacity: 1)
    try lock.lock()
    runtime.requestStop()
    #expect(runtime.isStopping)
    #expect(throws: Stopped.self) { try condition.wait(timeout: .seconds(600)) }
    lock.unlock()
    #expect(throws: Stopped.self) { try lock.lock() }
    #expect(throws: Stopped.self) { try runtime.sleep(.zero) }
    #expect(throws: Stopped.self) { try runtime.yield() }
    #expect(throws: Stopped.self) { try channel.send(1) }
    #expect(throws: Stopped.self) { try channel.receive() }
    #expect(throws: Stopped.self) { try runtime.spawn("late") { () throws(Stopped) in } }
    #expect(runtime.stop() == 0)
  }

  @Test func `A thread that is deaf to the stop is counted`() throws {
    let runtime = liveRuntime()
    let isReleased = Atomic<Bool>(false)
    let thread = try runtime.spawn("deaf") { () throws(Stopped) in
      while !isReleased.load(ordering: .acquiring) { usleep(100) }
    }
    #expect(runtime.stop(limit: .milliseconds(20)) == 1)
    isReleased.store(true, ordering: .releasing)
    while !thread.isFinished { sched_yield() }
    #expect(runtime.stop() == 0)
  }
}
