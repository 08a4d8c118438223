import Basics
import ChaosRuntime

/// A bounded queue that the log writer empties at once: one lock per batch, not per record.
final class LogQueue: @unchecked Sendable {
  private let capacity: Int
  private let lock: Lock
  private let notEmpty: Condition
  // Guarded by `lock`, which says who may touch them; checking each access again costs as much as the access.
  @exclusivity(unchecked) private var records: [LogRecord] = []
  @exclusivity(unchecked) private var isClosed = false

  init(_ runtime: Runtime, capacity: Int) {
    self.capacity = capacity
    lock = Lock(runtime, "log-queue")
    notEmpty = Condition(lock, "log-queue not empty")
  }

  /// Never waits for room; false: full or closed.
  func offer(_ record: LogRecord) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    if isClosed || records.count >= capacity { return false }
    records.append(record)
    if records.count == 1 { notEmpty.signal() }
    return true
  }

  /// Exchanges what is queued for `batch`, which has to be empty; waits for a record, false: closed and empty.
  func take(into batch: inout [LogRecord]) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    while records.isEmpty, !isClosed { try notEmpty.wait() }
    swap(&records, &batch)
    return !batch.isEmpty
  }

  func close() throws(Stopped) {
    try lock.withLock {
      isClosed = true
      notEmpty.signal()
    }
  }
}
