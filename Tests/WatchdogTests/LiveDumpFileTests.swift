import Basics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveDumpFileTests {
  @Test func `An unwritable directory leaves nothing and is said`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.path + "/absent/stackdump.txt")
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(watchdog.dumps.map(\.error) == [ENOENT])
    #expect(scratch.files.isEmpty)
  }

  @Test func `A rename that fails leaves the old entry and no temporary file`() throws {
    let scratch = try Scratch()
    mkdir(scratch.dump, 0o755)
    defer { rmdir(scratch.dump) }
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(watchdog.dumps.map(\.error) == [EISDIR])
    #expect(scratch.files == ["stackdump.txt"])
  }

  @Test func `The same incident twice is one dump`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    try ring(2, in: runtime)
    usleep(300_000)
    #expect(reports.all.count == 1)
    try ring(2, in: runtime, prefix: "other")
    #expect(reports.wait(for: 2))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(reports.all.count == 2)
    #expect(scratch.files == ["stackdump-2.txt", "stackdump.txt"])
    #expect(contents(scratch.dump).contains("\"engine-lock-0\""))
  }

  @Test func `A dump does not wake a thread that sleeps in the kernel`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    let results = Mutex<[Int32]>([])
    let sleeper = try runtime.spawn("sleeper") { () throws(Stopped) in
      var left = timespec(tv_sec: 0, tv_nsec: 600_000_000)
      let slept = nanosleep(&left, nil)
      let polled = poll(nil, 0, 300)
      results.withLock { $0 = [slept, polled] }
    }
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    try sleeper.join()
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(results.withLock { $0 } == [0, 0])
    #expect(contents(scratch.dump).contains("THREAD sleeper  tid "))
    #expect(contents(scratch.dump).contains("in clock_nanosleep(230)"))
  }

  /// A receive with SO_RCVTIMEO is cut short by any signal, signal(7); the program must not see ours.
  @Test func `A dump does not end a receive that has a time limit`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    defer { ends.forEach { close($0) } }
    let receiving = ends[0]
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(receiving, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let result = Mutex<(count: Int, error: Int32)>((0, 0))
    let receiver = try runtime.spawn("receiver") { () throws(Stopped) in
      var byte: UInt8 = 0
      let count = recv(receiving, &byte, 1, 0)
      let error = errno
      result.withLock { $0 = (count, error) }
    }
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    try receiver.join()
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(contents(scratch.dump).contains("THREAD receiver  tid "))
    let (count, error) = result.withLock { $0 }
    #expect(count == -1 && error == EAGAIN, "errno \(error): its second is over, no signal came between")
  }

  @Test func `Symbols name the functions that wait and are idempotent`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: scratch.dump).get() }
    let text = contents(scratch.dump)
    #expect(text.contains("symbols: full (demangled, file:line, inlined frames)\n"))
    #expect(text.contains("  folded: #0-#5 Lock.lock(_:_:),"))
    #expect(text.contains("ring(_:in:prefix:)  at Tests/WatchdogTests/LiveScenes.swift:"))
    #expect(text.hasSuffix("\nEND complete\n"))
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: scratch.dump).get() }
    #expect(contents(scratch.dump) == text)
  }

  @Test func `The parts of a dump do not contradict each other`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    try ring(3, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    let lines = contents(scratch.dump).split(separator: "\n", omittingEmptySubsequences: false)
    let threads = lines.filter { $0.hasPrefix("THREAD ") }
    #expect(lines[0].contains("  threads \(threads.count)  "))
    let idle = try #require(lines.firstIndex { $0.hasPrefix("IDLE  (") })
    let listed = lines[(idle + 1)...].prefix { !$0.isEmpty }
    #expect(lines[idle].hasPrefix("IDLE  (\(listed.count) thread"))
    #expect(lines[idle...].filter { $0.hasPrefix("THREAD ") }.count == listed.count)
    // Whoever holds a lock by the table holds it by its own section, from the same place.
    for (i, line) in lines.enumerated() where line.hasPrefix("  \"engine-lock-") {
      let words = line.split(separator: " ")
      let taken = lines[i + 1].split(separator: " ").last ?? ""
      let start = try #require(lines.firstIndex { $0.hasPrefix("THREAD \(words[3])  tid ") })
      let own = lines[start...].prefix { !$0.isEmpty }
      #expect(own.contains { $0.hasPrefix("  holds \(words[0]) taken at \(taken), held ") })
    }
  }

  @Test func `Other files are refused`() throws {
    #expect(throws: SymbolizeError.unreadable(file: "/nowhere", errno: ENOENT)) {
      try ThreadWatchdog.symbolize(file: "/nowhere").get()
    }
    #expect(throws: SymbolizeError.notADump(file: "/etc/passwd")) {
      try ThreadWatchdog.symbolize(file: "/etc/passwd").get()
    }
  }
}
