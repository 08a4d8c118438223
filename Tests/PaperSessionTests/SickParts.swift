import Basics
import Synchronization
import Trading
import TradingEngine

/// Parts that are broken in exactly one way.

/// An intent book that listens to some topics only.
final class DeafBook: IntentBook {
  let bookkeeping: IntentBookkeeping

  init(_ parts: EngineAssembly, hearsFills: Bool) {
    bookkeeping = IntentBookkeeping(parts)
    guard hearsFills else { return }
    parts.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      try clear(filled.intentId, reason: .orderFilled)
    }
  }

  func open() throws(Stopped) -> [PendingIntent] { try pending().filter { $0.progress.phase != .settling } }
}

/// A reconciler that never comes to look.
final class StarvedReconciler: Reconciler {
  func start(on threads: EngineThreads) throws(Stopped) {}
  func run() throws(Stopped) {}
  func sweep() throws(Stopped) {}
}

/// A log pipeline that changes records on their way, or takes them out.
final class FilteredLog: LogPipeline {
  private let inner: QueuedLog
  private let filter: @Sendable (LogRecord) -> LogRecord?

  init(_ parts: EngineAssembly, _ filter: @escaping @Sendable (LogRecord) -> LogRecord?) {
    inner = QueuedLog(parts)
    self.filter = filter
  }

  func log(_ record: LogRecord) throws(Stopped) { if let record = filter(record) { try inner.log(record) } }
  func run() throws(Stopped) { try inner.run() }
  func close() throws(Stopped) { try inner.close() }
}

/// A heartbeat that first says what another part of the session would.
final class SpeakingHeartbeat: HeartbeatLogger {
  private let log: EventLog
  private let inner: SteadyHeartbeat
  private let event: EventName
  private let fields: [LogField]

  init(_ parts: EngineAssembly, says event: EventName, _ fields: [LogField]) {
    log = parts.events
    inner = SteadyHeartbeat(parts)
    self.event = event
    self.fields = fields
  }

  func run() throws(Stopped) {
    try log(.warning, event, fields)
    try inner.run()
  }
}
