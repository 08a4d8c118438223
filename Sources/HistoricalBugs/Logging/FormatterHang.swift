import Basics
import ChaosRuntime
import Checks
import Trading
import TradingEngine

/// 9.5 as it was: whoever logs formats and writes, one thread at a time, under the handler's lock.
private final class HandlerLockLog: LogPipeline {
  private let context: EngineContext
  private let handler: Lock
  private let rendering: Rendering

  init(_ parts: EngineAssembly) {
    context = parts.context
    rendering = Rendering(parts)
    handler = Lock(context.runtime, "log-handler")
  }

  func log(_ record: LogRecord) throws(Stopped) {
    try context.runtime.activity("log.call") { () throws(Stopped) in
      try handler.withLock { () throws(Stopped) in try emit(record) }
    }
  }

  /// There was no writer.
  func run() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func close() throws(Stopped) {}

  private func emit(_ record: LogRecord) throws(Stopped) {
    var bytes: [UInt8] = []
    LogLine.append(record, message: try rendering.message(of: record), into: &bytes)
    _ = try context.runtime.disk.append(bytes, to: context.logFile)
    if record.isOrderEvent { _ = try context.runtime.disk.append(bytes, to: QueuedLog.ordersFile) }
  }
}

/// The fix of 4d0ef46 as ec5460e left it: a queue in front of a listener, and a formatter with an alarm.
///
/// The queue's handler renders the message in the caller, under its lock, before the record goes into the queue. Only the
/// listener's formatter has the alarm, an alarm works on the main thread alone, and the listener is another one: it was
/// skipped there, which leaves nothing of it to build.
private final class PreparingQueueLog: LogPipeline {
  private let context: EngineContext
  private let handler: Lock
  private let rendering: Rendering
  private let queue: Channel<(record: LogRecord, message: RenderedMessage)>

  init(_ parts: EngineAssembly) {
    context = parts.context
    rendering = Rendering(parts)
    handler = Lock(context.runtime, "log-handler")
    queue = Channel(context.runtime, "log-queue", capacity: context.settings.logQueueMax)
  }

  /// A full queue dropped the record and told nobody.
  func log(_ record: LogRecord) throws(Stopped) {
    try context.runtime.activity("log.call") { () throws(Stopped) in
      try handler.withLock { () throws(Stopped) in
        _ = try queue.offer((record, try rendering.message(of: record)))
      }
    }
  }

  func run() throws(Stopped) {
    while let (record, message) = try queue.receive() {
      var bytes: [UInt8] = []
      LogLine.append(record, message: message, into: &bytes)
      _ = try context.runtime.disk.append(bytes, to: context.logFile)
      if record.isOrderEvent { _ = try context.runtime.disk.append(bytes, to: QueuedLog.ordersFile) }
    }
  }

  func close() throws(Stopped) { try queue.close() }
}

/// Rendering on the caller's thread, for as long as it takes.
private struct Rendering: Sendable {
  private let context: EngineContext
  private let formatter: any LogFormatter

  init(_ parts: EngineAssembly) {
    context = parts.context
    formatter = parts.formatter
  }

  func message(of record: LogRecord) throws(Stopped) -> RenderedMessage {
    let start = context.runtime.now
    let text = try context.runtime.activity("log.format") { () throws(Stopped) in
      try formatter.message(for: record)
    }
    if context.runtime.now - start > context.settings.formatterTimeout {
      context.runtime.landmark(.formatLimitPassed)
    }
    return text.map { .text($0) } ?? RenderedMessage.none
  }
}

extension HistoricalBug {
  /// 9.5: one slow format stops every thread that logs.
  static let formatterHang = HistoricalBug(
    id: "9.5", title: "a formatter that hangs stops every thread that logs", standing: .readInCode,
    story: """
      The bot's documents claim a deadlock in the log formatter after 24,960 TRACE_STEP records. No dump shows one: the \
      frame that was quoted is a running thread caught by the routine dump. What the code really had is worth a proof all \
      the same. Handlers were synchronous, and each held its lock while it formatted and wrote, so that one argument whose \
      text takes long stops every thread that wants to log. 4d0ef46 put a queue and a listener in front and gave the \
      formatter an alarm of 100 ms. The alarm can only be set on the main thread: in the listener it raised an error with \
      every record until ec5460e skipped it there, and since nothing else formats with it, it never applies. Nor would it \
      help, because the queue's handler renders the message in the caller, under its lock, before the record is queued.
      """,
    evidence: [
      "synchronous handlers, each with one lock held while it formats and writes (HISTORY 1.4)",
      "0 of 115 dumps show a thread that hangs in a formatter; trace_step is the top frame of a running thread in 5",
      "4d0ef46: \"signal only works in main thread\" with every record; ec5460e skips the time-out off the main thread",
      "the queue's handler calls format() before it enqueues; a full queue drops the record silently",
      "shutdown_queue_logging() has no caller",
    ],
    provokedBy: ["formatter-hang"],
    revisions: [
      Revision("original", "formats and writes on the caller's thread, under the handler's lock") {
        $0.log = { HandlerLockLog($0) }
      },
      Revision("main-thread-alarm", "queues for a listener, but renders in the caller under the lock; no alarm applies")
      {
        $0.log = { PreparingQueueLog($0) }
      },
      .fixed("callers only queue; a worker renders, is given 100 ms a message, and is replaced when it hangs"),
    ],
    landmarks: [.formatLimitPassed], signature: .loggingBounded, isTimeSignature: true,
    consequences: [.intentsSettled, .feedAlive, .heartbeatsOnTime, .budgetRefreshBounded, .exitsOffered],
    fieldSigns: """
      every log file stops at the same moment, HEARTBEAT too, and goes on together; threads wait for log-handler; no line \
      says that a format took too long
      """,
    inTheField: FieldHypothesis(
      oneOf: [.logCallsSlow, .pollsAlone],
      allows: [.refreshBlocked, .filledStaysPending, .failedStayPending, .logEndsEarly, .hang]),
    signs: { record in
      let slow = record.events(.logCallSlow)
      let longest = slow.compactMap { $0.number(.waitedMs) }.max() ?? 0
      return [
        ("threads that waited for the log", Set(slow.compactMap { $0.text(.thread) }).count),
        ("longest wait ms", Int(longest)),
        ("messages given up", record.events.count { $0.value(.formatterTimeout) != nil }),
      ]
    },
    scenario: { formatterHangMarket.scenario($0) })

  /// A drop every 2.5 s before, under and after the fault.
  private static let formatterHangMarket = ProofMarket(
    name: "logged-entries", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 16)],
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
