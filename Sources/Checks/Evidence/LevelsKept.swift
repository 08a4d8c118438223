import Basics
import Trading

extension Check {
  /// Reads the level of every line of the engine's log against what the schema of events promises (`EventName.promisedLevel`); the
  /// orders of the venue's truth, which may live on behind the engine's end in run.json, against INTENTS_LEFT_PENDING.
  ///
  /// A line that is too quiet is overlooked, one that is too loud wakes somebody for nothing.
  public static let levelsKept = Check(
    .levelsKept,
    "every line of the log is as loud as what it tells asks for: failed and lost orders, missing money and what is left open are ERROR",
    log: .accusations
  ) { record in
    let name = CheckName.levelsKept
    if record.events.isEmpty { return .open(name, "the event log is empty") }
    var wrong: [String] = []
    for event in record.events {
      guard let promised = event.type?.promisedLevel.level(of: event), event.level != promised else { continue }
      wrong.append("\(record.place(event)): \(event.typeName) at \(event.level), it is \(promised)")
    }
    wrong += wrongDrifts(record)
    let left = untoldOrders(record)
    if wrong.isEmpty, left.isEmpty { return .pass(name, "\(record.events.count) lines, each at its level") }
    if wrong.isEmpty { return .fail(name, "\(counted(left.count, "order")) may live on, and nobody is told", left) }
    return .fail(name, "\(counted(wrong.count, "line")) of the log at another level than promised", wrong + left)
  }

  /// Lines whose deciding amount is not what their other figures say.
  private static func wrongDrifts(_ record: SessionRecord) -> [String] {
    record.events(.budgetDriftDetected).compactMap { event in
      guard let books = event.decimal(.books), let venue = event.decimal(.venueFree), let drift = event.decimal(.drift),
        drift != venue - books
      else { return nil }
      return "\(record.place(event)): a drift of \(drift) from \(books) to \(venue)"
    }
  }

  /// Orders that the engine sent, that were open at the venue when it had ended, and of whose end it told nothing.
  private static func untoldOrders(_ record: SessionRecord) -> [String] {
    guard let completed = record.run.shutdownCompleted, !record.isCutShort, record.earlyEndOfLog == nil,
      record.count(.logRecordsDropped) == 0
    else { return [] }
    let left = record.events(.intentsLeftPending).flatMap { event in
      (event.value(.intents)?.array ?? []).compactMap(\.string)
    }
    return record.truth.orders.compactMap { order in
      guard let taken = order.takenAt, taken < completed, order.end.map({ $0.time > completed }) ?? true,
        let engine = record.engineOrders[order.id], engine.sentAt != nil, !engine.isVague
      else { return nil }
      if engine.filledAt != nil || engine.failedAt != nil || engine.lostAt != nil { return nil }
      if engine.intentIds.contains(where: left.contains) { return nil }
      return "\(order.id): open at the venue since \(taken.iso8601()), and no \(EventName.intentsLeftPending)"
    }
  }
}
