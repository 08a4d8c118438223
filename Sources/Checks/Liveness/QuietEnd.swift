import Basics
import Trading

extension Check {
  /// Reads the end of the engine in run.json, and the orders, cancels and queries of the venue's truth.
  ///
  /// A moment after it was asked to end the engine places nothing more. What is open then it takes back, and what it does not
  /// know it asks for, while it ends; that the venue does not answer is not held against it.
  public static let quietEnd = Check(
    .quietEnd, "an engine that ends sends no more orders, takes back what is open and asks for what it does not know"
  ) { record throws(Unjudged) in
    let name = CheckName.quietEnd
    guard let requested = record.run.shutdownRequested, let completed = record.run.shutdownCompleted else {
      return .open(name, "the engine did not end")
    }
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    let hearing = try Hearing(record)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    var wrong: [String] = []
    var open = 0
    for order in record.truth.orders {
      for call in order.places where call.asked > requested + reactionSlack {
        wrong.append("\(order.id): sent at \(call.asked.iso8601()), the engine was to end at \(requested.iso8601())")
      }
      let isLeft = order.end.map { $0.time > completed } ?? (order.takenAt != nil)
      let isUnknown = order.end == nil && order.takenAt == nil
      let isGivenUp = record.engineOrders[order.id]?.failedAt.map { $0 < requested } ?? false
      guard isLeft || isUnknown && !isGivenUp, (hearing.time(ofEndOf: order) ?? completed) >= requested else {
        continue
      }
      // While its placing is under way nothing can be asked.
      guard let last = order.places.last, last.end(timeout: timeout) + reactionSlack < completed else { continue }
      open += 1
      // While the venue asks for no call, nobody may ask.
      let pauses = Stretches(record.truth.pauses)
      if pauses.uncovered(in: .from(requested, to: completed)) < reactionSlack { continue }
      let calls = (order.cancels + order.queries).filter {
        $0.asked >= requested.minus(timeout) && $0.asked <= completed
      }
      if calls.isEmpty {
        wrong.append(
          "\(order.id): \(isLeft ? "left open at the venue" : "nobody knows its end"), and nobody asked while the engine ended"
        )
      }
    }
    if !record.run.isStallFree, !wrong.isEmpty { return .stalled(name, wrong) }
    if wrong.isEmpty { return .pass(name, "\(counted(open, "order")) open at the end, looked after") }
    return .fail(name, "\(wrong.count) orders were sent late or left alone at the end", wrong)
  }
}
