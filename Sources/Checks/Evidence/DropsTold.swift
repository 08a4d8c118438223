import Basics
import Trading

extension Check {
  /// Reads LOG_RECORDS_DROPPED of the engine's log, LOG_QUEUE_MAX of config.json, and `logs/disk.jsonl`, where a simulated disk says
  /// how many lines came to the event log at a time.
  ///
  /// A record is dropped where the queue is full, and the writer takes a queue whole. So whoever tells of drops does it in a batch of
  /// LOG_QUEUE_MAX records at least, and a word in a smaller one tells drops that were told before. How many there were the gaps
  /// in the numbers of HEARTBEAT say, of what can be counted. Where the schedule holds the writer up between the queue and the
  /// count, the queue may be full again.
  public static let dropsTold = Check(
    .dropsTold,
    "records that the log's queue had no room for are told once, when it was full, and no fewer than are missing"
  ) { record throws(Unjudged) in
    let name = CheckName.dropsTold
    let told = record.events(.logRecordsDropped)
    let gaps = heartbeatsMissing(record)
    if told.isEmpty, gaps == 0 { return .notApplicable(name, "no record was dropped") }
    var wrong: [String] = []
    let count = told.reduce(0) { $0 + max(0, $1.integer(.count) ?? 0) }
    if count < gaps {
      wrong.append(
        "\(counted(gaps, "heartbeat")) are missing from the log, which tells of \(counted(count, "lost record"))")
    }
    wrong += told.filter { ($0.integer(.count) ?? 0) < 1 }.map { "\(record.place($0)): tells of no lost record" }
    if !record.logAppends.isEmpty, record.run.isStallFree {
      guard let room = record.settings.count(.logQueueMax) else {
        throw Unjudged(reason: "config.json names no \(SettingName.logQueueMax)")
      }
      var wasFull = false
      for line in told {
        guard let (size, before) = batch(of: line.line, in: record.logAppends) else { continue }
        defer { wasFull = size > room }
        // Whoever found the queue full may count that when the writer has just taken it.
        if size > room || wasFull && before > room && line.integer(.count) ?? 0 <= laggardsMax { continue }
        wrong.append(
          "\(record.place(line)): tells of \(line.integer(.count) ?? 0) lost records in a batch of \(size) lines, and a full queue "
            + "has \(room) (\(SettingName.logQueueMax))")
      }
    }
    if wrong.isEmpty { return .pass(name, "\(counted(count, "lost record")) told in \(counted(told.count, "line"))") }
    return .fail(name, "\(counted(wrong.count, "word")) about lost records is not true", wrong)
  }

  /// Threads that may be between finding the queue full and counting that.
  private static let laggardsMax = 16

  /// How many lines came to the log with that one, and with the batch before; nil where nobody knows.
  private static func batch(of line: Int, in appends: [LogAppend]) -> (size: Int, before: Int)? {
    guard let at = appends.firstIndex(where: { $0.lastLine >= line }) else { return nil }
    func size(_ index: Int) -> Int {
      index < 0 ? 0 : appends[index].lastLine - (index == 0 ? 0 : appends[index - 1].lastLine)
    }
    return (size(at), size(at - 1))
  }

  private static func heartbeatsMissing(_ record: SessionRecord) -> Int {
    let numbers = record.events(.heartbeat).compactMap { $0.integer(.seq) }
    return zip(numbers, numbers.dropFirst()).reduce(0) { $0 + max(0, $1.1 - $1.0 - 1) }
  }
}
