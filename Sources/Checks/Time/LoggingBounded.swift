import Basics
import Trading

extension Check {
  /// Reads LOG_CALL_SLOW of the engine's log (measured where the caller waits) against FORMATTER_TIMEOUT_MS of config.json,
  /// and the overdue activities and incidents of `log.*`. Of a simulated disk `logs/disk.jsonl` says when it had each line:
  /// what was logged more than 250 ms before waited in the engine, unless a fault held the disk, the formatter or the writer.
  public static let loggingBounded = Check(
    .loggingBounded, "no thread waits for the log beyond its limit, and no line of it waits for the next",
    log: .accusations
  ) { record in
    let name = CheckName.loggingBounded
    guard record.run.has("overdue_activities") else { return .open(name, "run.json records no overdue activities") }
    if record.events.isEmpty, record.run.overdue.isEmpty { return .open(name, "nothing was logged") }
    let limit = record.limitMs(.formatMs, .formatterTimeoutMs).map { $0 + timeSlackMs }
    let slow = record.events(.logCallSlow).compactMap { event in
      event.number(.waitedMs).flatMap { waited in
        limit.map { waited > $0 } ?? false
          ? "\(record.place(event)): \(event.text(.thread) ?? "a thread") waited \(milliseconds(waited)) to log "
            + "\(event.text(.loggedEvent) ?? "a record") at \(event.time.iso8601())" : nil
      }
    }
    let late = lateLines(record)
    let over = slow + late + record.run.overdueEvidence("log.") + record.run.incidentEvidence("log.")
    if !record.run.isStallFree { return .stalled(name, over) }
    if over.isEmpty { return .pass(name, "\(record.events.count) records, no wait for the log beyond its limit") }
    return .fail(name, "\(over.count) waits for the log went beyond their limit", over)
  }

  /// Lines that came to the disk long after they were logged, though nothing held it up.
  private static func lateLines(_ record: SessionRecord) -> [String] {
    let slack = Duration.milliseconds(Int64(timeSlackMs))
    let absent = record.run.absences(of: .logWriter, .engineMain)
    let held = record.run.firings.filter { $0.site.hasPrefix("disk.") || $0.site.hasPrefix("log.") }
    var appends = record.logAppends[...]
    return record.events.compactMap { event in
      while let append = appends.first, append.lastLine < event.line { appends.removeFirst() }
      guard let had = appends.first?.time, had - event.time > slack else { return nil }
      let waited = event.time..<had
      // One that was under way when the line was logged keeps it, too.
      let isHeld = held.contains { $0.time >= event.time.minus(lineHeldMax) && $0.time < had }
      if isHeld || absent.contains(where: { $0.overlaps(waited) }) { return nil }
      let late = milliseconds((had - event.time).milliseconds)
      return "\(record.place(event)): \(event.typeName) came to the disk \(late) later"
    }
  }

  /// Longest that one fault of disk or formatter holds a line up.
  private static let lineHeldMax = Duration.seconds(10)
}
