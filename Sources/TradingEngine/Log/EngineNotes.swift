import ChaosRuntime
import Trading

/// What a stack dump says of the engine: intents, orders, budget, the last log line. Setting one takes no lock.
public final class EngineNotes: Sendable {
  private let notes: Notes
  private let intents: Int?
  private let orders: Int?
  private let free: Int?
  private let reserved: Int?
  private let logged: Int?

  init(_ notes: Notes) {
    self.notes = notes
    intents = notes.add("intents pending")
    orders = notes.add("orders that the venue may have")
    free = notes.add("budget free", isText: true)
    reserved = notes.add("budget reserved", isText: true)
    logged = notes.add("last log line", isText: true)
    notes.set(free, to: "not told yet")
    notes.set(reserved, to: "0")
    notes.set(logged, to: "none")
  }

  /// Both figures, as of one moment.
  public func budget(_ figures: BudgetSnapshot) {
    notes.set(free, to: "\(figures.free)")
    notes.set(reserved, to: "\(figures.reserved)")
  }

  func pending(_ items: [PendingIntent]) {
    notes.set(intents, to: items.count)
    notes.set(orders, to: items.count { $0.progress.phase != .created })
  }

  /// Without its fields, which may be long.
  func logged(_ record: LogRecord, by thread: String) {
    notes.set(logged, to: "\(record.level.rawValue) \(record.event) by \(thread)")
  }
}
