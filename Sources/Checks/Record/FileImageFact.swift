import Basics

/// What a crash would have left of a file other than the state's from a moment on, as the simulated disk knows it.
struct FileImageFact: Sendable {
  /// In `logs/disk.jsonl`.
  var line: Int
  var time: Instant
  /// In the session directory.
  var path: String
  var left: CrashImageFact.Left
}
