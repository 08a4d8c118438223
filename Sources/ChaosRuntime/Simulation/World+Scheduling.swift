import Basics

/// Blocking, waking, and the choice of who runs next.
extension World {
  /// Parks the current thread until it is made runnable, by `due` at the latest when that is given.
  func block(as state: SimThread.State, due: Int64? = nil) {
    current.state = state
    current.since = now
    current.wokenByTimer = false
    // A moment beyond all counting never comes: such a wait has no timer.
    if let due, due < .max { timers.insert(due: due, thread: ThreadReference(current)) }
    switchAway()
  }

  /// Makes a waiting thread runnable. One that a stop has woken already may still stand in some list of waiters.
  func wake(_ thread: ThreadReference) {
    let isWaiting = thread.look { thread in
      switch thread.state {
      case .running, .runnable, .finished: return false
      default: break
      }
      thread.timerToken &+= 1
      thread.state = .runnable
      return true
    }
    if isWaiting { runnable.append(thread) }
  }

  /// Gives the turn to whoever can run; while nobody can, the clock jumps to the next timer. That is how virtual
  /// time passes: code takes none, so a run that never waits stands still in it, which is why steps are bounded.
  func switchAway() {
    while true {
      if !runnable.isEmpty {
        transfer(to: runnable.remove(at: pickWhenBlocked()))
        return
      }
      if !advanceClock() { nothingCanRun() }
    }
  }

  func pickWhenBlocked() -> Int {
    guard runnable.count > 1, isExploring, strategy != nil || replay != nil else { return 0 }
    choicePoints &+= 1
    let object = current.object
    let site = object << 4 | Int(Operation.blocked.rawValue)
    let occurrence = nextOccurrence(site: site)
    var index = 0
    if let replay, now - start < replay.until ?? .max {
      let decision = replay.decision(
        in: self, thread: current, operation: .blocked, object: object, occurrence: occurrence)
      if case .run(let i) = decision { index = i }
    } else {
      let decision = nextDecision(.blocked, object: object, draw(current, site, occurrence), canProceed: false)
      if case .run(let i) = decision { index = i }
    }
    guard index > 0, index < runnable.count else { return 0 }
    record(.run, current.id, .blocked, object, occurrence, value: Int64(runnable[index].look { $0.id }))
    return index
  }

  /// Jumps to the next timer; false: there is none.
  func advanceClock() -> Bool {
    while let entry = timers.earliest {
      if entry.isVoid {
        _ = timers.removeEarliest()
        continue
      }
      if entry.due > nextActivityCheck, !isStopping, checkActivities(before: entry.due) { return true }
      now = max(now, entry.due)
      while let due = timers.earliest, due.due <= now {
        _ = timers.removeEarliest()
        guard !due.isVoid else { continue }
        due.thread.look { $0.wokenByTimer = true }
        if due.thread.look({ $0.awaitedPredicate != nil }) { noteMasked(due.thread.thread) }
        wake(due.thread)
      }
      return true
    }
    return false
  }

  func transfer(to next: ThreadReference) {
    let me = ThreadReference(current)
    next.look { $0.state = .running }
    if next == me { return }
    switches &+= 1
    next.look { current = $0 }
    carrier.transfer(from: me, to: next)
    // Here the thread has its turn again, perhaps a virtual hour later, perhaps only to walk its own stack for a dump.
    while captureRequester != nil { answerCapture(by: me.thread) }
  }
}

extension World {
  // MARK: Ends

  /// From now on every primitive throws; whoever waits is woken to hear it.
  func stop() {
    guard !isStopping else { return }
    isStopping = true
    threadsAtStop = threads.map(\.account)
    if !threadsAtStop.isEmpty { threadsAtStop[0].isFinished = true }
    timers.removeAll()
    for thread in threads {
      switch thread.state {
      case .running, .runnable, .finished: continue
      default: wake(ThreadReference(thread))
      }
    }
  }

  /// The error for the current thread. One that swallows it 10,000 times is parked for good and counted.
  func stoppedInCurrent() -> Stopped {
    let me = current
    me.stopsThrown += 1
    if me.stopsThrown > 10_000 {
      unresponsiveThreads.append(me.path)
      me.state = .finished
      for joiner in me.joiners { wake(ThreadReference(joiner)) }
      carrier.transfer(from: ThreadReference(me), to: ThreadReference(threadAfterCurrent()))
    }
    return .stopped
  }

  /// No thread is runnable and no timer is set: whoever waits now waits for ever.
  func nothingCanRun() {
    let waiting = threads.filter { $0.state != .finished }
    let lost = lostSignals(waiting)
    report(
      Incident(
        kind: lost.isEmpty ? .stuck : .lostWakeup, time: Instant(nanoseconds: now),
        summary: "no thread can run and no timer is set: "
          + waiting.map { "\($0.name) \(waitText($0))" }.joined(separator: ", ") + lost.map { "; \($0)" }.joined(),
        threads: waiting.map(\.name)))
    stop()
  }

  func report(_ incident: Incident) {
    incidents.append(incident)
    if let onIncident, onIncident(incident) == .stop { stop() }
  }
}

/// What a world does after an incident was reported.
public enum IncidentResponse: Sendable {
  /// Go on as if nothing had been found, or end the run so that every primitive throws.
  case carryOn, stop
}
