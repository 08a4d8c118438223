import Basics
import CPlatform
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

/// The thread registry in slow motion: each step of a live wait is taken by hand, and looked at from outside.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct RegistryTests {
  private static var owner: UnsafeRawPointer? { UnsafeRawPointer(bitPattern: 4096) }

  /// Registers the calling thread for `body` alone; the record that it may have goes, and comes back when it is wanted.
  private static func registered(
    _ name: String, _ body: (UnsafeMutablePointer<cp_thread>) throws -> Void
  ) throws {
    cp_thread_unregister()
    let me = try #require(cp_thread_register(name, owner))
    defer { cp_thread_unregister() }
    try body(me)
  }

  private static func circle(_ me: UnsafeMutablePointer<cp_thread>) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: Int(CP_CYCLE_MAX)) { buffer, count in
      count = Int(cp_find_cycle(me.pointee.slot, buffer.baseAddress))
    }
  }

  private static func waits(_ me: UnsafeMutablePointer<cp_thread>, for lock: UnsafeMutablePointer<cp_lock>) {
    cp_wait_begin(me, UInt32(CP_WAIT_LOCK), lock, nil, nil, 0, 0, cp_monotonic_ns())
  }

  /// The moment in which a healthy run was called a deadlock of one.
  @Test func `A thread that has just been given its lock waits for nobody`() throws {
    try Self.registered("winner") { me in
      let lock = try #require(cp_lock_make("budget"))
      defer { cp_lock_free(lock) }
      Self.waits(me, for: lock)
      #expect(Self.circle(me).isEmpty)
      #expect(cp_lock_contend(lock, me) == 0)
      #expect(Self.circle(me).isEmpty, "it has the lock, and has not yet said that its wait is over")
      cp_wait_end(me)
      #expect(Self.circle(me).isEmpty)
      _ = cp_lock_release(lock, me)
    }
  }

  @Test func `A thread that says that it waits for its own lock is a circle of one`() throws {
    try Self.registered("greedy") { me in
      let lock = try #require(cp_lock_make("budget"))
      defer { cp_lock_free(lock) }
      #expect(cp_lock_try(lock, me, nil, 0, 0))
      Self.waits(me, for: lock)
      #expect(cp_lock_contend(lock, me) != 0)
      #expect(Self.circle(me).isEmpty)
      cp_wait_for_own_lock(me)
      #expect(Self.circle(me) == [me.pointee.slot])
      cp_wait_end(me)
      // What was said holds for that one wait.
      Self.waits(me, for: lock)
      #expect(Self.circle(me).isEmpty)
      cp_wait_end(me)
      _ = cp_lock_release(lock, me)
    }
  }

  /// A stop between a waiter's look at the flag and its sleep changes the word that it is about to sleep on.
  @Test(arguments: ["sleep", "condition", "lock"]) func `A stop is not missed between the look and the sleep`(
    kind: String
  ) throws {
    try Self.registered("waiter") { me in
      let lock = try #require(cp_lock_make("budget"))
      let made = try #require(cp_word_make())
      defer {
        cp_lock_free(lock)
        cp_word_free(made)
      }
      let word = try #require(
        kind == "sleep" ? cp_thread_sleep_word(me) : kind == "condition" ? made : cp_lock_word(lock))
      let seen = cp_sleep_begin(me, word)
      // Here the waiter looks at the flag, which is not yet set; now comes the stop.
      cp_stop_sleepers(Self.owner)
      let begun = cp_monotonic_ns()
      #expect(cp_futex_wait(word, seen, begun &+ 5_000_000_000) == 0, "it would sleep to its own deadline")
      #expect(cp_monotonic_ns() - begun < 4_000_000_000)
      cp_sleep_end(me)
      // Nobody sleeps: nothing changes.
      let after = cp_load(word)
      cp_stop_sleepers(Self.owner)
      #expect(cp_load(word) == after)
    }
  }

  @Test func `A lock that a stop has touched is still free`() throws {
    try Self.registered("waiter") { me in
      let lock = try #require(cp_lock_make("budget"))
      defer { cp_lock_free(lock) }
      for _ in 0..<300 {
        _ = cp_sleep_begin(me, cp_lock_word(lock))
        cp_stop_sleepers(Self.owner)
        cp_sleep_end(me)
      }
      #expect(cp_lock_owner(lock) == 0)
      #expect(cp_lock_contend(lock, me) == 0)
      #expect(cp_lock_is_mine(lock, me))
      cp_held_push(me, lock, nil, 0, 0)
      #expect(cp_lock_release(lock, me) == UInt32(CP_RELEASED_WAKE))
      #expect(cp_lock_release(lock, me) == UInt32(CP_NOT_OWNED))
    }
  }

  @Test func `A thread that ends with a lock keeps its place`() throws {
    let lock = try #require(cp_lock_make("kept"))
    let slot = Mutex<UInt32>(0)
    try Self.registered("keeper") { me in
      _ = cp_lock_try(lock, me, nil, 0, 0)
      slot.withLock { $0 = me.pointee.slot }
    }
    for _ in 0..<3 { try Self.registered("next") { me in #expect(slot.withLock { $0 } != me.pointee.slot) } }
  }

  /// Entries of a list that its thread rewrites all the time are never mixed: file and length belong together.
  @Test func `A copy of a record is of one moment`() throws {
    let isOver = Atomic<Bool>(false)
    let record = Atomic<Int>(0)
    let runtime = liveRuntime()
    nonisolated(unsafe) let lock = try #require(cp_lock_make("budget"))
    let names = [1, 2, 3].map { UnsafeMutablePointer<CChar>.allocate(capacity: $0) }
    nonisolated(unsafe) let files = names
    try runtime.spawn("busy") { () throws(Stopped) in
      guard let me = cp_self() else { return }
      record.store(Int(bitPattern: me), ordering: .releasing)
      var n = 0
      while !isOver.load(ordering: .relaxed) {
        n = (n + 1) % 3
        if cp_lock_try(lock, me, files[n], UInt32(n + 1), UInt32(n + 1)) { _ = cp_lock_release(lock, me) }
      }
    }
    while record.load(ordering: .acquiring) == 0 { sched_yield() }
    let from = try #require(UnsafeMutablePointer<cp_thread>(bitPattern: record.load(ordering: .acquiring)))
    var copy = cp_thread()
    var (seen, mixed) = (0, 0)
    for _ in 0..<200_000 where cp_thread_copy(from, &copy) && copy.held_count == 1 {
      seen += 1
      let held = copy.held.0
      if held.file_length != held.line || held.file != UnsafePointer(files[Int(held.line) - 1]) { mixed += 1 }
    }
    isOver.store(true, ordering: .relaxed)
    #expect(runtime.stop() == 0)
    #expect(mixed == 0, "of \(seen)")
    for name in names { name.deallocate() }
    cp_lock_free(lock)
  }
}
