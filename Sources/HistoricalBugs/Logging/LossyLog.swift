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
      buffer's own interval is not known; the exhibit takes 5 s, and buffers the lines of orders, since this engine writes no \
      steps.
      """,
    evidence: [
      "session d: 22 signals and 11 orders in events and tracer, 20 and 9 in the phase log",
      "shutdown_queue_logging() has no caller, so the tail is lost at exit (HISTORY 1.4)",
    ],
    inventions: [
      "the buffer is written every 5 s; history says only that there was one",
      "it holds the lines of orders.jsonl; the bot's held the steps of its orders, in a file of their own",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "orders go on until the end of the session", checks: [.fundsConserved, .stateRecoverable],
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

  /// An entry every 1.1 s until the end of the session, or until its middle.
  private static func lossyLogMarket(isLate: Bool) -> ProofMarket {
    ProofMarket(
      name: "orders-until-the-end", duration: .seconds(34),
      waves: [.init(from: .seconds(3), every: .milliseconds(1100), count: isLate ? 27 : 14)], pollInterval: .seconds(1),
      settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5"), (.tp, "2"), (.mdPollMs, "500")])
  }
}
