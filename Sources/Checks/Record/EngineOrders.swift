import Basics
import Trading

/// What the engine's log says of one order.
public struct EngineOrder: Sendable {
  /// The engine's name for the order, which its log and the venue share.
  public var clientOrderId: String
  /// Intents that its lines name; normally one.
  public var intentIds: [String] = []
  /// As the first line that has it says; nil when none does.
  public var symbol: String?
  /// `buy` or `sell`, as the first line that has it says.
  public var side: String?
  /// ORDER_SENT lines: attempts, retries included.
  public var sentCount = 0
  /// When the first ORDER_SENT was logged.
  public var sentAt: Instant?
  /// When the first ORDER_ACK was logged.
  public var ackedAt: Instant?
  /// When the first ORDER_FILLED was logged.
  public var filledAt: Instant?
  /// When the first ORDER_FAILED was logged.
  public var failedAt: Instant?
  /// When ORDER_LOST was logged: nobody knows what became of it, and the engine says so.
  public var lostAt: Instant?
  /// When its ORDER_FAILED was logged at level ERROR with code and reason.
  public var explainedAt: Instant?
  /// Error code of that line.
  public var failureCode: String?
  /// Quantities that were booked in total, as they grew.
  public var bookings: [(time: Instant, quantity: Decimal)] = []
  /// A line of it lost its fields to a formatter time-out, so its quantities are not known.
  public var isVague = false

  /// Base asset booked as filled, at the last word; zero when nothing was.
  public var booked: Decimal { bookings.last?.quantity ?? .zero }
}

/// The orders of the engine's log, in the order of the first word about each.
public struct EngineOrders: Sendable {
  /// In the order of the first word about each.
  public private(set) var all: [EngineOrder] = []
  private var index: [String: Int] = [:]

  /// The order of that client id; nil when the log never names it. O(1).
  public subscript(clientOrderId: String) -> EngineOrder? { index[clientOrderId].map { all[$0] } }

  /// Where it is in that order; nil when the log never names it. O(1).
  func place(of clientOrderId: String) -> Int? { index[clientOrderId] }

  /// Reads the ORDER_* events.
  init(_ events: [SessionRecord.Event]) {
    var fields = FieldIndex()
    for event in events where event.typeName.hasPrefix("ORDER_") {
      fields.load(event)
      guard let id = fields.text(.clientOrderId) else { continue }
      let at = index[id, default: all.count]
      if at == all.count {
        index[id] = at
        all.append(EngineOrder(clientOrderId: id))
      }
      all[at].take(event, fields)
    }
  }
}

extension EngineOrder {
  fileprivate mutating func take(_ event: SessionRecord.Event, _ fields: FieldIndex) {
    if let intent = fields.text(.intentId), !intentIds.contains(intent) { intentIds.append(intent) }
    symbol = symbol ?? fields.text(.symbol)
    side = side ?? fields.text(.side)
    switch event.type {
    case .orderSent:
      sentCount += 1
      sentAt = sentAt ?? event.time
    case .orderAck: ackedAt = ackedAt ?? event.time
    case .orderUpdate: book(fields)
    case .orderFilled:
      filledAt = filledAt ?? event.time
      book(fields)
    case .orderLost: lostAt = lostAt ?? event.time
    case .orderFailed:
      failedAt = failedAt ?? event.time
      book(fields)
      if explainedAt == nil, event.level == "ERROR", fields.isExplained {
        explainedAt = event.time
        failureCode = fields.code(.errorCode)
      }
    default: return
    }
  }

  private mutating func book(_ fields: FieldIndex) {
    guard let quantity = fields.decimal(.filledQty) else {
      if fields.isVague { isVague = true }
      return
    }
    if quantity > booked { bookings.append((fields.time, quantity)) }
  }
}

extension FieldLookup {
  /// A code, and a reason unless its formatting timed out.
  fileprivate var isExplained: Bool {
    guard let code = code(.errorCode), !code.isEmpty else { return false }
    return text(.exchangeError).map { !$0.isEmpty } ?? isVague
  }
}
