import Basics
import Trading

/// Lines that never reached the log: what is absent from it proves nothing then.
extension Diagnosis {
  /// The queue was full and the metrics counted more than the log has lines of.
  static func queueFull(_ record: SessionRecord, counter: FieldName, event: EventName) -> Cause? {
    let dropped = record.events(.logRecordsDropped)
    let lost = dropped.isEmpty ? 0 : lostCount(record, counter: counter, event: event)
    return Cause(
      "log-queue-full", "the log queue was full: \(counted(lost, "\(event.rawValue) line")) lost in it", weight: lost,
      dropped.prefix(1).map { record.evidence($0) } + [
        record.metricLine(counter), record.settingLine(.logQueueMax),
      ],
      next:
        "a larger LOG_QUEUE_MAX, or what slows the log writer: LOG_CALL_SLOW, LOG_WRITE_FAILED, FORMATTER_TIMEOUT_MS")
  }

  /// By how much a counter of the metrics is ahead of the log's lines of the event.
  static func lostCount(_ record: SessionRecord, counter: FieldName, event: EventName) -> Int {
    max(0, (record.summary?["counters"]?[counter.rawValue]?.int ?? 0) - record.count(event))
  }

  /// Whether lines of the event were lost for want of room in the queue.
  static func hasLost(_ record: SessionRecord, counter: FieldName, event: EventName) -> Bool {
    record.count(.logRecordsDropped) > 0 && lostCount(record, counter: counter, event: event) > 0
  }
}
