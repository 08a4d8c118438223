public import Basics
public import CPlatform

/// A mutual-exclusion lock with a name. Not recursive: taking it twice is a deadlock of one, and reported.
///
/// Live it is a futex word that holds its owner, so that whoever blocks can follow owner and awaited lock in a cycle
/// at once. Simulated it wakes all waiters and lets them race, so that barging shows.
///
/// Owner and state are one word, because two words would disagree for a moment: whoever follows a chain of waits reads
/// "taken" and "by whom" in one load, and never meets a lock that is taken by nobody. There is no hand-off to the
/// longest waiter, live or simulated: a release frees the word, and whoever comes first takes it. A fair lock would
/// hide the bugs of those that are not.
public final class Lock: @unchecked Sendable {
  /// Names the lock in dumps, cycles and recordings; two locks of one name stay two.
  public let name: String
  /// The run that the lock belongs to; its stop ends every wait for the lock.
  public let runtime: Runtime
  @usableFromInline let flags: UnsafeMutablePointer<UInt32>
  @usableFromInline let record: UnsafeMutablePointer<cp_lock>?
  /// The world of `runtime`, which keeps it.
  let simulated: Unretained<World>?
  let object: Int
  /// Simulated: how many locks of its world were made before it.
  let number: Int
  /// Simulated: who has it.
  @exclusivity(unchecked) var holder: ThreadReference?
  /// Simulated: how often it was taken.
  @exclusivity(unchecked) var acquisitions = 0
  @exclusivity(unchecked) var waiters: RawList<ThreadReference>

  /// A free lock; live, at most `CP_LOCKS_MAX` exist at a time, and one more ends the process.
  public init(_ runtime: Runtime, _ name: String) {
    self.runtime = runtime
    self.name = name
    flags = runtime.flags
    simulated = runtime.simulated
    if let world = runtime.world {
      object = world.intern(name)
      number = world.lockCount
      world.lockCount += 1
      record = nil
      waiters = RawList()
    } else {
      object = 0
      number = 0
      waiters = RawList(capacity: 0)
      record = cp_lock_make(name)
      if record == nil { fatalError("more than \(CP_LOCKS_MAX) live locks; no room for '\(name)'") }
    }
    runtime.world?.lockOrder?.born(self)
  }

  deinit {
    if let record { cp_lock_free(record) }
    waiters.deallocate()
  }

  /// Takes the lock, waiting for it without limit; the place of the call stands in dumps as where it was taken.
  ///
  /// - Throws: `Stopped` when the run ends before the lock is taken; it is not held then.
  @inlinable public func lock(_ file: StaticString = #fileID, _ line: UInt32 = #line) throws(Stopped) {
    // One relaxed load decides for everybody: not simulated, no interposer, no stop. A stop that is set right behind it
    // is heard at the next operation, and whoever sleeps is woken by it.
    if cp_load_relaxed(flags) == 0, let me = cp_self(),
      cp_lock_try(record, me, file.utf8Start, UInt32(truncatingIfNeeded: file.utf8CodeUnitCount), line)
    {
      return
    }
    try lockSlow(file, line)
  }

  /// Gives the lock back; wakes those who wait. Never blocks and never throws. The calling thread has it: who gives
  /// back what another one holds ends the process, live and simulated.
  @inlinable public func unlock() {
    if cp_load_relaxed(flags) == 0, let me = cp_self() {
      let outcome = cp_lock_release(record, me)
      if outcome != 0 { released(outcome) }
      return
    }
    unlockSlow()
  }

  /// Runs `body` with the lock held, and gives it back however `body` ends.
  ///
  /// - Throws: what `body` throws, and `Stopped` when the lock could not be taken, in which case `body` did not run.
  @inlinable public func withLock<R>(
    _ file: StaticString = #fileID, _ line: UInt32 = #line, _ body: () throws(Stopped) -> R
  ) throws(Stopped) -> R {
    try lock(file, line)
    defer { unlock() }
    return try body()
  }

  // MARK: Slow paths

  @usableFromInline func lockSlow(_ file: StaticString, _ line: UInt32) throws(Stopped) {
    if let interposer = runtime.interposer { try interposer.beforeLock(self) }
    if let simulated {
      if !simulated.look({ simulatedLock($0, file, line) }) { throw .stopped }
    } else {
      try liveLock(file, line, stoppable: true)
    }
    if let interposer = runtime.interposer {
      do throws(Stopped) {
        try interposer.afterLock(self)
      } catch {
        // The caller's `defer { unlock() }` stands behind its `try lock()`, so nobody else would give the lock back.
        releaseNow()
        throw error
      }
    }
  }

  @usableFromInline func unlockSlow() {
    if let interposer = runtime.interposer { interposer.beforeUnlock(self) }
    guard let simulated else { return releaseNow() }
    simulated.look { world in
      requireHolder(world, "given back")
      simulatedRelease(world)
      world.current.turnLock = -1
      // A point after the release, so that a woken waiter may run before this thread goes on. Unlock throws nothing:
      // the next operation hears of a stop.
      if !world.isStopping { _ = world.passes(.unlock, object: object) }
    }
  }

  /// The release alone, past the interposer and without a scheduling point.
  func releaseNow() {
    if let simulated { return simulated.look { simulatedRelease($0) } }
    let outcome = cp_lock_release(record, runtime.liveSelf())
    if outcome != 0 { released(outcome) }
  }

  /// What a live release leaves to do: wake a waiter, or refuse.
  @usableFromInline func released(_ outcome: UInt32) {
    if outcome == UInt32(CP_RELEASED_WAKE) { return cp_lock_wake(record) }
    refuse("given back", by: runtime.threadName)
  }

  /// Whether the calling live thread has it.
  func requireLiveHolder(_ me: UnsafeMutablePointer<cp_thread>, _ what: String) {
    if !cp_lock_is_mine(record, me) { refuse(what, by: runtime.liveName(me)) }
  }

  /// Once a run is stopped, simulated waits do not take their lock back: then nothing is refused.
  func requireHolder(_ world: World, _ what: String) {
    if holder != ThreadReference(world.current), !world.isStopping { refuse(what, by: world.current.path) }
  }

  /// Whether the calling thread has it, live or simulated; nothing is refused once a simulated run is stopped.
  func requireHolder(_ what: String) {
    if let simulated { return simulated.look { requireHolder($0, what) } }
    requireLiveHolder(runtime.liveSelf(), what)
  }

  private func refuse(_ what: String, by thread: String) -> Never {
    fatalError("lock '\(name)' is \(what) by thread '\(thread)', which does not hold it")
  }
}
