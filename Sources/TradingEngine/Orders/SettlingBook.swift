import Basics
import Trading

/// An intent book that hears of every end of an order and clears the intent at once.
public final class SettlingBook: IntentBook {
  private let context: EngineContext
  private let table: IntentTable

  public init(_ context: EngineContext) {
    self.context = context
    table = IntentTable(context)
  }

  public func wire() throws(Stopped) {
    context.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      try clear(filled.intentId, reason: .orderFilled)
    }
    context.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event else { return }
      let reason: ClearReason
      switch failed.code {
      case OrderFailure.stale.code: reason = .stale
      case OrderFailure.shutdown.code: reason = .shutdown
      default: reason = .orderFailed
      }
      try clear(failed.intentId, reason: reason)
    }
  }

  public var count: Int { table.count }

  public func add(_ intent: OrderIntent) throws(Stopped) {
    try table.add(intent)
    context.metrics.recordIntentPending(count: count)
    try context.logPending(intent)
    try context.state.intentsChanged()
  }

  public func pending() throws(Stopped) -> [PendingIntent] { try table.pending() }

  public func find(_ id: String) throws(Stopped) -> PendingIntent? { try table.find(id) }

  @discardableResult
  public func update(_ id: String, _ change: (inout OrderProgress) -> Void) throws(Stopped) -> PendingIntent? {
    try table.update(id, change)
  }

  public func advance(_ report: OrderReport, fill: Fill?) throws(Stopped) -> OrderAdvance? {
    try table.advance(report, fill: fill)
  }

  public func settle(_ id: String) throws(Stopped) -> PendingIntent? { try table.settle(id) }

  @discardableResult
  public func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool {
    guard let cleared = try table.remove(id) else { return false }
    context.metrics.recordIntentPending(count: count)
    context.metrics.recordIntentCleared(reason: reason.rawValue)
    try context.budget.release(cleared.intent, reason: reason.rawValue)
    try context.log(
      .info, .intentCleared, [LogField(.intentId, .text(id)), LogField(.reason, .text(reason.rawValue))])
    try context.state.intentsChanged()
    return true
  }
}
