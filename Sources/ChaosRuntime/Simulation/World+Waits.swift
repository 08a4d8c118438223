import Basics

/// What is wrong with waits besides cycles of locks: wakeups that are lost, wakeups without a signal, turns that never come.
extension World {
  /// Whether the current thread's wait on a condition ends at once, without a signal: a choice like any other.
  func wakesSpuriously(object: Int) -> Bool {
    guard isExploring, !isHealed else { return false }
    let site = object << 4 | Int(Operation.wake.rawValue)
    if let replay, now - start < replay.until ?? .max {
      let decision = replay.decision(
        in: self, thread: current, operation: .wake, object: object, occurrence: nextOccurrence(site: site))
      guard case .stall = decision else { return false }
    } else if strategy != nil {
      let occurrence = nextOccurrence(site: site)
      guard strategy?.wakesSpuriously(draw: draw(current, site, occurrence)) == true else { return false }
      record(.wake, current.id, .wake, object, occurrence, value: 1)
      return true
    } else {
      return false
    }
    record(.wake, current.id, .wake, object, occurrences(site: site) - 1, value: 1)
    return true
  }

  private func occurrences(site: Int) -> UInt32 { current.occurrences[site] }

  /// A wait is cut short: the thread goes to the end of those that can run.
  func passTurn() {
    current.state = .runnable
    current.since = now
    runnable.append(ThreadReference(current))
    switchAway()
  }

  /// Before a timer ends a wait: whether what it waits for is there already and nobody is about to say so.
  func noteMasked(_ thread: SimThread) {
    guard let predicate = thread.awaitedPredicate, let condition = thread.awaitedCondition,
      condition.lock.owner == nil, !threads.contains(where: { $0.state == .stalled })
    else { return }
    thread.isMasked = predicate()
  }

  func reportMasked(_ condition: Condition) {
    report(
      Incident(
        kind: .lostWakeup, time: Instant(nanoseconds: now),
        summary: "\(current.name) waited for \"\(condition.name)\" until its time was up, though what it waits for was "
          + "there already: a time limit hides a lost wakeup",
        threads: [current.name], locks: [condition.lock.name]))
  }

  /// Called when a lock was taken `overtakenMax` times more while `thread` waited for its turn.
  func reportStarvation(_ thread: SimThread, _ lock: Lock, times: Int) {
    report(
      Incident(
        kind: .starvation, time: Instant(nanoseconds: now),
        summary: "\(thread.name) never gets its turn: others took \"\(lock.name)\" \(times) times while it "
          + waitText(thread),
        threads: [thread.name], locks: [lock.name], activity: thread.activities.last.map { "\($0.name)" }))
  }

  /// Looks for threads that wait on a condition of the lock inside an activity while others come and go.
  func checkTurns(of lock: Lock) {
    for thread in threads where thread.state == .waitingCondition && !thread.doing.pointee.isEmpty {
      guard let condition = thread.awaitedCondition, condition.lock === lock else { continue }
      let times = lock.acquisitions - thread.acquisitionsAtWait
      if times > overtakenMax, !isStopping {
        thread.acquisitionsAtWait = lock.acquisitions
        reportStarvation(thread, lock, times: times)
      }
    }
  }
}
