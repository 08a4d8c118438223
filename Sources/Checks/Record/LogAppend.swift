import Basics
import Trading

/// That lines of the event log came to the disk, as the simulated disk noted it.
struct LogAppend: Sendable {
  var time: Instant
  /// Of the log, counted from one: the last that was there then.
  var lastLine: Int

  /// The appends of `logs/disk.jsonl` to the log of that name, in the order of time.
  static func all(in bytes: [UInt8], to path: String) -> [LogAppend] {
    var appends: [LogAppend] = []
    var reader = LineReader("kind", "path")
    reader.read(bytes) { _, line, head in
      guard let head, head.first == "append", head.second == path, let value = try? JSON.parse(line),
        let lines = value[FieldName.lines.rawValue]?.int
      else { return }
      appends.append(LogAppend(time: head.time, lastLine: (appends.last?.lastLine ?? 0) + lines))
    }
    return appends
  }
}
