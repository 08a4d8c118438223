public import Basics
import CPlatform

/// A condition variable of one lock. Waits may end without a signal: test the predicate in a loop.
///
/// Live it is a counter of signals that waiters sleep on. The race that it must win is the lost wakeup: a signal
/// between giving the lock up and falling asleep. A waiter reads the counter while it still holds the lock. Whoever
/// changes the predicate needs that lock, so its signal comes after the reading, and the kernel refuses to put a thread
/// to sleep on a counter that has moved. Only a wait during which exactly 2^32 signals fall between reading and
/// sleeping would miss them.
///
/// Simulated there is no such gap, since nobody else runs between the two. What is explored instead is the program's
/// own gap: a signal that is given before the wait it was meant for. Signals, waits and acquisitions are counted to
/// tell that one from a wait that nobody was ever going to end.
public final class Condition: @unchecked Sendable {
  /// Names the condition in dumps and recordings.
  public let name: String
  /// The lock that guards the predicate; every waiter holds it.
  public let lock: Lock
  let object: Int
  /// Live: counts signals; a word that a late waker may still touch.
  private let sequence: UnsafeMutablePointer<UInt32>?
  /// Readable by the watchdog as long as the process lives.
  private let liveName: UnsafeMutablePointer<CChar>?
  @exclusivity(unchecked) var waiters = RawList<ThreadReference>()
  /// Simulated: signals so far, and of the last one which thread gave it and whether nobody waited.
  @exclusivity(unchecked) var signals = 0
  @exclusivity(unchecked) var lastSignaller = 0
  @exclusivity(unchecked) var isLastSignalInVain = false
  /// Simulated: how often the lock had been taken at the last signal, and how many of its later holders waited here.
  @exclusivity(unchecked) var acquisitionsAtSignal = 0
  @exclusivity(unchecked) var waitsSinceSignal = 0

  /// A condition of `lock`; live, at most `CP_WORDS_MAX` conditions and threads exist at a time, and one more ends the
  /// process.
  public init(_ lock: Lock, _ name: String) {
    self.lock = lock
    self.name = name
    if let world = lock.runtime.world {
      object = world.intern(name)
      sequence = nil
      liveName = nil
    } else {
      object = 0
      sequence = cp_word_make()
      liveName = cp_name_keep(name)
      if sequence == nil { fatalError("more than \(CP_WORDS_MAX) live conditions and threads; no room for '\(name)'") }
    }
  }

  deinit {
    if let sequence { cp_word_free(sequence) }
    waiters.deallocate()
  }

  /// Gives the lock up, waits for a signal, at most `timeout`, and takes the lock back; false: the time was up.
  ///
  /// The calling thread holds the lock; one that does not ends the process, live and simulated. The lock is held again
  /// on return and on throw, so that a `defer { unlock() }` stays right.
  @discardableResult
  public func wait(
    timeout: Duration? = nil, _ file: StaticString = #fileID, _ line: UInt32 = #line
  ) throws(Stopped) -> Bool {
    guard let timeout else { return try wait(dueIn: nil, file, line) }
    return try wait(dueIn: max(0, timeout.nanoseconds), file, line)
  }

  /// The same with an absolute moment.
  @discardableResult
  public func wait(
    until: Instant, _ file: StaticString = #fileID, _ line: UInt32 = #line
  ) throws(Stopped) -> Bool {
    try wait(dueIn: max(0, (until - lock.runtime.now).nanoseconds), file, line)
  }

  /// Waits until `predicate` holds, at most `timeout`; false: the time was up and it does not hold.
  ///
  /// The predicate is read under the lock. Since it is known, a simulation sees when a time limit hides a lost wakeup:
  /// the time is up, the predicate holds, and nobody has signalled.
  @discardableResult
  public func wait(
    timeout: Duration? = nil, until predicate: () -> Bool, _ file: StaticString = #fileID, _ line: UInt32 = #line
  ) throws(Stopped) -> Bool {
    let deadline = timeout.map { lock.runtime.now + $0 }
    while !predicate() {
      let left = deadline.map { max(0, ($0 - lock.runtime.now).nanoseconds) }
      // A simulated wait lends the predicate to the world, which asks it when the time is up.
      if let world = lock.runtime.world {
        if try !waitFor(predicate, dueIn: left, in: world, file, line) { return predicate() }
      } else if try !wait(dueIn: left, file, line) {
        return predicate()
      }
    }
    return true
  }

  /// One wait whose predicate the world may read while the thread waits.
  private func waitFor(
    _ predicate: () -> Bool, dueIn: Int64?, in world: World, _ file: StaticString, _ line: UInt32
  ) throws(Stopped) -> Bool {
    let me = world.current
    let outcome = withoutActuallyEscaping(predicate) { predicate -> Result<Bool, Stopped> in
      me.awaitedPredicate = predicate
      defer { me.awaitedPredicate = nil }
      do throws(Stopped) { return .success(try wait(dueIn: dueIn, file, line)) } catch { return .failure(error) }
    }
    let isMasked = me.isMasked
    me.isMasked = false
    if isMasked, !world.isStopping { world.reportMasked(self) }
    return try outcome.get()
  }

