import CPlatform

/// The THREAD paragraphs of a live dump.
extension LiveDump {
  /// What is known of the i-th thread of the process.
  func thread(_ i: Int, _ finding: Finding, _ now: UInt64) -> DumpThread {
    var thread = DumpThread()
    let status = arena.statuses + i
    let capture = arena.captures + i
    thread.label = ThreadLabel(name: Text(cString: cp_status_name(status)), tid: arena.ids[i])
    thread.rank = .foreign
    thread.state = .foreign
    thread.systemState = UInt8(bitPattern: status.pointee.state)
    thread.systemCall = status.pointee.syscall_number
    if status.pointee.state != 0 {
      let ticks = (status.pointee.user_ticks + status.pointee.system_ticks) &* 10_000_000
      thread.processor = Int64(clamping: max(status.pointee.processor_ns, ticks))
      thread.switches = Int(clamping: status.pointee.switches)
      thread.switchesForced = Int(clamping: status.pointee.switches_forced)
    }
    thread.wchan = Text(cString: cp_status_wchan(status))
    stack(of: &thread, capture)
    if thread.label.tid == cp_gettid() { thread.stack = .own }
    for slot in 0..<Int(CP_THREADS_MAX) {
      guard arena.records[slot].in_use != 0, arena.records[slot].tid == arena.ids[i] else { continue }
      fill(&thread, slot, finding, now)
      break
    }
    return thread
  }

  private func stack(of thread: inout DumpThread, _ capture: UnsafeMutablePointer<cp_capture>) {
    switch cp_capture_state(capture) {
    case UInt32(CP_CAPTURE_DONE): thread.stack = .walked
    case UInt32(CP_CAPTURE_UNASKED): thread.stack = cp_thread_is_alive(thread.label.tid) ? .blocked : .gone
    case UInt32(CP_CAPTURE_IDLE): thread.stack = .none
    case UInt32(CP_CAPTURE_NO_ROOM): thread.stack = .noRoom
    case UInt32(CP_CAPTURE_REFUSED):
      thread.stack = .refused
      thread.refusal = capture.pointee.refusal
    default: thread.stack = cp_thread_is_alive(thread.label.tid) ? .silent : .gone
    }
    guard thread.stack == .walked else { return }
    let count = Int(capture.pointee.count)
    guard let frames = arena.takeFrames(count) else { return }
    let walked = cp_capture_frames(capture)
    for k in 0..<count { frames[k] = (walked?[k] ?? 0) &- (k == 0 ? 0 : 1) }
    thread.frames = UnsafePointer(frames)
    thread.frameCount = count
  }

  private func fill(_ thread: inout DumpThread, _ slot: Int, _ finding: Finding, _ now: UInt64) {
    let record = arena.records + slot
    thread.label.name = Text(cString: cp_thread_name(record))
    thread.rank = record.pointee.activity_count > 0 ? .busy : .idle
    for k in 0..<finding.count where Int(finding.slots[k]) == slot { thread.rank = .suspect }
    // Who waits got on when the wait began; of others it is known to a tick.
    let isWaiting = record.pointee.wait_kind != UInt32(CP_RUNNING)
    let last = isWaiting ? record.pointee.wait_since_ns : progress[slot]
    if last > 0 { thread.progress = Int64(clamping: now &- min(last, now)) }
    thread.waited = Int64(clamping: now &- min(record.pointee.wait_since_ns, now))
    thread.site = Self.site(record.pointee.wait_file, record.pointee.wait_file_length, record.pointee.wait_line)
    switch record.pointee.wait_kind {
    case UInt32(CP_WAIT_LOCK):
      thread.state = .waitingLock
      if let lock = record.pointee.waiting_on {
        thread.object = arena.lockName(lock)
        if let owner = Self.owner(of: lock) { thread.holder = holder(owner) }
      }
    case UInt32(CP_WAIT_CONDITION):
      thread.state = .waitingCondition
      thread.object = Text(cString: record.pointee.wait_object)
    case UInt32(CP_WAIT_SLEEP): thread.state = .sleeping
    case UInt32(CP_WAIT_JOIN):
      thread.state = .joining
      thread.object = Text(cString: record.pointee.wait_object)
    default: thread.state = .running
    }
    holdings(of: &thread, record, now)
  }

  private func holdings(of thread: inout DumpThread, _ record: UnsafeMutablePointer<cp_thread>, _ now: UInt64) {
    let firstHeld = arena.heldCount
    for k in 0..<min(record.pointee.held_count, UInt32(CP_HELD_MAX)) where arena.heldCount < DumpArena.heldMax {
      guard let held = cp_thread_held(record, k)?.pointee, let lock = held.lock else { continue }
      arena.held[arena.heldCount] = DumpHeld(
        lock: arena.lockName(lock), taken: Self.site(held.file, held.file_length, held.line),
        heldFor: held.since_ns == 0 ? -1 : Int64(clamping: now &- min(held.since_ns, now)))
      arena.heldCount += 1
    }
    thread.held = UnsafeMutableBufferPointer(start: arena.held + firstHeld, count: arena.heldCount - firstHeld)
    thread.heldUnlisted = Int(record.pointee.held_overflow)
    let firstActivity = arena.activityCount
    for k in 0..<min(record.pointee.activity_count, UInt32(CP_ACTIVITIES_MAX))
    where arena.activityCount < DumpArena.activitiesMax {
      guard let activity = cp_thread_activity(record, k)?.pointee else { continue }
      let start = UnsafeRawPointer(activity.name)?.assumingMemoryBound(to: UInt8.self)
      arena.activities[arena.activityCount] = DumpActivity(
        name: Text(start: start, count: Int(activity.name_length)),
        limit: Int64(clamping: limits.limit(of: activity)),
        quiet: Int64(clamping: now &- min(activity.beat_ns, now)))
      arena.activityCount += 1
    }
    thread.activities = UnsafeMutableBufferPointer(
      start: arena.activities + firstActivity, count: arena.activityCount - firstActivity)
  }

  /// Suspects first, then busy threads, idle ones, foreign ones; in the system's order within each.
  func sorted(_ count: Int) -> UnsafeMutableBufferPointer<DumpThread> {
    let threads = arena.threads
    var placed = 0
    for rank in 0...DumpThread.Rank.foreign.rawValue {
      for i in placed..<max(placed, count) where threads[i].rank.rawValue == rank {
        let found = threads[i]
        var k = i
        while k > placed {
          threads[k] = threads[k - 1]
          k -= 1
        }
        threads[placed] = found
        placed += 1
      }
    }
    return UnsafeMutableBufferPointer(start: threads, count: count)
  }
}
