import Basics
import ChaosRuntime
import Synchronization
import Trading

/// How parts log: an event of now, handed to whatever pipeline the engine was put together with.
public final class EventLog: Sendable {
  let context: EngineContext
  private let pipeline: any LogPipeline
  private let isMainLoopGoneTold = Atomic<Bool>(false)

  init(_ parts: EngineAssembly) {
    context = parts.context
    pipeline = parts.log
  }

  /// Logs an event of now.
  public func callAsFunction(_ level: LogLevel, _ event: EventName, _ fields: [LogField]) throws(Stopped) {
    try hand(LogRecord(time: context.runtime.now, level: level, event: event, fields: fields))
  }

  /// Logs an ORDER_* event of now, which also goes to `logs/jsonl/orders.jsonl`.
  public func order(_ level: LogLevel, _ event: EventName, _ fields: [LogField]) throws(Stopped) {
    try hand(LogRecord(time: context.runtime.now, level: level, event: event, fields: fields, isOrderEvent: true))
  }

  /// MAIN_LOOP_GONE, once, whoever finds out first.
  public func mainLoopGone() throws(Stopped) {
    guard !isMainLoopGoneTold.exchange(true, ordering: .relaxed) else { return }
    try self(.error, .mainLoopGone, [LogField(.thread, ThreadName.engineMain.rawValue)])
  }

  /// A caller whom the pipeline kept waiting beyond the formatter's limit leaves LOG_CALL_SLOW behind, whatever the pipeline.
  private func hand(_ record: LogRecord) throws(Stopped) {
    let runtime = context.runtime
    context.notes.logged(record, by: runtime.threadName)
    try pipeline.log(record)
    let waited = runtime.now - record.time
    guard waited > context.settings.formatterTimeout else { return }
    try pipeline.log(
      LogRecord(
        time: runtime.now, level: .warning, event: .logCallSlow,
        fields: [
          LogField(.thread, runtime.threadName), LogField(.loggedEvent, "\(record.event)"),
          LogField(.waitedMs, .number(waited.milliseconds)),
        ]))
  }
}
