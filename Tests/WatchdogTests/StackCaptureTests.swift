import Basics
import CPlatform
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

/// Who is asked for a stack, in which order, and for how long.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct StackCaptureTests {
  /// A thread that has a processor but does not take the signal before it is told to.
  private final class Deaf: Sendable {
    let tid = Atomic<Int32>(0)
    let listens = Atomic<Bool>(false)
    let isOver = Atomic<Bool>(false)

    func run() {
      set(SIG_BLOCK)
      tid.store(cp_gettid(), ordering: .sequentiallyConsistent)
      while !listens.load(ordering: .relaxed) { cp_pause() }
      set(SIG_UNBLOCK)
      while !isOver.load(ordering: .relaxed) { usleep(1000) }
    }

    private func set(_ how: Int32) {
      var all = sigset_t()
      sigfillset(&all)
      pthread_sigmask(how, &all, nil)
    }
  }

  private func withDeaf(_ body: (Deaf, UnsafeMutablePointer<cp_capture>) -> Void) throws {
    _ = cp_capture_install()
    let deaf = Deaf()
    var thread = pthread_t()
    let argument = Unmanaged.passUnretained(deaf).toOpaque()
    let made = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Deaf>.fromOpaque(argument).takeUnretainedValue().run()
        return nil
      }, argument)
    try #require(made == 0)
    while deaf.tid.load(ordering: .sequentiallyConsistent) == 0 { usleep(1000) }
    let arena = DumpArena()
    withExtendedLifetime(arena) { body(deaf, arena.captures) }
    deaf.listens.store(true, ordering: .relaxed)
    deaf.isOver.store(true, ordering: .relaxed)
    pthread_join(thread, nil)
  }

  /// On a busy machine half of the threads get a processor only after the limit.
  @Test func `A thread that can run has longer than one that sleeps`() throws {
    try withDeaf { deaf, slot in
      func ask(grace: UInt64) -> UInt32 {
        #expect(cp_capture_reset(slot, deaf.tid.load(ordering: .relaxed)))
        #expect(cp_capture_ask(slot))
        cp_capture_wait(slot, 1, cp_monotonic_ns() &+ 20_000_000, grace)
        return cp_capture_state(slot)
      }
      #expect(ask(grace: 0) == UInt32(CP_CAPTURE_SILENT))
      let listener = Thread {
        // Dumps of other tests begin a relative wait again, each time.
        HardTest.rest(milliseconds: 150)
        deaf.listens.store(true, ordering: .relaxed)
      }
      #expect(ask(grace: 30_000_000_000) == UInt32(CP_CAPTURE_DONE))
      listener.join()
    }
  }

  @Test func `A suspect that gave no answer is asked again`() throws {
    _ = cp_capture_install()
    let arena = DumpArena()
    try withDeaf { deaf, _ in
      arena.ids[0] = deaf.tid.load(ordering: .relaxed)
      #expect(cp_capture_reset(arena.captures, arena.ids[0]))
      #expect(cp_capture_ask(arena.captures))
      cp_capture_wait(arena.captures, 1, cp_monotonic_ns() &+ 10_000_000, 0)
      #expect(cp_capture_state(arena.captures) == UInt32(CP_CAPTURE_SILENT))
      deaf.listens.store(true, ordering: .relaxed)
      usleep(50_000)
      StackCapture(arena: arena).askAgain(1, limit: 2_000_000_000)
      #expect(cp_capture_state(arena.captures) == UInt32(CP_CAPTURE_DONE))
    }
  }

  @Test func `Suspects are the first to be asked and never among those that have no room`() {
    let ids = UnsafeMutablePointer<Int32>.allocate(capacity: 5)
    defer { ids.deallocate() }
    for (i, id) in [11, 12, 13, 14, 15].enumerated() { ids[i] = Int32(id) }
    LiveDump.put(14, at: 0, in: ids, 5)
    LiveDump.put(99, at: 1, in: ids, 5)
    #expect((0..<5).map { ids[$0] } == [14, 99, 13, 11, 12])
  }

  private final class Thread {
    private var thread = pthread_t()

    private final class Start {
      let body: () -> Void
      init(_ body: @escaping () -> Void) { self.body = body }
    }

    init(_ body: @escaping @Sendable () -> Void) {
      pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, Unmanaged.passRetained(Start(body)).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
  }
}
