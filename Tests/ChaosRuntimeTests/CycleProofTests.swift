import Basics
import CPlatform
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

/// What the signal handler of the test below has; only the looking thread touches it.
private struct Stage {
  var first, last: UnsafeMutablePointer<cp_thread>?
  var next, own: UnsafeMutablePointer<cp_lock>?
  var isLast = false
  var turns = 0

  mutating func turn() {
    let (from, to, lock) = isLast ? (last, first, next) : (first, last, own)
    guard let from, let to, let lock else { return }
    cp_wait_end(from)
    cp_wait_begin(to, UInt32(CP_WAIT_LOCK), lock, nil, nil, 0, 0, 1)
    isLast.toggle()
    turns += 1
  }
}
nonisolated(unsafe) private let stage: UnsafeMutablePointer<Stage> = {
  let place = UnsafeMutablePointer<Stage>.allocate(capacity: 1)
  place.initialize(to: Stage())
  return place
}()

/// The proof of a cycle, while the waits that it looks at come and go.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct CycleProofTests {
  /// A thread with a record in the registry, which others write as if they were it.
  private final class Puppet: @unchecked Sendable {
    private(set) var record: UnsafeMutablePointer<cp_thread>?
    private let isThere = Atomic<Bool>(false)
    private let isOver = Atomic<Bool>(false)
    private var thread = pthread_t()

    func start() throws -> UnsafeMutablePointer<cp_thread> {
      let made = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Puppet>.fromOpaque(argument).takeUnretainedValue().stay()
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
      try #require(made == 0)
      while !isThere.load(ordering: .acquiring) { usleep(100) }
      return try #require(record)
    }

    private func stay() {
      record = cp_thread_register("puppet", UnsafeRawPointer(bitPattern: 4096))
      isThere.store(true, ordering: .releasing)
      while !isOver.load(ordering: .acquiring) { usleep(1000) }
      cp_thread_unregister()
    }

    func end() {
      isOver.store(true, ordering: .releasing)
      pthread_join(thread, nil)
    }
  }

  private static func wait(_ me: UnsafeMutablePointer<cp_thread>, for lock: UnsafeMutablePointer<cp_lock>) {
    cp_wait_begin(me, UInt32(CP_WAIT_LOCK), lock, nil, nil, 0, 0, cp_monotonic_ns())
  }

  /// The first waits for a chain whose end the last one holds; the last one waits for the first, but never at the same time.
  /// A reader that looks at each wait once sees both on its long way, and would call that a circle.
  @Test func `Two waits of different moments are no circle`() throws {
    let puppets = (0..<40).map { _ in Puppet() }
    var records: [UnsafeMutablePointer<cp_thread>] = []
    var locks: [UnsafeMutablePointer<cp_lock>] = []
    for puppet in puppets {
      records.append(try puppet.start())
      locks.append(try #require(cp_lock_make("link")))
    }
    for (record, lock) in zip(records, locks) { #expect(cp_lock_try(lock, record, nil, 0, 0)) }
    let (first, last) = (records[0], records[records.count - 1])
    for i in 1..<(records.count - 1) { Self.wait(records[i], for: locks[i + 1]) }
    // Each signal, somewhere on the reader's way, ends one of the two waits and begins the other.
    let looker = pthread_self()
    (stage.pointee.first, stage.pointee.last, stage.pointee.next, stage.pointee.own) = (
      first, last, locks[1], locks[0]
    )
    Self.wait(first, for: locks[1])
    signal(SIGUSR1) { _ in stage.pointee.turn() }
    // Workers of a pool block all signals.
    var (wanted, before) = (sigset_t(), sigset_t())
    sigemptyset(&wanted)
    sigaddset(&wanted, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &wanted, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let isOver = Atomic<Bool>(false)
    let runtime = liveRuntime()
    let signals = try runtime.spawn("signals") { () throws(Stopped) in
      while !isOver.load(ordering: .relaxed) {
        pthread_kill(looker, SIGUSR1)
        try runtime.sleep(.microseconds(50))
      }
    }
    var circles = 0
    while stage.pointee.turns < 500 { if cp_find_cycle(first.pointee.slot, nil) > 0 { circles += 1 } }
    isOver.store(true, ordering: .relaxed)
    try signals.join()
    signal(SIGUSR1, SIG_DFL)
    cp_wait_end(first)
    cp_wait_end(last)
    #expect(runtime.stop() == 0)
    #expect(circles == 0)
    // Once both stand at the same time it is one.
    Self.wait(first, for: locks[1])
    Self.wait(last, for: locks[0])
    #expect(cp_find_cycle(first.pointee.slot, nil) == 40)
    for record in records { cp_wait_end(record) }
    for (record, lock) in zip(records, locks) {
      _ = cp_lock_release(lock, record)
      cp_lock_free(lock)
    }
    for puppet in puppets { puppet.end() }
  }
}