  /// Wakes the thread that has waited longest.
  public func signal() { wakeSome(all: false) }

  /// Wakes every thread that waits; each takes the lock back in turn.
  public func broadcast() { wakeSome(all: true) }

  private func wait(dueIn: Int64?, _ file: StaticString, _ line: UInt32) throws(Stopped) -> Bool {
    if let interposer = lock.runtime.interposer { try interposer.atWait(self) }
    guard let simulated = lock.simulated else { return try waitLive(dueIn: dueIn, file, line) }
    guard let isSignalled = simulated.look({ waitSimulated($0, dueIn: dueIn, file, line) }) else { throw .stopped }
    return isSignalled
  }

  /// Whether a signal ended the wait, and not its time; nil: the run stops. See `Unretained`.
  private func waitSimulated(_ world: World, dueIn: Int64?, _ file: StaticString, _ line: UInt32) -> Bool? {
    lock.requireHolder(world, "waited with")
    guard world.passes(.wait, object: object) else { return nil }
    let me = ThreadReference(world.current)
    me.look { me in
      me.operation = .wait
      me.object = object
      me.file = file
      me.line = line
    }
    // Nobody took the lock since: this thread had it before the signal, and its section is not one that came after it.
    if lock.acquisitions > acquisitionsAtSignal { waitsSinceSignal &+= 1 }
    if world.wakesSpuriously(object: object) {
      lock.simulatedRelease(world)
      world.passTurn()
      return relock(world, file, line) ? true : nil
    }
    let due = world.ignoresTimeouts ? nil : dueIn.map { world.now.addingSaturated($0) }
    waiters.append(me)
    lock.simulatedRelease(world)
    me.look { me in
      me.signalsAtWait = signals
      if me.turnLock != lock.object {
        me.turnLock = lock.object
        me.acquisitionsAtWait = lock.acquisitions
      }
      me.awaitedCondition = self
    }
    world.block(as: .waitingCondition, due: due)
    let wokenByTimer = me.look { me in
      me.awaitedCondition = nil
      return me.wokenByTimer
    }
    if wokenByTimer || world.isStopping { waiters.removeAll(where: { $0 == me }) }
    return relock(world, file, line) ? !wokenByTimer : nil
  }

  /// Takes the lock back; false: the run stops.
  private func relock(_ world: World, _ file: StaticString, _ line: UInt32) -> Bool {
    if world.isStopping {
      _ = world.stoppedInCurrent()
      return false
    }
    return lock.simulatedAcquire(world, file, line)
  }

  private func wakeSome(all: Bool) {
    if let simulated = lock.simulated { return simulated.look { wakeSome(all: all, in: $0) } }
    cp_word_signalled(sequence, cp_self()?.pointee.tid ?? cp_gettid())
    _ = cp_add(sequence, 1)
    cp_futex_wake(sequence, all ? .max : 1)
  }

  private func wakeSome(all: Bool, in world: World) {
    guard !world.isStopping else { return }
    if world.lockOrder != nil, lock.holder != ThreadReference(world.current) {
      world.lockOrder?.signalled(self, by: world.current)
    }
    signals &+= 1
    lastSignaller = world.current.id
    isLastSignalInVain = waiters.isEmpty
    acquisitionsAtSignal = lock.acquisitions
    waitsSinceSignal = 0
    if waiters.isEmpty { return }
    if all {
      for index in 0..<waiters.count { world.wake(waiters[index]) }
      waiters.removeAll()
    } else {
      world.wake(waiters.remove(at: 0))
    }
    _ = world.passes(.signal, object: object)
  }

  // MARK: Live

  private func waitLive(dueIn: Int64?, _ file: StaticString, _ line: UInt32) throws(Stopped) -> Bool {
    let runtime = lock.runtime
    let me = runtime.liveSelf()
    let now = cp_monotonic_ns()
    let deadline = dueIn.map { now &+ UInt64($0) } ?? 0
    lock.requireLiveHolder(me, "waited with")
    // The reading, under the lock; see the type.
    let expected = cp_sleep_begin(me, sequence)
    lock.releaseNow()
    cp_wait_is_timed(me, dueIn != nil)
    cp_wait_begin(
      me, UInt32(CP_WAIT_CONDITION), nil, liveName, file.utf8Start, UInt32(truncatingIfNeeded: file.utf8CodeUnitCount),
      line,
      now)
    var isSignalled = true
    while cp_load(sequence) == expected, !runtime.isStopping {
      if dueIn != nil, cp_monotonic_ns() >= deadline {
        isSignalled = false
        break
      }
      _ = cp_futex_wait(sequence, expected, deadline)
    }
    cp_wait_end(me)
    cp_sleep_end(me)
    // Not stoppable: the caller's `defer { unlock() }` runs on a throw too, and must find the lock held.
    try lock.liveLock(file, line, stoppable: false)
    if runtime.isStopping { throw .stopped }
    return isSignalled
  }
}
