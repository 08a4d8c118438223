import Basics
import Trading

/// What `logs/disk.jsonl` tells, read in one pass.
struct DiskFacts {
  /// Of the state file, in the order of time.
  private(set) var images: [CrashImageFact] = []
  /// To the event log, in the order of time.
  private(set) var appends: [LogAppend] = []
  /// Of every other file that is replaced, in the order of time.
  private(set) var others: [FileImageFact] = []

  private struct Append: RecordLine {
    let line: Int
    let time: Instant
    let bytes: ArraySlice<UInt8>
  }

  /// Lines that one append can have brought.
  private static let linesMax = 1 << 32

  /// Lines of other kinds and of other files are left out. The event log may have been named anew since it was written.
  init(_ bytes: [UInt8]) {
    var reader = LineReader("kind", "path")
    reader.read(bytes) { number, line, head in
      guard let head else { return }
      switch (head.first, head.second) {
      case ("crash_image", "state/engine_transient.json"):
        guard let value = try? JSON.parse(line),
          let left = value[FieldName.left.rawValue]?.string.flatMap({ CrashImageFact.Left(rawValue: $0) })
        else { return }
        images.append(
          CrashImageFact(line: number, time: head.time, left: left, state: value[FieldName.content.rawValue]))
      case ("crash_image", let path):
        let fields = Append(line: number, time: head.time, bytes: line)
        guard let left = fields.text(.left).flatMap({ CrashImageFact.Left(rawValue: $0) }) else { return }
        others.append(FileImageFact(line: number, time: head.time, path: path, left: left))
      case ("append", let path) where path.hasPrefix(SessionRecord.eventsPrefix):
        guard let lines = Append(line: number, time: head.time, bytes: line).integer(.lines) else { return }
        // A file that somebody wrote may claim any number.
        let added = max(0, min(lines, Self.linesMax))
        appends.append(LogAppend(time: head.time, lastLine: (appends.last?.lastLine ?? 0) + added))
      default: return
      }
    }
  }
}
