import Basics
import Synchronization
import Trading

/// Lanes for one kind of call whose callers must not wait for each other: a call takes a lane that nobody uses.
///
/// A lane whose last call was late may still have it, and serves only when there is no other.
final class LanePool<Reply: Sendable>: Sendable {
  private struct Lanes {
    var free: [CallLane<Reply>] = []
    var late: [CallLane<Reply>] = []
    var all: [CallLane<Reply>] = []
    var lastLimit: Instant?
    var isClosed = false
    /// Which one is shared next, once all are in use.
    var turn = 0
  }

  private let context: EngineContext
  private let name: ThreadName
  private let lanesMax: Int
  private let lanes = Mutex(Lanes())

  /// - Parameter lanesMax: at least 1; beyond it callers share.
  init(_ context: EngineContext, _ name: ThreadName, lanesMax: Int) {
    self.context = context
    self.name = name
    self.lanesMax = max(1, lanesMax)
  }

  /// As `CallLane.call`.
  func call(
    until limit: Instant, late: CallLane<Reply>.Late? = nil,
    _ body: @escaping @Sendable () throws(Stopped) -> CallLane<Reply>.Answer
  ) throws(Stopped) -> CallLane<Reply>.Answer {
    let (lane, isOwn) = try take()
    var isLate = true
    defer { if isOwn { giveBack(lane, isLate) } }
    let answer = try lane.call(until: limit, late: late, body)
    if case .failure(.unknownOutcome) = answer {} else { isLate = false }
    return answer
  }

  /// Lets nobody wait beyond that time any more.
  func hurry(until limit: Instant) throws(Stopped) {
    let all = lanes.withLock { lanes in
      lanes.lastLimit = limit
      return lanes.all
    }
    for lane in all { try lane.hurry(until: limit) }
  }

  /// Ends the workers.
  func close() throws(Stopped) {
    let all = lanes.withLock { lanes in
      lanes.isClosed = true
      return lanes.all
    }
    for lane in all { try lane.close() }
  }

  private func take() throws(Stopped) -> (lane: CallLane<Reply>, isOwn: Bool) {
    let taken = lanes.withLock { lanes in
      if let lane = lanes.free.popLast() { return (lane: lane, isOwn: true, isNew: false) }
      if lanes.all.count < lanesMax {
        let lane = CallLane<Reply>(context, name)
        lanes.all.append(lane)
        return (lane: lane, isOwn: true, isNew: true)
      }
      if !lanes.late.isEmpty { return (lane: lanes.late.removeFirst(), isOwn: true, isNew: false) }
      lanes.turn = (lanes.turn + 1) % lanes.all.count
      return (lane: lanes.all[lanes.turn], isOwn: false, isNew: false)
    }
    if taken.isNew {
      let (limit, isClosed) = lanes.withLock { ($0.lastLimit, $0.isClosed) }
      if let limit { try taken.lane.hurry(until: limit) }
      if isClosed { try taken.lane.close() }
    }
    return (taken.lane, taken.isOwn)
  }

  private func giveBack(_ lane: CallLane<Reply>, _ isLate: Bool) {
    lanes.withLock { lanes in
      if isLate { lanes.late.append(lane) } else { lanes.free.append(lane) }
    }
  }
}
