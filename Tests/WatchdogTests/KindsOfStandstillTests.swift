import Basics
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

/// What stops a program, beside two locks in the wrong order; and what does not.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct KindsOfStandstillTests {
  @Test func `A circle of a lock and the end of a thread`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    let lock = Lock(runtime, "state")
    let meeting = Meeting()
    let worker = try runtime.spawn("worker") { () throws(Stopped) in
      try meeting.arrive(of: 2, in: runtime)
      try lock.withLock { () throws(Stopped) in }
    }
    try runtime.spawn("owner") { () throws(Stopped) in
      try lock.withLock { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try worker.join()
      }
    }
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    let incident = try #require(reports.all.first)
    #expect(incident.kind == .deadlock)
    #expect(Set(incident.locks) == ["state", "end of worker"])
    let text = contents(scratch.dump)
    #expect(text.contains("for \"end of worker\" at WatchdogTests/KindsOfStandstillTests.swift:"))
    #expect(text.contains("taken at its own start"))
    #expect(text.contains("  mend: take "))
  }

  @Test func `A wait for the end of a thread with a time limit is no circle`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    let lock = Lock(runtime, "state")
    let meeting = Meeting()
    let worker = try runtime.spawn("worker") { () throws(Stopped) in
      try meeting.arrive(of: 2, in: runtime)
      try lock.withLock { () throws(Stopped) in }
    }
    let owner = try runtime.spawn("owner") { () throws(Stopped) in
      try lock.withLock { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try worker.join(timeout: .milliseconds(200))
      }
    }
    try owner.join()
    try worker.join()
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.isEmpty)
  }

  @Test func `A ring of a hundred`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(100, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.first?.cycle.count == 100)
    #expect(contents(scratch.dump).contains("CYCLE  (100 threads, proven"))
  }

  @Test func `A lock that is never given back is waited for outside any activity`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .milliseconds(200))
    let lock = Lock(runtime, "budget")
    let keeper = try runtime.spawn("keeper") { () throws(Stopped) in try lock.lock() }
    try keeper.join()
    try runtime.spawn("engine") { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    let incident = try #require(reports.all.first)
    #expect(incident.kind == .hang)
    #expect(incident.threads == ["keeper (ended)"])
    let text = contents(scratch.dump)
    #expect(text.contains("is in 'wait for a lock' for "))
    #expect(text.contains("held by keeper (ended)"))
  }

  @Test func `A second hang of the same activity by a thread of the same name is reported too`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .milliseconds(50))
    for count in 1...2 {
      try runtime.spawn("worker") { () throws(Stopped) in
        try runtime.activity("format", limit: .seconds(60)) { () throws(Stopped) in
          try runtime.sleep(.seconds(600))
        }
      }
      #expect(reports.wait(for: count))
    }
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.count == 2)
    #expect(contents(scratch.dump).contains("verdict: STUCK, sleeps for "))
  }

  @Test func `A thread that hangs twice in the same activity is reported twice`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump, limit: .milliseconds(50))
    let goOn = Atomic<Int>(0)
    try runtime.spawn("worker") { () throws(Stopped) in
      for round in 1...2 {
        try runtime.activity("format", limit: .seconds(60)) { () throws(Stopped) in
          while goOn.load(ordering: .sequentiallyConsistent) < round { try runtime.sleep(.milliseconds(400)) }
        }
      }
    }
    for count in 1...2 {
      #expect(reports.wait(for: count))
      goOn.store(count, ordering: .sequentiallyConsistent)
    }
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.count == 2)
    #expect(scratch.files == ["stackdump-2.txt", "stackdump.txt"])
  }
}
