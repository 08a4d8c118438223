import Basics
import Trading

extension Check {
  /// Reads both logs of the engine: torn lines, LOG_RECORDS_DROPPED, the numbers of HEARTBEAT, `orders.jsonl`
  /// against the event log, ORDER_ACK, ORDER_FILLED and ORDER_FAILED against the venue's truth, and SHUTDOWN_COMPLETE against
  /// run.json, which says when the shutdown returned and what the disk refused.
  public static let logComplete = Check(
    .logComplete,
    "every order that the venue took or filled has its log line, and no line is torn, lost or out of order"
  ) { record throws(Unjudged) in
    let name = CheckName.logComplete
    if let early = record.earlyEndOfLog {
      return .fail(
        name, early,
        [record.events.last.map { "\(record.place($0)) is the last line" } ?? "\(record.eventsPath) has no line"]
          + tears(record))
    }
    if record.events.isEmpty { return .open(name, "the event log is empty") }
    var wrong = tears(record)
    if wrong.isEmpty { wrong = missingEnd(record) }
    wrong += try heartbeatGaps(record) + orderLogDifferences(record) + untoldOrders(record)
    if wrong.isEmpty {
      return .pass(name, "\(record.events.count) records, \(record.orders.count) orders accounted for")
    }
    return .fail(name, "\(wrong.count) gaps in the log", wrong)
  }

  /// The last word of an engine that ended in order. A disk that refused it twice never gets it.
  private static func missingEnd(_ record: SessionRecord) -> [String] {
    guard let ended = record.run.shutdownCompleted, !record.isCutShort, record.count(.shutdownComplete) == 0 else {
      return []
    }
    let last = record.events.last?.time ?? record.run.start
    let refusals = record.run.firings.filter { $0.site == "disk.append" && $0.time >= last }
    // In a row: between two that are further apart it took something.
    let isRefusedTwice = refusals.contains { first in
      guard let hit = first.hit else { return refusals.count > 1 }
      return refusals.contains {
        $0.fault == first.fault && $0.inject == first.inject && $0.key == first.key && $0.hit == hit + 1
      }
    }
    if isRefusedTwice { return [] }
    return ["the engine ended at \(ended.iso8601()), and no \(EventName.shutdownComplete)"]
  }

  /// What the log itself says is missing or broken.
  private static func tears(_ record: SessionRecord) -> [String] {
    record.tornLines.map { "\($0) is torn" } + lostRecords(record)
  }

  static func lostRecords(_ record: SessionRecord) -> [String] {
    record.events(.logRecordsDropped).map { "\(record.place($0)): \($0.integer(.count) ?? 0) records dropped" }
  }

  static func heartbeatGaps(_ record: SessionRecord) -> [String] {
    var expected: Int?
    var wrong: [String] = []
    for event in record.events(.heartbeat) {
      guard let sequence = event.integer(.seq) else { continue }
      if let expected, sequence != expected {
        wrong.append("\(record.place(event)): heartbeat \(sequence) where \(expected) was due")
      }
      expected = sequence + 1
    }
    return wrong
  }

  private static func orderLogDifferences(_ record: SessionRecord) -> [String] {
    let expected = record.events.filter { $0.typeName.hasPrefix("ORDER_") }
    guard let copies = record.orderEvents else {
      return expected.isEmpty ? [] : ["logs/jsonl/orders.jsonl is missing"]
    }
    if let at = zip(expected, copies).first(where: { $0.bytes != $1.bytes }) {
      return ["logs/jsonl/orders.jsonl:\(at.1.line) is not \(record.place(at.0))"]
    }
    // A session that was cut short may have written one file and not yet the other.
    if expected.count == copies.count || record.isCutShort { return [] }
    return ["logs/jsonl/orders.jsonl has \(copies.count) lines, the event log \(expected.count) of orders"]
  }

  private static func untoldOrders(_ record: SessionRecord) throws(Unjudged) -> [String] {
    if !record.orders.contains(where: \.isAccepted) { return [] }
    let word = try VenueWord(record)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    return record.orders.compactMap { order in
      let due = word.due(order.clientOrderId, endedAt: order.lastTurn, timeout: timeout)
      guard order.isAccepted, record.end > due else { return nil }
      let engine = record.engineOrders[order.clientOrderId]
      let isTold = engine?.filledAt != nil || engine?.failedAt != nil
      if order.end == .filled, !isTold { return "\(order.clientOrderId): filled at the venue, no ORDER_FILLED" }
      if engine?.ackedAt == nil, !isTold { return "\(order.clientOrderId): taken by the venue, no ORDER_ACK" }
      return nil
    }
  }
}
