import Basics
import CPlatform
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LateSignalTests {
  /// Starts a thread that blocks every signal until `isOpen` is set, and then answers whatever has come.
  private static func deafThread(_ isOpen: UnsafeMutablePointer<UInt32>, _ runtime: Runtime) throws -> Int32 {
    let tid = Atomic<Int32>(0)
    nonisolated(unsafe) let isOpen = isOpen
    try runtime.spawn("deaf") { () throws(Stopped) in
      var (all, before) = (sigset_t(), sigset_t())
      sigfillset(&all)
      pthread_sigmask(SIG_BLOCK, &all, &before)
      tid.store(cp_gettid(), ordering: .releasing)
      while cp_load(isOpen) == 0 { _ = cp_futex_wait(isOpen, 0, 0) }
      pthread_sigmask(SIG_SETMASK, &before, nil)
      cp_store(isOpen, 2)
    }
    while tid.load(ordering: .acquiring) == 0 { sched_yield() }
    return tid.load(ordering: .acquiring)
  }

  /// Asks a thread that cannot answer, and gives it up.
  private static func askInVain(_ tid: Int32, _ arena: DumpArena) {
    _ = cp_capture_install()
    let slot = arena.captures
    #expect(cp_capture_reset(slot, tid))
    #expect(cp_capture_ask(slot))
    cp_capture_wait(slot, 1, cp_monotonic_ns() &+ 1_000_000, 0)
    #expect(cp_capture_state(slot) == UInt32(CP_CAPTURE_SILENT))
  }

  @Test func `A signal that comes after the dump touches nothing`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let isOpen = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
      isOpen.initialize(to: 0)
      let runtime = liveRuntime()
      let tid = try Self.deafThread(isOpen, runtime)
      do { Self.askInVain(tid, DumpArena()) }
      cp_store(isOpen, 1)
      cp_futex_wake(isOpen, 1)
      while cp_load(isOpen) != 2 { sched_yield() }
      exit(runtime.stop() == 0 ? 7 : 1)
    }
  }

  /// Its slot serves another dump by then: the answer to the first question is not taken for one to the second.
  @Test func `A late answer is not taken for another`() throws {
    let isOpen = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    isOpen.initialize(to: 0)
    defer { isOpen.deallocate() }
    let runtime = liveRuntime()
    let tid = try Self.deafThread(isOpen, runtime)
    let arena = DumpArena()
    Self.askInVain(tid, arena)
    #expect(cp_capture_reset(arena.captures, tid))
    cp_store(isOpen, 1)
    cp_futex_wake(isOpen, 1)
    while cp_load(isOpen) != 2 { sched_yield() }
    #expect(cp_capture_state(arena.captures) == UInt32(CP_CAPTURE_IDLE))
    #expect(arena.captures.pointee.count == 0)
    #expect(runtime.stop() == 0)
  }

  @Test func `A slot in the midst of an answer is left alone`() {
    let arena = DumpArena()
    #expect(cp_capture_reset(arena.captures, 1))
    arena.captures.pointee.state = UInt64(CP_CAPTURE_ANSWERING)
    #expect(!cp_capture_reset(arena.captures, 2))
    #expect(arena.captures.pointee.tid == 1)
    arena.captures.pointee.state = UInt64(CP_CAPTURE_IDLE)
    #expect(cp_capture_reset(arena.captures, 2))
  }
}
