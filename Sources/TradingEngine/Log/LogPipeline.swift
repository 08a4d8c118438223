import Basics

/// Renders the message of a record for people; a fault seam may wrap it.
public protocol LogFormatter: EnginePart {
  /// The message, or nil when the record's fields say everything.
  func message(for record: LogRecord) throws(Stopped) -> String?
}

/// Takes records to the log files.
public protocol LogPipeline: EnginePart {
  /// Hands over a record; never waits for a formatter or the disk.
  func log(_ record: LogRecord) throws(Stopped)

  /// Body of the thread `log-writer`; returns once closed and everything is written.
  func run() throws(Stopped)

  /// No more records.
  func close() throws(Stopped)
}

extension LogPipeline {
  /// Starts the thread `log-writer`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.logWriter) { [self] () throws(Stopped) in try run() }
  }
}
