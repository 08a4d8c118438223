import Basics

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
}
