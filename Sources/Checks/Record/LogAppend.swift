import Basics

/// That lines of the event log came to the disk, as the simulated disk noted it.
struct LogAppend: Sendable {
  var time: Instant
  /// Of the log, counted from one: the last that was there then.
  var lastLine: Int
}
