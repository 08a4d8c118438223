import Basics
import Trading

extension Check {
  /// Events this close to a save may be in it or not: they are logged just before or after their effect.
  static let saveSlack = Duration.seconds(1)

  /// Reads `state/engine_transient.json` against INTENT_PENDING, INTENT_CLEARED and the bookings of the engine's log, and these against
  /// `state_saved_at` of HEARTBEAT: a crash at any moment may cost no more than STATE_PERSIST_INTERVAL_S and a save.
  public static let stateRecoverable = Check(
    .stateRecoverable, "the state file is complete, has what a restart needs, and agrees with the last events",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.stateRecoverable
    if let error = record.stateError { return .fail(name, "the state file is torn: \(error)", []) }
    guard let state = record.state else {
      return record.intents.isEmpty || record.isCutShort
        ? .open(name, "no state was saved") : .fail(name, "orders were sent and no state was ever saved", [])
    }
    let missing = ["pending_buy_intents", "positions", "last_update"].filter { state[$0] == nil }
    if !missing.isEmpty { return .fail(name, "the state file lacks \(missing.joined(separator: ", "))", []) }
    guard let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }) else {
      return .fail(name, "last_update of the state file is not a time", [])
    }
    if record.earlyEndOfLog != nil { return .pass(name, "the state file is whole") }
    let limit = try record.unsavedLimit()
    let wrong =
      disagreements(record, state, saved, limit.duration)
      + (record.run.isStallFree ? unsavedChanges(record, limit.duration) : []) + unsavedAtTheEnd(record, saved)
    if wrong.isEmpty {
      return .pass(name, "the state file is whole and agrees with the log on \(record.intents.count) intents")
    }
    return .fail(name, "the state file disagrees with the log", wrong)
  }

  /// Heartbeats at which an intent's change had been waiting too long for a save, and no STATE_WRITE_FAILED had said so.
  private static func unsavedChanges(_ record: SessionRecord, _ limit: Duration) -> [String] {
    let changes = record.intents.flatMap { life in [life.pendingAt] + (life.clearedAt.map { [$0] } ?? []) }
    let refusals = record.events(.stateWriteFailed).map(\.time)
    return record.events(.heartbeat).compactMap { beat in
      guard let value = beat.value(.stateSavedAt) else { return nil }
      let saved = value.string.flatMap { Instant(iso8601: $0) } ?? record.run.start
      let oldest = changes.filter { $0 - saved > saveSlack && beat.time - $0 > limit }.min()
      if let oldest, refusals.contains(where: { $0 >= oldest && $0 <= beat.time }) { return nil }
      return oldest.map {
        "\(record.place(beat)): on disk was the state of \(saved.iso8601()), an intent changed at \($0.iso8601())"
      }
    }
  }

  /// What the engine keeps of the limit of its end for the last save and the threads that end last.
  private static let endReserveMs = 1000.0

  /// Bookings that the last save of an engine lacks which ended in time: it waits for whoever books, then it saves.
  private static func unsavedAtTheEnd(_ record: SessionRecord, _ saved: Instant) -> [String] {
    guard let requested = record.run.shutdownRequested, let completed = record.run.shutdownCompleted,
      let limit = record.settings.time(.shutdownTimeoutS)?.milliseconds ?? record.run.shutdownLimitMs,
      (completed - requested).milliseconds < limit - endReserveMs,
      record.run.threads.allSatisfy({ $0.name != ThreadName.stateWriter.rawValue || $0.isFinished })
    else { return [] }
    let booked = record.events.filter {
      $0.type == .budgetCommitted || $0.type == .budgetReleased || $0.type == .intentCleared
        || $0.type == .positionOpened
        || $0.type == .positionClosed
    }
    guard let last = booked.max(by: { $0.time < $1.time }), last.time > saved,
      !record.events(.stateWriteFailed).contains(where: { $0.time >= last.time })
    else { return [] }
    return ["\(record.place(last)): \(last.typeName) at \(last.time.iso8601()), the last save is of \(saved.iso8601())"]
  }

  private static func disagreements(
    _ record: SessionRecord, _ state: JSON, _ saved: Instant, _ limit: Duration
  ) -> [String] {
    let kept = Set((state[.pendingBuyIntents]?.members ?? []).map(\.key))
    var wrong: [String] = []
    for life in record.intents {
      let isKept = kept.contains(life.id)
      if isKept, let cleared = life.clearedAt, saved - cleared > saveSlack {
        wrong.append("\(life.id): cleared at \(cleared.iso8601()), pending in the state of \(saved.iso8601())")
      }
      let isPending = life.clearedAt.map { $0 - saved > saveSlack } ?? true
      if !isKept, isPending, saved - life.pendingAt > saveSlack {
        wrong.append("\(life.id): pending since \(life.pendingAt.iso8601()), not in the state of \(saved.iso8601())")
      }
    }
    // Saving is the engine's duty up to its end; a session that was cut short owes nothing.
    let last = record.intents.map { $0.clearedAt ?? $0.pendingAt }.max()
    if let last, !record.isCutShort, last - saved > limit {
      wrong.append("saved at \(saved.iso8601()), intents changed until \(last.iso8601())")
    }
    return wrong
  }
}
