import Basics
import Monitoring
import Trading

/// What every intent book does alike when an intent comes and goes.
public final class IntentBookkeeping: Sendable {
  /// Who is pending.
  public let table: IntentTable
  private let metrics: Metrics
  private let log: EventLog
  private let budget: any BudgetLedger
  private let state: any StateStore

  /// Bookkeeping around the engine's one intent table.
  public init(_ parts: EngineAssembly) {
    table = parts.intentTable
    metrics = parts.context.metrics
    log = parts.events
    budget = parts.budget
    state = parts.state
  }

  /// Adds an intent, logs INTENT_PENDING and asks for a save.
  public func add(_ intent: OrderIntent) throws(Stopped) {
    try table.add(intent)
    metrics.recordIntentPending(count: table.count)
    try log.pending(intent)
    try state.intentsChanged()
  }

  /// Removes the intent, releases what is left of its budget, logs INTENT_CLEARED and asks for a save. False when it was
  /// not pending any more.
  ///
  /// - Parameter isCounted: whether the metrics hear of it.
  public func clear(_ id: String, reason: ClearReason, isCounted: Bool = true) throws(Stopped) -> Bool {
    guard let cleared = try table.remove(id, asLost: reason == .lost) else { return false }
    metrics.recordIntentPending(count: table.count)
    if isCounted { metrics.recordIntentCleared(reason: reason.rawValue) }
    try budget.release(cleared.intent, reason: reason.rawValue)
    try log(
      .info, .intentCleared, [LogField(.intentId, .text(id)), LogField(.reason, .text(reason.rawValue))])
    try state.intentsChanged()
    return true
  }
}
