public import Basics
import ChaosRuntime
import Exploration

/// run.json and config.json of a live session that has begun: what is known before its end, and what a killed one leaves
/// behind.
extension PaperSystem {
  /// The files before anything has run. `began` is when the session starts; run.json is written again as it goes on, and
  /// the one of its end takes its place.
  public func unfinishedFiles(
    _ session: PaperSessionState, began: Instant, for live: LiveSession
  ) -> [(path: String, bytes: [UInt8])] {
    var state = PaperSessionState.State()
    state.phases = [("baseline", began, began)]
    let end = RunEnd(
      incidents: [], ended: began, landmarks: [], overdueActivities: [], threads: [], isStallFree: true,
      carrier: "live", scheduleSeed: session.request.scheduleSeed, files: [])
    return [
      ("config.json", config(session)), ("run.json", unfinished(session, state, end, for: live)),
    ]
  }

  /// run.json so far: its last phase ends `now`.
  func unfinishedRun(
    _ session: PaperSessionState, at now: Instant, in runtime: Runtime, for live: LiveSession
  ) -> [UInt8] {
    var state = session.state.withLock { $0 }
    if let last = state.phases.indices.last { state.phases[last].end = max(now, state.phases[last].start) }
    let end = RunEnd(
      incidents: [], ended: now, landmarks: runtime.landmarks, overdueActivities: runtime.overdueActivities,
      threads: runtime.threadStates, isStallFree: true, carrier: "live", scheduleSeed: session.request.scheduleSeed,
      files: [])
    return unfinished(session, state, end, for: live)
  }

  private func unfinished(
    _ session: PaperSessionState, _ state: PaperSessionState.State, _ end: RunEnd, for live: LiveSession
  ) -> [UInt8] {
    let run = RunJSON(system: self, session: session, state: state, end: end, counts: faultCounts(state))
    var members = run.value(verdicts: []).members ?? []
    members.removeAll { ["verdicts", "crash"].contains($0.key) }
    members.insert(("unfinished", .bool(true)), at: 3)
    members.append(("seed", .number("\(live.seed)")))
    members.append(("judged_by", .array(live.judgedBy.map { .string($0) })))
    return Array(JSON.object(members).pretty().utf8)
  }
}
