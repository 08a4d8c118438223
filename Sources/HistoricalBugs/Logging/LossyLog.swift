import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// The pipeline as it was: lines of orders wait in a buffer that nobody writes out at the end.
private final class LossyLog: LogPipeline {
  /// Time between two looks at the buffer; history has only that it was buffered.
  private static let flushInterval = Duration.seconds(5)

  private let context: EngineContext
  private let formatter: any LogFormatter
  private let inner: QueuedLog
  private let order: Lock
  /// Bytes that were not yet written.
  private let buffer = Mutex<[UInt8]>([])

  init(_ parts: EngineAssembly) {
    context = parts.context
    formatter = parts.formatter
    inner = QueuedLog(parts)
    order = Lock(context.runtime, "phase-log")
  }

  func log(_ record: LogRecord) throws(Stopped) {
    guard record.isOrderEvent else { return try inner.log(record) }
    var plain = record
    plain.isOrderEvent = false
    let message = try formatter.message(for: record).map { RenderedMessage.text($0) } ?? RenderedMessage.none
    try order.withLock { () throws(Stopped) in
      try inner.log(plain)
      buffer.withLock { LogLine.append(record, message: message, into: &$0) }
    }
  }

  func run() throws(Stopped) {
    try context.threads.start("phase-log-flush") { [self] () throws(Stopped) in
      var next = context.runtime.now + Self.flushInterval
      while try !context.stopping.wait(until: next) {
        try flush()
        next = next + Self.flushInterval
      }
    }
    try inner.run()
  }

  /// The tail stays in the buffer: shutdown_queue_logging() had no caller.
  func close() throws(Stopped) {
    if buffer.withLock({ !$0.isEmpty }) { context.runtime.landmark(.ordersNearTheEnd) }
    try inner.close()
  }

  private func flush() throws(Stopped) {
    let bytes = buffer.withLock { buffer in
      defer { buffer = [] }
      return buffer
    }
    if !bytes.isEmpty { _ = try context.runtime.disk.append(bytes, to: QueuedLog.ordersFile) }
  }
}

extension HistoricalBug {
  /// OBS-4: the last orders of a session are missing in the log of orders.
  static let lossyLog = HistoricalBug(
    id: "OBS-4", title: "the log of orders loses its tail", standing: .observed,
    story: """
      The phase log was buffered, and nothing wrote the buffer out when the process ended: the function that would have \
      done it had no caller. Session d shows 22 signals and 11 orders in the event log and in the tracer, and 20 and 9 in \
      the phase log: the last two placements are missing. What is lost is just what one looks for after a crash. The \
      buffer's own interval is not known; the exhibit takes 5 s.
      """,
    evidence: [
      "session d: 22 signals and 11 orders in events and tracer, 20 and 9 in the phase log",
      "shutdown_queue_logging() has no caller, so the tail is lost at exit (HISTORY 1.4)",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "the last orders fall within 5 s of the end", checks: [.fundsConserved, .stateRecoverable],
        calm: { lossyLogMarket(isLate: false).scenario($0) })),
    revisions: [
      Revision("original", "lines of orders are buffered for 5 s, and the buffer is dropped at the end") {
        $0.log = { LossyLog($0) }
      },
      .fixed("every batch is written at once, and the shutdown waits until the queue is empty"),
    ],
    landmarks: [.ordersNearTheEnd], signature: .logComplete,
    effects: [
      PartEffect(
        "OBS-4/log", turns: "9.5/formatter-hang", .either,
        why: """
          lines of orders are formatted by the thread that logs them, as everywhere before the queue: a format that never \
          gets ready holds that thread up when it is an order's
          """)
    ],
    fieldSigns: """
      logs/jsonl/orders.jsonl ends earlier than the events: ORDER_SENT of the last seconds is in events_*.jsonl only
      """,
    inTheField: FieldHypothesis(predicts: [.orderLogShort]),
    scenario: { lossyLogMarket(isLate: true).scenario($0) })

  /// Entries until the middle of the session; the late one comes a moment after a flush, and the next flush never comes.
  private static func lossyLogMarket(isLate: Bool) -> ProofMarket {
    var waves: [ProofMarket.Wave] = [.init(from: .seconds(3), every: .seconds(2), count: 10)]
    if isLate { waves.append(.init(from: .milliseconds(30_300), every: .seconds(1), count: 1)) }
    return ProofMarket(
      name: "orders-until-the-end", duration: .seconds(34), waves: waves, pollInterval: .seconds(1),
      settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5"), (.tp, "2"), (.mdPollMs, "500")])
  }
}
