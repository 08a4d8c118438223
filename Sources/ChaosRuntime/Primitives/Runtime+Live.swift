import Basics
import CPlatform

/// Live waiting: futexes, with the registry told what the thread waits for.
extension Runtime {
  /// The caller's record; a thread that the runtime did not start is registered at its first operation.
  func liveSelf() -> UnsafeMutablePointer<cp_thread> {
    if let me = cp_self() {
      // A thread that outlives a runtime (a test runner's, main) belongs to the one it now waits in, whose stop wakes it.
      let owner = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
      if cp_thread_owner(me) != owner { cp_thread_set_owner(me, owner) }
      return me
    }
    let name = "thread-\(cp_gettid())"
    guard let me = cp_thread_register(name, Unmanaged.passUnretained(self).toOpaque()) else {
      fatalError("no memory for the record of \(name)")
    }
    if me.pointee.slot >= CP_THREADS_MAX { noteUnlistedThread() }
    return me
  }

  func liveName(_ me: UnsafeMutablePointer<cp_thread>) -> String { String(cString: cp_thread_name(me)) }

  func liveSleep(_ duration: Duration, _ file: StaticString, _ line: UInt32) throws(Stopped) {
    let me = liveSelf()
    let nanoseconds = duration.nanoseconds
    if isStopping { throw .stopped }
    guard nanoseconds > 0 else { return }
    let now = cp_monotonic_ns()
    let deadline = now &+ UInt64(nanoseconds)
    cp_wait_begin(
      me, UInt32(CP_WAIT_SLEEP), nil, nil, file.utf8Start, UInt32(file.utf8CodeUnitCount), line, now)
    let word = cp_thread_sleep_word(me)
    _ = cp_sleep_begin(me, word)
    defer {
      cp_sleep_end(me)
      cp_wait_end(me)
    }
    while cp_monotonic_ns() < deadline {
      let seen = cp_load(word)
      if isStopping { break }
      _ = cp_futex_wait(word, seen, deadline)
    }
    if isStopping { throw .stopped }
  }

  func enterLive(_ name: StaticString, _ limit: Duration) {
    cp_activity_enter(
      liveSelf(), name.utf8Start, UInt32(name.utf8CodeUnitCount), UInt64(max(0, limit.nanoseconds)), cp_monotonic_ns())
  }

  func leaveLive() {
    guard let me = cp_self() else { return }
    var left = cp_activity()
    guard cp_activity_leave(me, &left) else { return }
    let took = cp_monotonic_ns() &- left.beat_ns
    guard took > left.limit_ns, !isStopping else { return }
    let bytes = UnsafeRawBufferPointer(start: left.name, count: Int(left.name_length))
    addLiveOverdue(
      thread: liveName(me), activity: String(decoding: bytes, as: UTF8.self),
      limit: Duration(nanoseconds: Int64(left.limit_ns)), took: Duration(nanoseconds: Int64(took)))
  }
}
