import Basics
import CPlatform
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

/// The dump is there, or its words are, when the machine does not help.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct HardDumpTests {
  /// One deadlock of two threads, and what became of its dump.
  private func dump(_ path: String, fallback: String?, before: () -> Void = {}) throws -> ThreadWatchdog.Dump {
    let runtime = liveRuntime()
    let reports = Reports()
    var options = ThreadWatchdog.Options(dumpPath: path, tick: .milliseconds(20))
    options.fallbackDirectory = fallback
    let watchdog = ThreadWatchdog(runtime: runtime, options: options) { reports.add($0) }
    watchdog.start()
    before()
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    #expect(runtime.stop() == 0)
    watchdog.stop()
    return try #require(watchdog.dumps.first)
  }

  @Test func `A directory that takes nothing sends the dump to the fallback`() throws {
    let (scratch, other) = (try Scratch(), try Scratch())
    let dump = try dump(scratch.path + "/absent/stackdump.txt", fallback: other.path)
    #expect(dump.error == ENOENT)
    #expect(dump.path == "\(other.path)/stackdump-\(getpid()).txt")
    let text = contents(dump.path)
    #expect(text.contains("finish with: chaos symbolize \(dump.path))"))
    #expect(text.hasSuffix("\nEND complete\n"))
  }

  /// Where nothing takes the dump, people read at least what it is about.
  @Test func `Without any place the error and the circle go to stderr`() async throws {
    let result = await #expect(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
      let runtime = liveRuntime()
      let (watchdog, reports) = watch(runtime, "/proc/self/stackdump.txt")
      try ring(2, in: runtime)
      _ = reports.wait(for: 1)
      _ = runtime.stop()
      watchdog.stop()
      exit(7)
    }
    let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(said.contains("watchdog: no dump at /proc/self/stackdump.txt: "))
    #expect(said.contains("REASON DEADLOCK") && said.contains("  => engine-"))
    #expect(!said.contains("THREAD engine-0"))
  }

  @Test func `A directory that was renamed keeps its dump`() throws {
    let scratch = try Scratch()
    let (old, new) = (scratch.path + "/old", scratch.path + "/new")
    mkdir(old, 0o755)
    let dump = try dump(old + "/stackdump.txt", fallback: nil) { rename(old, new) }
    #expect(dump.error == 0)
    #expect(dump.path == new + "/stackdump.txt")
    #expect(contents(dump.path).hasSuffix("\nEND complete\n"))
    unlink(dump.path)
    rmdir(new)
  }

  /// With no descriptor left the dump is whole all the same, stacks and images included.
  @Test func `No descriptor is needed that was not there before`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let scratch = try Scratch()
      let runtime = liveRuntime()
      let (watchdog, reports) = watch(runtime, scratch.dump)
      while open("/dev/null", O_RDONLY) >= 0 {}
      try ring(2, in: runtime)
      _ = reports.wait(for: 1)
      let isDone = runtime.stop() == 0
      watchdog.stop()
      closefrom(3)
      let text = contents(scratch.dump)
      let isWhole =
        text.hasSuffix("\nEND complete\n") && text.contains("\nIMAGES\n") && text.contains("THREAD engine-1  tid ")
        && text.contains("#1  ")
      exit(isDone && isWhole ? 7 : 1)
    }
  }

  @Test func `Without address space nothing is watched and the program goes on`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let runtime = liveRuntime()
      let watchdog = ThreadWatchdog(runtime: runtime, options: ThreadWatchdog.Options(dumpPath: "/tmp/none"))
      var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
      let isStarted = watchdog.start()
      watchdog.stop()
      exit(isStarted ? 1 : 7)
    }
  }

  @Test func `What a writer that died left is removed at the start`() throws {
    let scratch = try Scratch()
    let stale = scratch.path + "/.stackdump.txt.999999999.tmp"
    let alive = scratch.path + "/.stackdump.txt.\(getpid()).tmp"
    for path in [stale, alive] { close(open(path, O_CREAT | O_WRONLY, 0o644)) }
    let runtime = liveRuntime()
    let (watchdog, _) = watch(runtime, scratch.dump)
    #expect(scratch.files == [".stackdump.txt.\(getpid()).tmp"])
    #expect(runtime.stop() == 0)
    watchdog.stop()
  }

  /// sem_timedwait(3) passes on what the futex says, and sigtimedwait(2) and sigsuspend(2) end at any signal.
  @Test func `A dump ends no wait for a semaphore or a signal`() throws {
    let scratch = try Scratch()
    let runtime = liveRuntime()
    let (watchdog, reports) = watch(runtime, scratch.dump)
    let results = Mutex<[Int32]>([])
    let waiter = try runtime.spawn("waiter") { () throws(Stopped) in
      var semaphore = sem_t()
      sem_init(&semaphore, 0, 0)
      var until = timespec()
      clock_gettime(CLOCK_REALTIME, &until)
      until.tv_sec += 1
      let waited = sem_timedwait(&semaphore, &until) == 0 ? 0 : errno
      results.withLock { $0.append(waited) }
    }
    let listener = try runtime.spawn("listener") { () throws(Stopped) in
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGUSR2)
      var limit = timespec(tv_sec: 0, tv_nsec: 700_000_000)
      let waited = sigtimedwait(&signals, nil, &limit) >= 0 ? 0 : errno
      results.withLock { $0.append(waited) }
    }
    try ring(2, in: runtime)
    #expect(reports.wait(for: 1))
    try waiter.join()
    try listener.join()
    #expect(runtime.stop() == 0)
    watchdog.stop()
    #expect(results.withLock { $0.sorted() } == [EAGAIN, ETIMEDOUT].sorted())
  }

  /// A thread on a stack that it has nearly used up: it says who it is, and waits for the word to end.
  private final class Cramped: Sendable {
    let low: UInt
    let room: UInt
    let tid = Atomic<Int32>(0)
    nonisolated(unsafe) let word: UnsafeMutablePointer<UInt32>

    init(low: UInt, room: UInt) {
      (self.low, self.room) = (low, room)
      word = .allocate(capacity: 1)
      word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    @inline(never) func descend() -> Int {
      var here = 0
      let left = withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) } - low
      if left > room { return descend() + 1 }
      tid.store(cp_gettid(), ordering: .releasing)
      while cp_load(word) == 0 { _ = cp_futex_wait(word, 0, 0) }
      return here
    }
  }

  /// The handler walks on a stack of its own: a thread with too little for that is asked, and lives.
  @Test func `A thread with hardly more stack than a signal needs answers and goes on`() throws {
    let size = 256 << 10
    let stack = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(stack, size) }
    mprotect(stack, 4096, PROT_NONE)
    let cramped = Cramped(low: UInt(bitPattern: stack) + 4096, room: UInt(cp_capture_room()) + 400)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstack(&attributes, stack, size)
    var thread = pthread_t()
    let argument = Unmanaged.passUnretained(cramped).toOpaque()
    let made = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        cp_capture_accept()
        _ = Unmanaged<Cramped>.fromOpaque(argument).takeUnretainedValue().descend()
        return nil
      }, argument)
    try #require(made == 0)
    while cramped.tid.load(ordering: .acquiring) == 0 { usleep(1000) }
    _ = cp_capture_install()
    let arena = DumpArena()
    let slot = arena.captures
    #expect(cp_capture_reset(slot, cramped.tid.load(ordering: .acquiring)))
    #expect(cp_capture_ask(slot))
    cp_capture_wait(slot, 1, cp_monotonic_ns() &+ 2_000_000_000, 0)
    #expect(cp_capture_state(slot) == UInt32(CP_CAPTURE_DONE))
    #expect(slot.pointee.count > 2)
    cp_store(cramped.word, 1)
    cp_futex_wake(cramped.word, 1)
    pthread_join(thread, nil)
  }
}
