import Basics
import ChaosRuntime
import Glibc
import TestSupport
import Testing

@testable import Watchdog

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveWatchdogTests {
  @Test(arguments: [2, 3, 5]) func `A ring is found and dumped and unwound`(count: Int) throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let note = runtime.notes.add("intents pending")
    runtime.notes.set(note, to: 7)
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(count, in: runtime)
    #expect(reports.wait(for: 1))
    let left = runtime.stop()
    watchdog.stop()
    #expect(left == 0)
    let incident = try #require(reports.all.first)
    #expect(reports.all.count == 1)
    #expect(incident.kind == .deadlock)
    #expect(Set(incident.threads) == Set((0..<count).map { "engine-\($0)" }))
    #expect(Set(incident.locks) == Set((0..<count).map { "engine-lock-\($0)" }))
    #expect(incident.cycle.allSatisfy { $0.takenAt.hasPrefix("WatchdogTests/LiveScenes.swift:") })
    #expect(incident.cycle.allSatisfy { $0.waitsAt.hasPrefix("WatchdogTests/LiveScenes.swift:") })
    let text = contents(scratch.dump)
    #expect(text.hasPrefix("STACKDUMP v1  pid \(getpid())  threads "))
    #expect(text.hasSuffix("\nEND complete\n"))
    #expect(text.contains("REASON DEADLOCK"))
    #expect(text.contains("CYCLE  (\(count) threads, proven"))
    #expect(text.contains("symbols: raw (finish with: chaos symbolize \(scratch.dump))"))
    #expect(text.contains("NOTES\n  intents pending: 7\n"))
    #expect(text.contains("\nPROCESS\n  /") && text.contains("\nNEXT\n  what it means: chaos doctor \(scratch.dump)\n"))
    #expect(text.contains("  last progress "))
    for i in 0..<count {
      #expect(text.contains("THREAD engine-\(i)  tid "))
      #expect(text.contains("holds \"engine-lock-\(i)\" taken at WatchdogTests/LiveScenes.swift:"))
      #expect(text.contains("BLOCKED, waits for \"engine-lock-\(i)\" for "))
      #expect(text.contains("  waiters 1: engine-\(i) (tid "))
    }
    #expect(scratch.files == ["stackdump.txt"])
    let dump = try #require(watchdog.dumps.first)
    #expect(dump.error == 0 && !dump.isSymbolized && dump.fingerprint == incident.fingerprint)
  }

  @Test func `A thread that takes its own lock twice is a deadlock of one`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    let lock = Lock(runtime, "mine")
    try runtime.spawn("selfish") { () throws(Stopped) in
      try lock.withLock { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
    }
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(contents(scratch.dump).contains("CYCLE  (1 thread, proven"))
  }

  @Test func `A hang is blamed on the end of the chain and idle waits are not`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let lock = Lock(runtime, "budget")
    let idleLock = Lock(runtime, "queue")
    let never = Condition(idleLock, "queue not empty")
    let meeting = Meeting()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try runtime.spawn("idle") { () throws(Stopped) in
      try idleLock.withLock { () throws(Stopped) in while true { try never.wait() } }
    }
    try runtime.spawn("holder") { () throws(Stopped) in
      try lock.withLock { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try runtime.sleep(.seconds(600))
      }
    }
    try runtime.spawn("persist") { () throws(Stopped) in
      try meeting.arrive(of: 2, in: runtime)
      try runtime.activity("state.save", limit: .milliseconds(200)) { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in }
      }
    }
    #expect(reports.wait(for: 1))
    usleep(300_000)
    #expect(runtime.stop() == 0)
    watchdog.stop()
    let incident = try #require(reports.all.first)
    #expect(reports.all.count == 1)
    #expect(incident.kind == .hang)
    #expect(incident.threads == ["holder"])
    #expect(incident.locks == ["budget"])
    #expect(incident.activity == "state.save")
    #expect((incident.waited ?? .zero) > .milliseconds(200))
    let text = contents(scratch.dump)
    #expect(text.contains("REASON HANG: no progress in an activity beyond its limit\n  persist (tid "))
    #expect(text.contains(" is in 'state.save' for "))
    #expect(text.contains("without progress, limit 200.000 ms\n  stuck: holder (tid "))
    #expect(text.contains("CHAIN  "))
    #expect(text.contains("verdict: STUCK, sleeps for "))
    #expect(text.contains("verdict: IDLE, waits for \"queue not empty\" for "))
    #expect(text.hasSuffix("\nEND complete\n"))
  }

  @Test func `An incident beyond the eighth is reported without a dump and counted`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .milliseconds(100))
    for number in 0..<9 {
      try runtime.spawn("caller-\(number)") { () throws(Stopped) in
        try runtime.activity("exchange.call") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
      }
    }
    #expect(reports.wait(for: 9))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(Set(reports.all.flatMap(\.threads)).count == 9)
    #expect(reports.all.count { $0.summary.hasSuffix(" (no dump: 8 were written before)") } == 1)
    #expect(watchdog.undumpedCount == 1)
    #expect(watchdog.dumps.count == 8 && scratch.files.count == 8)
  }

  @Test func `The override replaces an activitys own limit`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .milliseconds(150))
    try runtime.spawn("caller") { () throws(Stopped) in
      try runtime.activity("exchange.call") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
    }
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.first?.activity == "exchange.call")
    let text = contents(scratch.dump)
    #expect(text.contains("without progress, limit 150.000 ms"))
    // The limit in force, in every place of the file.
    #expect(text.contains("  in 'exchange.call', last progress ") && !text.contains("60.000 s"))
  }

  @Test func `Progress keeps an activity alive`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .seconds(2))
    let worker = try runtime.spawn("worker") { () throws(Stopped) in
      try runtime.activity("drain") { () throws(Stopped) in
        for _ in 0..<30 {
          try runtime.sleep(.milliseconds(100))
          runtime.beat()
        }
      }
    }
    try worker.join()
    runtime.stop()
    watchdog.stop()
    #expect(reports.all.isEmpty)
    #expect(scratch.files.isEmpty)
  }

  @Test func `A healthy contended run writes no dump`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, tick: .milliseconds(1))
    let locks = (0..<4).map { Lock(runtime, "lock-\($0)") }
    var workers: [ThreadHandle] = []
    for i in 0..<8 {
      workers.append(
        try runtime.spawn("worker-\(i)") { () throws(Stopped) in
          for round in 0..<200_000 {
            let low = (i + round) % 3
            try runtime.activity("round", limit: .seconds(30)) { () throws(Stopped) in
              try locks[low].withLock { () throws(Stopped) in
                try locks[low + 1].withLock { () throws(Stopped) in }
              }
            }
          }
        })
    }
    for worker in workers { try worker.join() }
    runtime.stop()
    watchdog.stop()
    #expect(reports.all.isEmpty)
    #expect(scratch.files.isEmpty)
  }
}
