import Basics

/// Named activities with limits, on virtual time: what tells a hang from an idle wait.
extension World {
  func enterActivity(_ name: StaticString, limit: Duration) {
    let nanoseconds = limit.nanoseconds
    current.doing.pointee.append(SimActivity(name: name, limit: nanoseconds, beat: now))
    nextActivityCheck = min(nextActivityCheck, now.addingSaturated(nanoseconds))
  }

  func leaveActivity() {
    let doing = current.doing
    guard let activity = doing.pointee.last else { return }
    doing.pointee.removeLast()
    let took = now - activity.beat
    if took > activity.limit, !isStopping {
      overdue.append(
        OverdueActivity(
          thread: current.name, activity: "\(activity.name)", limit: activity.limit, took: took, time: now))
    }
  }

  func beat() {
    progress &+= 1
    let doing = current.doing
    guard !doing.pointee.isEmpty else { return }
    doing.pointee[doing.pointee.count - 1].beat = now
  }

  /// Looks for waits that outlast their activity before the clock jumps to `due`; true: the world changed, look again.
  func checkActivities(before due: Int64) -> Bool {
    var next = Int64.max
    var found: (thread: SimThread, index: Int, deadline: Int64)?
    for thread in threads where thread.state != .finished && thread.state != .stalled {
      for i in 0..<thread.doing.pointee.count {
        let activity = thread.doing.pointee[i]
        if activity.isReported { continue }
        let deadline = activity.beat.addingSaturated(activity.limit)
        if deadline < due, deadline < found?.deadline ?? .max { found = (thread, i, deadline) }
        next = min(next, deadline)
      }
    }
    nextActivityCheck = next
    guard let found else { return false }
    now = max(now, found.deadline)
    found.thread.doing.pointee[found.index].isReported = true
    let culprit = endOfChain(from: found.thread)
    let activity = found.thread.activities[found.index]
    let name = "\(activity.name)"
    var summary = "\(found.thread.name) has been in '\(name)' for \(secondsText(now - activity.beat)) without progress"
    if culprit !== found.thread {
      summary +=
        ": it waits for \(waitText(found.thread)); at the end of the chain \(culprit.name) \(waitText(culprit))"
    } else {
      summary += ": \(waitText(culprit))"
    }
    report(
      Incident(
        kind: .hang, time: Instant(nanoseconds: now), summary: summary, threads: [culprit.name],
        locks: culprit.held.pointee.array.map { $0.lock.name }, activity: name,
        waited: Duration(nanoseconds: now - activity.beat)))
    return isStopping
  }

  private func endOfChain(from thread: SimThread) -> SimThread {
    var at = thread
    for _ in threads {
      guard at.state == .waitingLock, let owner = at.wantedLock?.owner else { return at }
      at = owner
    }
    return at
  }

  func waitText(_ thread: SimThread) -> String {
    switch thread.state {
    case .waitingLock:
      "waits for lock \"\(thread.wantedLock?.name ?? "?")\" held by \(thread.wantedLock?.owner?.name ?? "nobody")"
    case .waitingCondition: "waits for \"\(thread.awaitedCondition?.name ?? "?")\""
    case .sleeping: "sleeps"
    case .stalled: "is preempted"
    case .joining: "joins \(thread.joined?.name ?? "?")"
    default: "runs"
    }
  }

  func secondsText(_ nanoseconds: Int64) -> String { "\(JSON.double(Double(nanoseconds) / 1e9).text) s" }
}
