import Basics
import Synchronization
import Trading
import TradingEngine

/// Parts that are broken in exactly one way.

/// An intent book that listens to some topics only.
final class DeafBook: IntentBook {
  private let context: EngineContext
  private let inner: SettlingBook
  private let hearsFills: Bool

  init(_ context: EngineContext, hearsFills: Bool) {
    self.context = context
    self.hearsFills = hearsFills
    inner = SettlingBook(context)
  }

  func wire() throws(Stopped) {
    guard hearsFills else { return }
    context.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      try clear(filled.intentId, reason: .orderFilled)
    }
  }

  var count: Int { inner.count }
  func add(_ intent: OrderIntent) throws(Stopped) { try inner.add(intent) }
  func pending() throws(Stopped) -> [PendingIntent] { try inner.pending() }
  func open() throws(Stopped) -> [PendingIntent] { try inner.pending().filter { $0.progress.phase != .settling } }
  func find(_ id: String) throws(Stopped) -> PendingIntent? { try inner.find(id) }
  @discardableResult
  func update(_ id: String, _ change: (inout OrderProgress) -> Void) throws(Stopped) -> PendingIntent? {
    try inner.update(id, change)
  }
  func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    try inner.advance(report, fill: fill)
  }
  func settle(_ id: String) throws(Stopped) -> PendingIntent? { try inner.settle(id) }
  @discardableResult
  func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool { try inner.clear(id, reason: reason) }
}

/// A reconciler that never comes to look.
final class StarvedReconciler: Reconciler {
  func run() throws(Stopped) {}
  func sweep() throws(Stopped) {}
}

/// A log pipeline that changes records on their way, or takes them out.
final class FilteredLog: LogPipeline {
  private let inner: QueuedLog
  private let filter: @Sendable (LogRecord) -> LogRecord?

  init(_ context: EngineContext, _ filter: @escaping @Sendable (LogRecord) -> LogRecord?) {
    inner = QueuedLog(context)
    self.filter = filter
  }

  func log(_ record: LogRecord) throws(Stopped) { if let record = filter(record) { try inner.log(record) } }
  func run() throws(Stopped) { try inner.run() }
  func close() throws(Stopped) { try inner.close() }
}

/// A heartbeat that first says what another part of the session would.
final class SpeakingHeartbeat: HeartbeatLogger {
  private let context: EngineContext
  private let inner: SteadyHeartbeat
  private let event: EventName
  private let fields: [LogField]

  init(_ context: EngineContext, says event: EventName, _ fields: [LogField]) {
    self.context = context
    inner = SteadyHeartbeat(context)
    self.event = event
    self.fields = fields
  }

  func run() throws(Stopped) {
    try context.log(.warning, event, fields)
    try inner.run()
  }
}
