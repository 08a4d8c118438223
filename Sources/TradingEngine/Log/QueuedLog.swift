import Basics
import Synchronization

/// A bounded queue in front of one writer; messages are rendered by a worker with a time limit.
public final class QueuedLog: LogPipeline, @unchecked Sendable {
  /// Lines of ORDER_* events, for tools that read orders only.
  public static let ordersFile = "logs/jsonl/orders.jsonl"
  /// Bytes that may wait for a disk that refuses them.
  private static let unwrittenMax = 1 << 20

  /// One file, and what waits for it.
  private struct Sink: ~Copyable {
    let file: String
    var text = ByteWriter(capacity: 4096)
    /// The disk refused its bytes last time, and that was told.
    var isRefused = false
  }

  private let context: EngineContext
  private let queue: LogQueue
  private let renderer: MessageRenderer
  private let dropped = Atomic<Int>(0)
  // Used by the thread `log-writer` alone; they outlive it, so that another one writes what this one had taken.
  @exclusivity(unchecked) private var events: Sink
  @exclusivity(unchecked) private var orders = Sink(file: ordersFile)
  @exclusivity(unchecked) private var batch: [LogRecord] = []

  /// A log whose queue holds LOG_QUEUE_MAX records.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    queue = LogQueue(context.runtime, capacity: context.settings.logQueueMax)
    renderer = MessageRenderer(parts)
    events = Sink(file: context.logFile)
  }

  /// Never waits: a full queue drops the record, and LOG_RECORDS_DROPPED says how many.
  public func log(_ record: LogRecord) throws(Stopped) {
    if try !queue.offer(record) { dropped.add(1, ordering: .relaxed) }
  }

  /// Writes batch by batch until the queue is closed and empty.
  public func run() throws(Stopped) {
    while try hasBatch() {
      let lost = dropped.exchange(0, ordering: .relaxed)
      if lost > 0 {
        batch.append(
          LogRecord(
            time: context.runtime.now, level: .warning, event: .logRecordsDropped,
            fields: [LogField(.count, .integer(lost))]))
      }
      let messages = try renderer.render(batch)
      for index in batch.indices {
        let start = events.text.count
        LogLine.append(batch[index], message: messages[index], into: &events.text)
        if batch[index].isOrderEvent { orders.text.append(events.text, from: start) }
      }
      for refusal in [try write(&events), try write(&orders)] {
        guard let refusal, try !queue.offer(refusal) else { continue }
        LogLine.append(refusal, message: .none, into: &events.text)
      }
      batch.removeAll(keepingCapacity: true)
    }
    // What the last batch could not write gets one more try.
    _ = try write(&events)
    _ = try write(&orders)
    try renderer.close()
  }

  /// Lets the writer finish what is queued; later records are dropped.
  public func close() throws(Stopped) { try queue.close() }

  /// Waits for records, unless a thread that ended had taken some.
  private func hasBatch() throws(Stopped) -> Bool {
    if !batch.isEmpty { return true }
    return try queue.take(into: &batch)
  }

  /// Appends the bytes; a disk that refuses gets them again with the next batch. The record says that it has begun to.
  private func write(_ sink: inout Sink) throws(Stopped) -> LogRecord? {
    guard !sink.text.isEmpty else { return nil }
    let (pending, file) = (sink.text.bytes(), sink.file)
    let result = try context.runtime.activity("log.write") { () throws(Stopped) in
      try context.runtime.disk.append(pending, to: file)
    }
    guard case .failure(let error) = result else {
      sink.text.removeAll()
      sink.isRefused = false
      return nil
    }
    let isNews = !sink.isRefused
    sink.isRefused = true
    if pending.count > Self.unwrittenMax {
      dropped.add(pending.count { $0 == 0x0A }, ordering: .relaxed)
      sink.text.removeAll()
      // The word about it may be among the lost lines.
      sink.isRefused = false
    }
    guard isNews else { return nil }
    return LogRecord(
      time: context.runtime.now, level: .warning, event: .logWriteFailed,
      fields: [LogField(.file, file), LogField(.error, error.text), LogField(.advice, error.advice)])
  }
}
