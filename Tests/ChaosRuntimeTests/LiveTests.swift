import Basics
import ChaosRuntime
import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveTests {
  @Test func `A lock lets one thread in`() throws {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "l")
    nonisolated(unsafe) var count = 0
    let threads = try (0..<4).map { n in
      try runtime.spawn("adder-\(n)") { () throws(Stopped) in
        for _ in 0..<5000 { try lock.withLock { () throws(Stopped) in count += 1 } }
      }
    }
    for thread in threads { try thread.join() }
    #expect(count == 20_000)
    #expect(runtime.stop() == 0)
  }

  /// An exchange and an engine are two processes, and what one has done is looked up in what the other wrote down.
  @Test func `Two live runtimes without an epoch tell the same time of day, however slowly they were made`() {
    func made() -> Runtime {
      func disk() -> MemoryDisk {
        usleep(2000)
        return MemoryDisk()
      }
      return Runtime(live: nil, disk: disk(), choices: Choices(.seeded(1)))
    }
    let (one, other) = (made(), made())
    for _ in 0..<1000 {
      let (before, between, after) = (one.now, other.now, one.now)
      let microsecond = Duration.nanoseconds(1000)
      guard before <= between + microsecond, between <= after + microsecond else {
        Issue.record("\(before) \(between) \(after)")
        return
      }
    }
  }

  @Test func `A condition hands over in turns`() throws {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "l")
    let changed = Condition(lock, "turn")
    let journal = Journal()
    nonisolated(unsafe) var turn = 0
    let threads = try (0..<2).map { me in
      try runtime.spawn("player-\(me)") { () throws(Stopped) in
        for _ in 0..<200 {
          try lock.lock()
          defer { lock.unlock() }
          while turn != me { try changed.wait() }
          journal.note("\(me)")
          turn = 1 - me
          changed.broadcast()
        }
      }
    }
    for thread in threads { try thread.join() }
    #expect(journal.all == (0..<400).map { "\($0 % 2)" })
    #expect(runtime.stop() == 0)
  }

  @Test func `A wait ends when its time is up and holds the lock again`() throws {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "l")
    let never = Condition(lock, "never")
    try lock.lock()
    let start = runtime.now
    while try never.wait(timeout: .milliseconds(5)) {}
    #expect(runtime.now - start >= .milliseconds(5))
    let isFree = try runtime.spawn("other") { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
    #expect(try isFree.join(timeout: .milliseconds(5)) == false)
    lock.unlock()
    try isFree.join()
    try lock.withLock { () throws(Stopped) in
      while try never.wait(until: runtime.now + .milliseconds(1)) {}
    }
    #expect(runtime.stop() == 0)
  }

  @Test func `A channel keeps order and bound`() throws {
    let runtime = liveRuntime()
    let channel = Channel<Int>(runtime, "numbers", capacity: 3)
    let sender = try runtime.spawn("sender") { () throws(Stopped) in
      for n in 0..<1000 { try channel.send(n) }
      try channel.close()
    }
    var received: [Int] = []
    while let n = try channel.receive() {
      #expect(channel.count <= 3)
      received.append(n)
    }
    try sender.join()
    #expect(received == Array(0..<1000))
    #expect(try channel.offer(1) == false)
    #expect(try channel.send(1, after: .zero) == false)
    #expect(try channel.receive() == nil)
    #expect(runtime.stop() == 0)
  }

  @Test func `A channel delivers later what is due later`() throws {
    let runtime = liveRuntime()
    let channel = Channel<Int>(runtime, "numbers", capacity: 3)
    let start = runtime.now
    try channel.send(2, after: .milliseconds(400))
    try channel.send(1, after: .milliseconds(300))
    try channel.send(3, after: .milliseconds(400))
    #expect(try channel.receive(timeout: .milliseconds(1)) == nil)
    #expect(try channel.receive(timeout: .seconds(30)) == 1)
    #expect(try channel.receive(timeout: .seconds(30)) == 2)
    #expect(runtime.now - start >= .milliseconds(400))
    #expect(try channel.receive(timeout: .seconds(30)) == 3)
    #expect(runtime.stop() == 0)
  }

  @Test func `A full channel refuses an offer`() throws {
    let runtime = liveRuntime()
    let channel = Channel<Int>(runtime, "numbers", capacity: 2)
    #expect(try [channel.offer(1), channel.offer(2), channel.offer(3)] == [true, true, false])
    #expect(try channel.receive() == 1)
    #expect(try channel.offer(4))
    #expect(try [channel.receive(), channel.receive()] == [2, 4])
    #expect(runtime.stop() == 0)
  }

  @Test func `A timer ticks without drift until it is cancelled`() throws {
    let runtime = liveRuntime()
    let start = runtime.now
    let timer = Timer(runtime, "ticker", every: .milliseconds(3))
    for tick in 1...5 {
      #expect(try timer.next())
      #expect(runtime.now - start >= .milliseconds(3 * tick))
    }
    let waiting = Counter()
    let thread = try runtime.spawn("waiter") { () throws(Stopped) in
      while try timer.next() { waiting.add() }
    }
    try waiting.wait(for: 2, in: runtime)
    try timer.cancel()
    try thread.join()
    #expect(try timer.next() == false)
    #expect(runtime.stop() == 0)
  }

  @Test func `Joining waits for the end`() throws {
    let runtime = liveRuntime()
    let gate = Channel<Int>(runtime, "gate", capacity: 1)
    let thread = try runtime.spawn("thread") { () throws(Stopped) in _ = try gate.receive() }
    #expect(try thread.join(timeout: .milliseconds(2)) == false)
    #expect(!thread.isFinished)
    #expect(runtime.threadStates.map(\.name) == ["thread"])
    try gate.send(1)
    #expect(try thread.join())
    #expect(thread.isFinished)
    #expect(try thread.join(timeout: .zero))
    #expect(runtime.threadStates.map(\.isFinished) == [true])
    #expect(runtime.stop() == 0)
  }

  @Test func `Sleeping takes at least its time`() throws {
    let runtime = liveRuntime()
    for milliseconds in [0, 1, 3] {
      let start = runtime.now
      try runtime.sleep(.milliseconds(milliseconds))
      #expect(runtime.now - start >= .milliseconds(milliseconds))
    }
    #expect(runtime.stop() == 0)
  }

  @Test func `A thread knows its name`() throws {
    let runtime = liveRuntime()
    let journal = Journal()
    try runtime.spawn("named") { () throws(Stopped) in journal.note(runtime.threadName) }.join()
    #expect(journal.all == ["named"])
    #expect(runtime.stop() == 0)
  }

  @Test func `Activities beyond their limit are kept`() throws {
    let runtime = liveRuntime()
    try runtime.activity("quick", limit: .seconds(60)) { () throws(Stopped) in }
    try runtime.activity("slow", limit: .milliseconds(1)) { () throws(Stopped) in try runtime.sleep(.milliseconds(2)) }
    try runtime.activity("beating", limit: .seconds(1)) { () throws(Stopped) in
      try runtime.sleep(.milliseconds(1))
      runtime.beat()
    }
    #expect(runtime.overdueActivities.map(\.activity) == ["slow"])
    #expect(runtime.overdueActivities.allSatisfy { $0.took >= .milliseconds(2) && $0.limit == .milliseconds(1) })
    #expect(runtime.stop() == 0)
  }

  @Test func `Landmarks are counted in the order of their first time`() throws {
    let runtime = liveRuntime()
    for _ in 0..<3 { runtime.landmark("b") }
    runtime.landmark("a")
    runtime.landmark("b")
    #expect(runtime.landmarks.map(\.name) == ["b", "a"])
    #expect(runtime.landmarks.map(\.count) == [4, 1])
  }

  @Test func `Notes are kept by name`() throws {
    let runtime = liveRuntime()
    let pending = runtime.notes.add("pending")
    runtime.notes.set(pending, to: 7)
    #expect(runtime.notes.add("pending") == pending)
    for n in 1..<64 { #expect(runtime.notes.add("note \(n)") != nil) }
    #expect(runtime.notes.add("one too many") == nil)
    runtime.notes.set(nil, to: 9)
    #expect(runtime.notes.all.count == 64)
    #expect(runtime.notes.all.first.map { $0 == ("pending", "7") } == true)
  }

  @Test func `A text note is read whole while others write it`() {
    let notes = liveRuntime().notes
    let line = notes.add("last line", isText: true)
    notes.set(line, to: String(repeating: "a", count: 300))
    #expect(notes.all.first?.value == String(repeating: "a", count: Notes.textMax))
    DispatchQueue.concurrentPerform(iterations: 4) { number in
      for round in 0..<2000 {
        if number < 2 {
          notes.set(line, to: String(repeating: number == 0 ? "b" : "c", count: 1 + round % 240))
        } else {
          #expect(Set(notes.all[0].value).count <= 1)
        }
      }
    }
    notes.set(notes.add("number"), to: "no text")
    #expect(notes.all[1].value == "0")
  }

  @Test func `An interposer sees every operation`() throws {
    let runtime = liveRuntime()
    let witness = Witness()
    runtime.install(witness)
    try touchEverything(runtime)
    #expect(witness.journal.all.filter { everyHook.contains($0) } == everyHook)
    #expect(runtime.stop() == 0)
  }

  @Test func `A lock taken twice is reported as a circle of one`() throws {
    let runtime = liveRuntime()
    let cycles = Mutex<[[UInt32]]>([])
    runtime.onLiveCycle { slots in cycles.withLock { $0.append(slots) } }
    let lock = Lock(runtime, "l")
    let journal = Journal()
    let thread = try runtime.spawn("greedy") { () throws(Stopped) in
      do throws(Stopped) {
        try lock.lock()
        defer { lock.unlock() }
        try lock.lock()
        journal.note("taken twice")
      } catch { journal.note("stopped") }
    }
    while cycles.withLock({ $0.isEmpty }) { try runtime.sleep(.microseconds(100)) }
    #expect(cycles.withLock { $0.first?.count } == 1)
    #expect(runtime.stop() == 0)
    #expect(thread.isFinished)
    #expect(journal.all == ["stopped"])
  }
}
