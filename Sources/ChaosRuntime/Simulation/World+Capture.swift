import Basics
import CPlatform

/// Stack capture: a parked thread is resumed with a command, walks its own stack inside the switch and parks again.
extension World {
  /// Frames kept per thread.
  static let framesMax = 64

  /// Runs on a parked thread that was resumed for a capture.
  func answerCapture(by me: SimThread) {
    guard let requester = captureRequester else { return }
    me.capturedFrames = walk(me)
    carrier.transfer(from: ThreadReference(me), to: ThreadReference(requester))
  }

  private func walk(_ thread: SimThread) -> [UInt] {
    let bounds = carrier.stackBounds(of: thread)
    return [UInt](unsafeUninitializedCapacity: Self.framesMax) { buffer, count in
      count = cp_walk_self(bounds.low, bounds.high, buffer.baseAddress, Self.framesMax)
    }
  }

  /// What every thread does now; with `stacks`, each one that has started also walks its stack.
  func snapshot(stacks: Bool) -> [ThreadSnapshot] {
    let me = current
    if stacks {
      captureRequester = me
      for thread in threads where thread !== me && thread.hasStarted && thread.state != .finished {
        carrier.transfer(from: ThreadReference(me), to: ThreadReference(thread))
      }
      captureRequester = nil
      if me !== outside { me.capturedFrames = walk(me) }
    }
    return threads.map { thread in
      defer { thread.capturedFrames = [] }
      return ThreadSnapshot(
        name: thread.name, state: snapshotState(thread), since: Instant(nanoseconds: thread.since),
        held: thread.held.pointee.array.map {
          ThreadSnapshot.Held(
            lock: $0.lock.name, takenAt: "\($0.file):\($0.line)", since: Instant(nanoseconds: $0.since))
        },
        activities: thread.activities.map {
          ThreadSnapshot.Doing(
            activity: "\($0.name)", limit: Duration(nanoseconds: $0.limit), lastBeat: Instant(nanoseconds: $0.beat))
        },
        frames: thread.capturedFrames)
    }
  }

  private func snapshotState(_ thread: SimThread) -> ThreadSnapshot.State {
    let at = "\(thread.file):\(thread.line)"
    switch thread.state {
    case .notStarted: return .notStarted
    case .running: return .running
    case .runnable: return .runnable
    case .sleeping: return .sleeping
    case .stalled: return .stalled
    case .finished: return .finished
    case .joining: return .joining(thread.joined?.name ?? "?")
    case .waitingCondition: return .waitingForCondition(thread.awaitedCondition?.name ?? "?", at: at)
    case .waitingLock:
      return .waitingForLock(
        thread.wantedLock?.name ?? "?", at: at, holder: thread.wantedLock?.owner?.name ?? "nobody")
    }
  }
}
