import CPlatform

/// The live lock beyond its fast path.
extension Lock {
  /// Rounds in which a taken lock is looked at again before its waiter goes to sleep; [K] a few hundred nanoseconds.
  private static let spinsMax = 40

  /// Takes the lock. With `stoppable` it throws once the run is stopped, without taking; a condition takes its lock back
  /// regardless and waits for the real holder.
  func liveLock(_ file: StaticString, _ line: UInt32, stoppable: Bool) throws(Stopped) {
    let me = runtime.liveSelf()
    if stoppable, runtime.isStopping { throw .stopped }
    let length = UInt32(truncatingIfNeeded: file.utf8CodeUnitCount)
    for _ in 0..<Self.spinsMax {
      if cp_lock_try(record, me, file.utf8Start, length, line) { return }
      cp_pause()
    }
    try waitLive(me, file, line, stoppable: stoppable)
  }

  private func waitLive(
    _ me: UnsafeMutablePointer<cp_thread>, _ file: StaticString, _ line: UInt32, stoppable: Bool
  ) throws(Stopped) {
    let length = UInt32(truncatingIfNeeded: file.utf8CodeUnitCount)
    cp_wait_begin(
      me, UInt32(CP_WAIT_LOCK), record, nil, file.utf8Start, length, line, cp_monotonic_ns())
    defer { cp_wait_end(me) }
    var walkedFor: UInt32 = 0
    while true {
      if stoppable, runtime.isStopping { throw .stopped }
      let word = cp_lock_contend(record, me)
      if word == 0 {
        cp_held_push(me, record, file.utf8Start, length, line)
        return
      }
      if word != walkedFor {
        walkedFor = word
        reportCycle(through: me)
      }
      _ = cp_lock_futex_wait(me, record, word)
    }
  }

  private func reportCycle(through me: UnsafeMutablePointer<cp_thread>) {
    let slots = [UInt32](unsafeUninitializedCapacity: Int(CP_CYCLE_MAX)) { buffer, count in
      count = Int(cp_find_cycle(me.pointee.slot, buffer.baseAddress))
    }
    if !slots.isEmpty { runtime.reportLiveCycle(slots) }
  }
}
