import Basics
import Trading

extension Check {
  /// Reads ORDER_SENT, ORDER_FILLED, ORDER_FAILED and INTENT_CLEARED of the engine's log against the ends of orders in the
  /// venue's truth.
  public static let endsAgree = Check(
    .endsAgree,
    "an order has one end in the log and the right one: filled if the venue filled all of it, else failed, at level ERROR",
    log: .accusations
  ) { record in
    let name = CheckName.endsAgree
    if record.events(.orderSent).isEmpty { return .open(name, "no order was sent") }
    var ends: [String: Int] = [:]
    var wrong: [String] = []
    for event in record.events where event.type == .orderFilled || event.type == .orderFailed {
      guard let id = event.text(.clientOrderId) else { continue }
      ends[id, default: 0] += 1
      if let count = ends[id], count > 1 {
        wrong.append("\(record.place(event)): \(id) ends once more, \(event.typeName)")
      }
      let order = record.truth.order(id)
      let problem = event.type == .orderFilled ? whyNotFilled(event, order) : whyNotFailed(event, order)
      if let problem { wrong.append("\(record.place(event)): \(id) \(event.typeName): \(problem)") }
    }
    wrong += clearedSilently(record)
    if ends.isEmpty, wrong.isEmpty { return .notApplicable(name, "no order came to an end") }
    if wrong.isEmpty { return .pass(name, "\(ends.count) orders have one end each, the right one") }
    return .fail(name, "\(wrong.count) ends in the log are wrong", wrong)
  }

  private static func whyNotFilled(_ event: SessionRecord.Event, _ order: OrderTraffic?) -> String? {
    guard let order else { return "the venue never had it" }
    if let end = order.end, end.how == .filled, end.time <= event.time { return nil }
    let what = order.end.map { $0.time <= event.time ? $0.how.rawValue : "open" } ?? "open"
    return "at the venue it is \(what), \(order.filled) is filled"
  }

  private static func whyNotFailed(_ event: SessionRecord.Event, _ order: OrderTraffic?) -> String? {
    if event.level != "ERROR" { return "its level is \(event.level)" }
    if (event.code(.errorCode) ?? "").isEmpty { return "it has no error_code" }
    if !event.isVague, (event.text(.exchangeError) ?? "").isEmpty { return "it has no exchange_error" }
    // What the venue never took may fail for any reason.
    guard let order, let taken = order.takenAt else { return nil }
    if taken > event.time, order.isDenied(by: event.time) { return nil }
    if taken > event.time { return "the venue took it at \(taken.iso8601()), after it was given up" }
    guard let end = order.end, end.time <= event.time else { return "it was open at the venue" }
    return end.how == .filled ? "the venue had filled all of it" : nil
  }

  /// Intents that left the book without a line that says what became of their order: a fill, or a line at level ERROR.
  private static func clearedSilently(_ record: SessionRecord) -> [String] {
    var told = Set(record.events(.orderLost).compactMap { $0.text(.intentId) })
    var wrong: [String] = []
    for event in record.events {
      if event.type == .intentCleared {
        guard let id = event.text(.intentId), !told.contains(id) else { continue }
        wrong.append("\(record.place(event)): \(id) was cleared, and no line says what became of its order")
      } else if event.type == .orderFilled || event.level == "ERROR", event.typeName.hasPrefix("ORDER_"),
        let id = event.text(.intentId)
      {
        told.insert(id)
      }
    }
    return wrong
  }
}

extension OrderTraffic {
  /// Whether the venue itself had said by then that it has no such order: a request that comes in later is not the engine's
  /// to foresee.
  fileprivate func isDenied(by time: Instant) -> Bool {
    queries.contains { query in
      query.outcome == "error" && query.isPermanent && !query.isInjected && query.answered.map { $0 <= time } ?? false
    }
  }
}
