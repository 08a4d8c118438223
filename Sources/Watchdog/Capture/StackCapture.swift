import CPlatform

/// Asks every thread of the process for its stack, by signal, and notes what the kernel says of it.
struct StackCapture {
  let arena: DumpArena

  /// Nanoseconds more for threads that only lack a processor: at load 25 half of them answer later than the limit.
  private static let grace: UInt64 = 2_500_000_000

  /// Asks those of the first ids once more who gave no answer.
  func askAgain(_ count: Int, limit: UInt64) {
    for i in 0..<count where cp_capture_state(arena.captures + i) == UInt32(CP_CAPTURE_SILENT) {
      capture(i..<(i + 1), deadline: cp_monotonic_ns() &+ limit, onlySelf: false)
    }
  }

  /// Fills the capture and status of each of these ids of the arena. Whoever does not answer until the deadline stays without
  /// a stack.
  func capture(_ range: Range<Int>, deadline: UInt64, onlySelf: Bool) {
    let signal = cp_capture_install()
    let me = cp_gettid()
    for i in range {
      let capture = arena.captures + i
      let status = arena.statuses + i
      cp_thread_status_read(arena.ids[i], status)
      guard cp_capture_reset(capture, arena.ids[i]) else { continue }
      setBounds(capture)
      let isMine = arena.ids[i] == me
      guard signal > 0, isMine == onlySelf else { continue }
      let isBlocked = status.pointee.signals_blocked >> UInt64(signal - 1) & 1 != 0
      if isBlocked || status.pointee.state == 0 {
        cp_capture_skip(capture)
        continue
      }
      if !hasRoom(capture, status) {
        cp_capture_leave(capture)
        continue
      }
      let isParked = status.pointee.syscall_number >= 0
      capture.pointee.syscall_number = isParked ? UInt32(status.pointee.syscall_number) : 0
      capture.pointee.syscall_pc = isParked ? status.pointee.syscall_pc : 0
      _ = cp_capture_ask(capture)
    }
    cp_capture_wait(arena.captures + range.lowerBound, range.count, deadline, Self.grace)
  }

  /// Whether the stack of a thread that waits takes a signal; of one that runs nobody knows.
  private func hasRoom(_ capture: UnsafePointer<cp_capture>, _ status: UnsafePointer<cp_thread_status>) -> Bool {
    let top = status.pointee.stack_pointer
    guard top > 0 else { return true }
    var low = capture.pointee.stack_low
    if low == 0 || low > top {
      low = cp_mapping_start(
        arena.maps.baseAddress?.assumingMemoryBound(to: CChar.self), arena.mapsCount, top)
    }
    return low == 0 || top < low || top - low > cp_capture_room()
  }

  /// Only the bounds of registered stacks are known; the others are walked by their unwind tables alone.
  private func setBounds(_ capture: UnsafeMutablePointer<cp_capture>) {
    for slot in 0..<Int(CP_THREADS_MAX) {
      guard arena.records[slot].in_use != 0, arena.records[slot].tid == capture.pointee.tid else { continue }
      capture.pointee.stack_low = arena.records[slot].stack_low
      capture.pointee.stack_high = arena.records[slot].stack_high
      return
    }
  }
}
