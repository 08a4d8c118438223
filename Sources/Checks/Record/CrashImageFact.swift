import Basics
import Trading

/// What a crash would have left of the state file from a moment on, as the simulated disk knows it.
struct CrashImageFact: Sendable {
  /// `whole`, `torn` or `missing`.
  enum Left: String, Sendable { case whole, torn, missing }

  /// In `logs/disk.jsonl`.
  var line: Int
  var time: Instant
  var left: Left
  /// The state as it could be read; nil unless it is whole.
  var state: JSON?

  /// The images of `logs/disk.jsonl`, in the order of time; lines of other kinds and of other files are left out.
  static func all(in bytes: [UInt8]) -> [CrashImageFact] {
    var images: [CrashImageFact] = []
    var reader = LineReader("kind", "path")
    reader.read(bytes) { number, line, head in
      guard let head, head.first == "crash_image", head.second == "state/engine_transient.json",
        let value = try? JSON.parse(line),
        let left = value[FieldName.left.rawValue]?.string.flatMap({ Left(rawValue: $0) })
      else { return }
      images.append(
        CrashImageFact(line: number, time: head.time, left: left, state: value[FieldName.content.rawValue]))
    }
    return images
  }
}
