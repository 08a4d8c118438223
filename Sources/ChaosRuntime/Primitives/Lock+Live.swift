import Basics
import CPlatform

/// The live lock beyond its fast path.
///
/// A cycle of waits is closed by a wait, never by an acquisition: a thread that has just taken a lock waits for
/// nothing. So it is enough that each thread follows the chain once it has published its own wait. Of the threads of a
/// cycle one publishes last, and its walk finds the waits of all others in place. The chain is followed again whenever
/// the lock has another owner, as the walk before went through somebody else.
extension Lock {
  /// Rounds in which a taken lock is looked at again before its waiter goes to sleep: a few hundred nanoseconds. Many
  /// more cost more than a sleep where threads outnumber the cores, because they spin while the owner could run.
  private static let spinsMax = 40

  /// Takes the lock. With `stoppable` it throws once the run is stopped, without taking; a condition takes its lock
  /// back regardless and waits for the real holder.
  func liveLock(_ file: StaticString, _ line: UInt32, stoppable: Bool) throws(Stopped) {
    let me = runtime.liveSelf()
    if stoppable, runtime.isStopping { throw .stopped }
    let length = UInt32(truncatingIfNeeded: file.utf8CodeUnitCount)
    for _ in 0..<Self.spinsMax {
      if cp_lock_try(record, me, file.utf8Start, length, line) { return try keep(stoppable: stoppable) }
      cp_pause()
    }
    try waitLive(me, file, line, stoppable: stoppable)
    try keep(stoppable: stoppable)
  }

  private func waitLive(
    _ me: UnsafeMutablePointer<cp_thread>, _ file: StaticString, _ line: UInt32, stoppable: Bool
  ) throws(Stopped) {
    let length = UInt32(truncatingIfNeeded: file.utf8CodeUnitCount)
    // Before the first look at the word: a thread that blocks behind this one must find the wait when it follows the
    // chain.
    cp_wait_begin(
      me, UInt32(CP_WAIT_LOCK), record, nil, file.utf8Start, length, line, cp_monotonic_ns())
    _ = cp_sleep_begin(me, cp_lock_word(record))
    defer {
      cp_sleep_end(me)
      cp_wait_end(me)
    }
    var walkedFor: UInt32 = 0
    while true {
      let word = cp_lock_contend(record, me)
      if word == 0 {
        cp_held_push(me, record, file.utf8Start, length, line)
        return
      }
      // After the look at the word: a stop that this look does not see changes the word. See `cp_sleep_begin`.
      if stoppable, runtime.isStopping { throw .stopped }
      let owner = word & UInt32(CP_LOCK_OWNER)
      if owner != walkedFor {
        walkedFor = owner
        // Seen from outside, an owner that waits for its own lock is one that won its wait and has not said so yet.
        if owner == me.pointee.slot + 1 { cp_wait_for_own_lock(me) }
        reportCycle(through: me)
      }
      _ = cp_futex_wait(cp_lock_word(record), word, 0)
    }
  }

  /// Whoever had to wait for the lock may have got it because of a stop: then it is given back.
  private func keep(stoppable: Bool) throws(Stopped) {
    guard stoppable, runtime.isStopping else { return }
    releaseNow()
    throw .stopped
  }

  private func reportCycle(through me: UnsafeMutablePointer<cp_thread>) {
    if cp_find_cycle(me.pointee.slot, nil) == 0 { return }
    let slots = [UInt32](unsafeUninitializedCapacity: Int(CP_CYCLE_MAX)) { buffer, count in
      count = Int(cp_find_cycle(me.pointee.slot, buffer.baseAddress))
    }
    if !slots.isEmpty { runtime.reportLiveCycle(slots) }
  }
}
