import Basics

/// What the engine's log says of one intent.
public struct IntentLife: Sendable {
  /// The engine's name for the intent.
  public var id: String
  /// The orders it led to, by client id; normally one.
  public var clientOrderIds: [String]
  /// When it was pending first.
  public var pendingAt: Instant
  /// When it was cleared for a reason that settles it: any but `stale`.
  public var settledAt: Instant?
  /// When it left the book, for whatever reason.
  public var clearedAt: Instant?

  /// Reads INTENT_PENDING, ORDER_SENT and INTENT_CLEARED.
  static func all(in events: [SessionRecord.Event]) -> [IntentLife] {
    var lives: [IntentLife] = []
    var index: [String: Int] = [:]
    var fields = FieldIndex()
    for event in events {
      switch event.type {
      case .intentPending, .orderSent:
        fields.load(event)
        guard let id = fields.text(.intentId) else { continue }
        let at = index[id, default: lives.count]
        if at == lives.count {
          index[id] = at
          lives.append(IntentLife(id: id, clientOrderIds: [], pendingAt: event.time))
        }
        if let order = fields.text(.clientOrderId), !lives[at].clientOrderIds.contains(order) {
          lives[at].clientOrderIds.append(order)
        }
      case .intentCleared:
        fields.load(event)
        guard let id = fields.text(.intentId), let at = index[id] else { continue }
        if lives[at].clearedAt == nil { lives[at].clearedAt = event.time }
        if fields.text(.reason) != "stale", lives[at].settledAt == nil { lives[at].settledAt = event.time }
      default: continue
      }
    }
    return lives
  }
}
