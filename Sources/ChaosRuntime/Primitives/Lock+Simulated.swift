import Basics

/// The simulated lock. Functions on its path answer false instead of throwing; see `Unretained`.
///
/// Only one thread runs at a time, so nothing here is atomic; what makes it a model of the live lock is where it offers
/// the turn. The point stands before the look at the holder, so that another thread can come in between, and all
/// waiters are made runnable at a release, so that any of them, or a newcomer, gets the lock: a queue would leave out
/// the schedules in which a waiter is overtaken.
extension Lock {
  /// Who has it.
  var owner: SimThread? { holder?.thread }

  /// False: the run stops.
  func simulatedLock(_ world: World, _ file: StaticString, _ line: UInt32) -> Bool {
    world.passes(.lock, object: object) && simulatedAcquire(world, file, line)
  }

  /// Takes the lock, waiting while somebody has it; false: the run stops. A cycle is found the moment it closes.
  func simulatedAcquire(_ world: World, _ file: StaticString, _ line: UInt32) -> Bool {
    if world.lockOrder != nil { world.lockOrder?.wanted(self, by: world.current, file, line) }
    if holder != nil, !awaitRelease(world, file, line) { return false }
    holder = ThreadReference(world.current)
    world.current.overtaken = 0
    acquisitions &+= 1
    // A look at every thread at each acquisition would make a lock O(threads); starvation is a matter of thousands of
    // turns.
    if acquisitions & 255 == 0, world.overtakenMax != .max { world.checkTurns(of: self) }
    world.current.held.pointee.append(HeldLock(lock: self, file: file, line: line, since: world.now))
    return true
  }

  private func awaitRelease(_ world: World, _ file: StaticString, _ line: UInt32) -> Bool {
    let me = ThreadReference(world.current)
    while holder != nil {
      me.look { me in
        me.operation = .lock
        me.object = object
        me.file = file
        me.line = line
        me.wantedLock = self
        me.state = .waitingLock
        me.since = world.now
      }
      if closesCycle(me), let cycle = cycle(closedBy: me.thread) { world.reportDeadlock(cycle) }
      if me.look({ $0.overtaken > world.overtakenMax }) {
        world.reportStarvation(me.thread, self, times: me.thread.overtaken)
      }
      me.look { $0.overtaken &+= 1 }
      if world.isStopping {
        // The stop took this thread for a waiting one; it runs, and hears of it here.
        world.runnable.removeAll(where: { $0 == me })
        me.look { me in
          me.wantedLock = nil
          me.state = .running
        }
        _ = world.stoppedInCurrent()
        return false
      }
      waiters.append(me)
      world.block(as: .waitingLock)
      me.look { $0.wantedLock = nil }
      if world.isStopping {
        _ = world.stoppedInCurrent()
        return false
      }
    }
    return true
  }

  func simulatedRelease(_ world: World) {
    let held = world.current.held
    if let last = held.pointee.last, last.lock === self {
      held.pointee.removeLast()
    } else if let index = held.pointee.lastIndex(where: { $0.lock === self }) {
      held.pointee.remove(at: index)
    }
    guard holder == ThreadReference(world.current) else { return }
    holder = nil
    guard !waiters.isEmpty else { return }
    for index in 0..<waiters.count { world.wake(waiters[index]) }
    waiters.removeAll()
  }

  /// Whether the owner waits for a lock too: else there is no cycle to look for.
  private func closesCycle(_ me: ThreadReference) -> Bool {
    guard let holder else { return false }
    return holder == me || holder.look { $0.state == .waitingLock }
  }

  /// The threads of the cycle that `me` closes by waiting for this lock; nil: none. O(depth).
  private func cycle(closedBy me: SimThread) -> [SimThread]? {
    var threads = [me]
    var at = owner
    while let thread = at {
      if thread === me { return threads }
      guard thread.wantedLock != nil, thread.state == .waitingLock else { return nil }
      // A circle further on, reported before, does not lead back here.
      guard threads.count <= (me.world?.threads.count ?? 0) else { return nil }
      threads.append(thread)
      at = thread.wantedLock?.owner
    }
    return nil
  }
}

extension World {
  func reportDeadlock(_ threads: [SimThread]) {
    let edges = threads.map { thread -> Incident.Edge in
      let lock = thread.wantedLock
      let held = lock?.owner?.held.pointee.array.last { $0.lock === lock }
      return Incident.Edge(
        thread: thread.name, lock: lock?.name ?? "?", waitsAt: "\(thread.file):\(thread.line)",
        holder: lock?.owner?.name ?? "?", takenAt: held.map { "\($0.file):\($0.line)" } ?? "?",
        waited: Duration(nanoseconds: now - thread.since))
    }
    report(
      Incident(
        kind: .deadlock, time: Instant(nanoseconds: now),
        summary: edges.count == 1
          ? "\(edges[0].thread) takes \"\(edges[0].lock)\" again while it holds it" : Incident.cycleText(edges),
        cycle: edges, threads: edges.map(\.thread), locks: edges.map(\.lock)))
  }
}

extension Incident {
  /// The cycle in one line: `a -> "x" -> b -> "y" -> a`.
  public static func cycleText(_ edges: [Edge]) -> String {
    guard let first = edges.first else { return "no cycle" }
    return edges.map { "\($0.thread) -> \"\($0.lock)\" -> " }.joined() + first.thread
  }
}
