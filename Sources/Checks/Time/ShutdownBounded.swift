import Basics
import Trading

extension Check {
  /// What the end may take beyond its limit: its last steps check the time only between them, in milliseconds.
  static let shutdownSlackMs = 1000.0

  /// Reads `shutdown`, `threads` and `swallowed_stop` of run.json, which the runtime wrote, against `leaked` of
  /// SHUTDOWN_COMPLETE; its firings, and the calls of the venue's truth, for threads that a fault held at the very end: nobody
  /// can end those.
  public static let shutdownBounded = Check(
    .shutdownBounded, "the engine ends within its limit and leaves no thread, or says which"
  ) { record in
    let name = CheckName.shutdownBounded
    if !record.run.swallowedStop.isEmpty {
      let text = "\(record.run.swallowedStop.count) threads caught Stopped and went on: they would never have ended"
      return .fail(name, text, record.run.swallowedStop)
    }
    guard let requested = record.run.shutdownRequested else { return .open(name, "nobody asked the engine to end") }
    guard let limit = record.run.shutdownLimitMs ?? record.run.limit(.shutdownMs) else {
      return .open(name, "run.json names no limit")
    }
    guard let completed = record.run.shutdownCompleted else {
      let running = record.run.threads.filter { !$0.isFinished }.map { "\($0.name) is running" }
      return .fail(name, "the engine was asked to end at \(requested.iso8601()) and did not", running)
    }
    let took = (completed - requested).milliseconds
    if !record.run.isStallFree { return .stalled(name, ["ended in \(milliseconds(took))"]) }
    let left = record.run.threads.filter { !$0.isFinished && $0.name != ThreadName.engineEnd.rawValue }.map(\.name)
    let leaked = left.filter { !isHeld($0, completed, record) }
    if !leaked.isEmpty { return .fail(name, "\(leaked.count) threads had not ended", leaked) }
    let untold = untoldLeaks(left, record)
    if !untold.isEmpty {
      return .fail(name, "\(untold.count) threads had not ended, and \(EventName.shutdownComplete) names none", untold)
    }
    if took > limit + shutdownSlackMs {
      return .fail(
        name, "the engine took \(milliseconds(took)) to end, \(milliseconds(limit)) are allowed",
        ["asked to end at \(requested.iso8601()), ended at \(completed.iso8601())"])
    }
    return .pass(name, "ended in \(milliseconds(took))")
  }

  /// Threads that were left, and of which the engine's last word says nothing; those of the log end after it.
  private static func untoldLeaks(_ left: [String], _ record: SessionRecord) -> [String] {
    guard let last = record.events(.shutdownComplete).last else { return [] }
    let told = (last.value(.leaked)?.array ?? []).compactMap(\.string)
    let later = [ThreadName.logWriter, .formatWorker].map(\.rawValue)
    return left.filter { !told.contains($0) && !later.contains($0) }
  }

  /// Whether a fault that was never lifted keeps a worker: the venue owes its call an answer, or its work was told to hang.
  private static func isHeld(_ thread: String, _ completed: Instant, _ record: SessionRecord) -> Bool {
    if record.run.phases.last?.name != "chaos" { return false }
    if thread.hasPrefix("exchange-") {
      let orders = record.truth.orders.flatMap { $0.places + $0.queries + $0.cancels }
      return (orders + record.truth.balances).contains {
        $0.asked <= completed && ($0.answered ?? .distantFuture) > completed
      }
    }
    return record.run.firings.contains { $0.thread == thread && $0.action.hasPrefix("hang") }
  }
}
