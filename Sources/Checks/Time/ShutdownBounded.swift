import Basics
import Trading

extension Check {
  /// What the end may take beyond its limit: its last steps check the time only between them, in milliseconds.
  static let shutdownSlackMs = 1000.0

  /// Reads `shutdown`, `threads` and `swallowed_stop` of run.json, which the runtime wrote, against `leaked` of
  /// SHUTDOWN_COMPLETE; its phases and firings, and the calls and orders of the venue's truth, for threads that a fault held
  /// at the very end, which nobody can end, and for the time that an end took without a reason.
  public static let shutdownBounded = Check(
    .shutdownBounded, "the engine ends within its limit and leaves no thread, or says which"
  ) { record in
    let name = CheckName.shutdownBounded
    if !record.run.swallowedStop.isEmpty {
      let text = "\(record.run.swallowedStop.count) threads caught Stopped and went on: they would never have ended"
      return .fail(name, text, record.run.swallowedStop)
    }
    guard let requested = record.run.shutdownRequested else { return .open(name, "nobody asked the engine to end") }
    guard
      let limit = record.settings.time(.shutdownTimeoutS)?.milliseconds ?? record.run.shutdownLimitMs
        ?? record.run.limit(.shutdownMs)
    else {
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
    let idle = idleTime(record, .from(requested, to: completed))
    if idle > reactionSlack {
      return .fail(
        name, "the engine took \(milliseconds(took)) to end, \(milliseconds(idle.milliseconds)) of it without a reason",
        ["asked to end at \(requested.iso8601()): no order was open, and the venue was asked for nothing"])
    }
    return .pass(name, "ended in \(milliseconds(took))")
  }

  /// How much of an end the engine waited for nothing: faults were off, no order was open or in doubt, and no call to the venue
  /// was under way. Who waits for the next turn has to hear of the end.
  private static func idleTime(_ record: SessionRecord, _ end: Range<Instant>) -> Duration {
    guard record.run.phases.last?.name != "chaos", let hearing = try? Hearing(record) else { return .zero }
    // Who ends an engine whose main loop a fault has ended waits for threads that cannot know.
    let main = ThreadName.engineMain.rawValue
    if record.run.firings.contains(where: { $0.thread == main && $0.action == "kill" }) { return .zero }
    let isQuiet = record.truth.orders.allSatisfy { order in
      hearing.time(ofEndOf: order).map { $0 + reactionSlack < end.lowerBound } ?? false
    }
    guard isQuiet else { return .zero }
    var open: [String: Instant] = [:]
    var calls: [Range<Instant>] = []
    var fields = FieldIndex()
    for line in record.venue where line.time >= end.lowerBound.minus(callMax) {
      guard line.kind == "request" || line.kind == "reply" else { continue }
      fields.load(line)
      guard let id = fields.code(.id) else { continue }
      if line.kind == "request" {
        open[id] = line.time
      } else if let asked = open.removeValue(forKey: id) {
        calls.append(.from(asked, to: line.time))
      }
    }
    calls += open.values.map { .from($0, to: end.upperBound) }
    return Stretches(calls).uncovered(in: end)
  }

  /// Older calls are over, or were given up.
  private static let callMax = Duration.seconds(120)

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
        $0.asked < completed && ($0.answered ?? .distantFuture) >= completed
      }
    }
    return record.run.firings.contains { $0.thread == thread && $0.action.hasPrefix("hang") }
  }
}
