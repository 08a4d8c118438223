import CPlatform
import Glibc

/// The THREAD paragraphs: state, verdict, locks held, frames.
extension DumpText {
  mutating func thread(_ thread: DumpThread, images: UnsafeMutableBufferPointer<DumpImage>) {
    out.text("THREAD ")
    out.text(thread.label.name)
    if thread.label.tid != 0 {
      out.text("  tid ")
      out.number(Int(thread.label.tid))
    }
    systemState(thread)
    out.line()
    out.text("  verdict: ")
    verdict(thread)
    out.line()
    if thread.site.file.count > 0, isWaiting(thread) {
      out.text("      at ")
      site(thread.site)
      out.line()
    }
    if thread.processor >= 0 {
      out.text("  processor ")
      out.duration(thread.processor)
      out.text(", switches ")
      out.number(thread.switches)
      out.text(" and ")
      out.number(thread.switchesForced)
      out.line(" forced")
    }
    if thread.progress >= 0, thread.activities.count == 0 {
      out.text("  last progress ")
      out.duration(thread.progress)
      out.line(" ago")
    }
    for i in 0..<thread.activities.count { activity(thread.activities[i]) }
    for i in 0..<thread.held.count { held(thread.held[i]) }
    if thread.heldUnlisted > 0 {
      out.text("  holds ")
      out.number(thread.heldUnlisted)
      out.line(" more locks that the table has no room for")
    }
    switch thread.stack {
    case .walked: frames(thread, images: images)
    case .blocked: out.line("  (its signals are blocked; no stack)")
    case .silent: out.line("  (no answer within the limit; no stack)")
    case .gone: out.line("  (it ended meanwhile; no stack)")
    case .refused: refusal(thread.refusal)
    case .noRoom: out.line("  (too little of its stack is left for a signal; not asked)")
    case .own: out.line("  (the watchdog itself)")
    case .none: break
    }
    out.line()
  }

  private mutating func refusal(_ error: Int32) {
    out.text("  (no signal can be sent: ")
    switch error {
    case EAGAIN: out.text("the queue of signals is full, see 'ulimit -i'")
    case EPERM, ENOSYS: out.text("a filter forbids the call")
    default: out.text(Text(cString: cp_error_text(error)))
    }
    out.line("; no stack)")
  }

  private mutating func systemState(_ thread: DumpThread) {
    guard thread.systemState != 0 else { return }
    out.text("  state ")
    out.byte(thread.systemState)
    if thread.systemCall >= 0 {
      out.text(" in ")
      out.text(SystemCall.name(thread.systemCall))
      out.text("(")
      out.number(Int(thread.systemCall))
      out.text(")")
    } else if thread.systemState == 0x52 {
      out.text(" in running")
    }
    if thread.wchan.count > 0 {
      out.text("  wchan ")
      out.text(thread.wchan)
    }
  }

  // MARK: Verdict

  private mutating func verdict(_ thread: DumpThread) {
    if thread.state == .finished || thread.state == .notStarted { return state(thread) }
    switch thread.rank {
    case .foreign: return out.text("not registered (foreign thread)")
    case .suspect: out.text(thread.state == .waitingLock ? "BLOCKED, " : "STUCK, ")
    case .busy: out.text("BUSY, ")
    case .idle: out.text(isMoving(thread) ? "in no activity, " : "IDLE, ")
    }
    state(thread)
    if thread.rank == .idle, !isMoving(thread) { out.text(" - not a suspect") }
  }

  private func isMoving(_ thread: DumpThread) -> Bool {
    thread.state == .running || thread.state == .runnable || thread.state == .stalled
  }

  private mutating func state(_ thread: DumpThread) {
    switch thread.state {
    case .foreign: out.text("not registered")
    case .running: running(thread)
    case .runnable: out.text("can run")
    case .stalled: out.text("is preempted")
    case .finished: out.text("has ended")
    case .notStarted: out.text("has not begun")
    case .sleeping: waits("sleeps", thread)
    case .joining: waits("waits for the end of ", thread)
    case .waitingCondition: waits("waits for ", thread)
    case .waitingLock:
      waits("waits for ", thread)
      out.text(", held by ")
      if thread.holder.name.count > 0 { label(thread.holder) } else { out.text("nobody") }
    }
  }

  /// What the kernel says of a thread that waits for nothing of the runtime's.
  private mutating func running(_ thread: DumpThread) {
    switch thread.systemState {
    case 0x53 where thread.systemCall >= 0:  // S
      out.text("waits in the system, ")
      out.text(SystemCall.name(thread.systemCall))
    case 0x44: out.text("waits for a device or a file system")  // D
    case 0x54, 0x74: out.text("is stopped by a signal or a debugger")  // T
    default: out.text("runs")
    }
  }

  private mutating func waits(_ verb: StaticString, _ thread: DumpThread) {
    out.text(verb)
    if thread.object.count > 0 {
      out.quoted(thread.object)
    } else if thread.state == .joining {
      out.text("a thread")
    }
    out.text(" for ")
    out.duration(thread.waited)
  }

  private func isWaiting(_ thread: DumpThread) -> Bool {
    switch thread.state {
    case .sleeping, .joining, .waitingCondition, .waitingLock: true
    case .foreign, .running, .runnable, .stalled, .finished, .notStarted: false
    }
  }

  /// One line of the table of idle threads.
  mutating func briefly(_ thread: DumpThread) {
    if thread.rank == .foreign {
      out.text(thread.stack == .own ? "the watchdog itself" : "not registered")
    } else {
      state(thread)
    }
  }

  private mutating func activity(_ activity: DumpActivity) {
    out.text("  in '")
    out.text(activity.name)
    out.text("', last progress ")
    out.duration(activity.quiet)
    out.text(" ago, limit ")
    out.duration(activity.limit)
    out.line()
  }

  private mutating func held(_ held: DumpHeld) {
    out.text("  holds ")
    out.quoted(held.lock)
    out.text(" taken at ")
    site(held.taken)
    if held.heldFor >= 0 {
      out.text(", held ")
      out.duration(held.heldFor)
    }
    out.line()
  }

  // MARK: Frames

  private mutating func frames(_ thread: DumpThread, images: UnsafeMutableBufferPointer<DumpImage>) {
    for i in 0..<thread.frameCount {
      out.text("  #")
      out.number(i)
      out.text("  ")
      frame(thread.frames?[i] ?? 0, images: images)
      out.line()
    }
    if thread.frameCount >= Int(CP_FRAMES_MAX) { out.line("  (frames further out are not listed)") }
  }

  private mutating func frame(_ address: UInt, images: UnsafeMutableBufferPointer<DumpImage>) {
    guard let index = DumpModel.image(at: address, in: images) else { return out.text("?+0x0") }
    out.text(images[index].name)
    out.text("+")
    out.hexadecimal(address - images[index].base)
  }
}
