import ChaosRuntime
import Synchronization

/// A bounded queue in front of one writer; messages are rendered by a worker with a time limit.
public final class QueuedLog: LogPipeline {
  /// Lines of ORDER_* events, for tools that read orders only.
  public static let ordersFile = "logs/jsonl/orders.jsonl"
  /// Bytes that may wait for a disk that refuses them.
  private static let unwrittenMax = 1 << 20

  private let context: EngineContext
  private let queue: LogQueue
  private let renderer: MessageRenderer
  private let dropped = Atomic<Int>(0)

  public init(_ context: EngineContext) {
    self.context = context
    queue = LogQueue(context.runtime, capacity: context.settings.logQueueMax)
    renderer = MessageRenderer(context)
  }

  public func log(_ record: LogRecord) throws(Stopped) {
    if try !queue.offer(record) { dropped.add(1, ordering: .relaxed) }
  }

  public func run() throws(Stopped) {
    var events: [UInt8] = []
    var orders: [UInt8] = []
    var batch: [LogRecord] = []
    while try queue.take(into: &batch) {
      let lost = dropped.exchange(0, ordering: .relaxed)
      if lost > 0 {
        batch.append(
          LogRecord(
            time: context.runtime.now, level: .warning, event: "LOG_RECORDS_DROPPED",
            fields: [LogField("count", .integer(lost))]))
      }
      let messages = try renderer.render(batch)
      for (record, message) in zip(batch, messages) {
        let start = events.count
        LogLine.append(record, message: message, into: &events)
        if record.isOrderEvent { orders.append(contentsOf: events[start...]) }
      }
      try write(&events, to: context.logFile)
      try write(&orders, to: Self.ordersFile)
      batch.removeAll(keepingCapacity: true)
    }
    try renderer.close()
  }

  public func close() throws(Stopped) {
    try queue.close()
  }

  /// Appends the bytes; a disk that refuses gets them again with the next batch.
  private func write(_ bytes: inout [UInt8], to file: String) throws(Stopped) {
    guard !bytes.isEmpty else { return }
    let pending = bytes
    let result = try context.runtime.activity("log.write") { () throws(Stopped) in
      try context.runtime.disk.append(pending, to: file)
    }
    switch result {
    case .success: bytes.removeAll(keepingCapacity: true)
    case .failure:
      if bytes.count > Self.unwrittenMax {
        dropped.add(bytes.count { $0 == 0x0A }, ordering: .relaxed)
        bytes.removeAll(keepingCapacity: true)
      }
    }
  }
}
