import Basics
import Trading

extension Check {
  /// Failures so close to the end that their line may still have been on its way: the slowest event and its line.
  static let observeGrace = Duration.seconds(2)

  /// Reads the failures from the venue's truth, never from the engine, and ORDER_FAILED of the engine's log.
  public static let errorsObservable = Check(
    .errorsObservable,
    "every order that the venue ended unfilled or filled in part has an ORDER_FAILED line: ERROR, with its code and reason",
    log: .duties
  ) { record in
    let name = CheckName.errorsObservable
    let ended = record.orders.filter { $0.end != nil }
    if ended.isEmpty { return .open(name, "no order ended at the venue") }
    let (failed, silent) = failures(record)
    if silent.isEmpty {
      let reason =
        failed.isEmpty ? "none of \(ended.count) orders failed" : "\(failed.count) failed orders have their ERROR line"
      return .pass(name, reason)
    }
    return .fail(
      name, "\(silent.count) of \(failed.count) failed orders have no ERROR line with code and reason",
      silent.map { order in
        let why = order.code.map { " with code \($0) \(order.text ?? "")" } ?? ""
        let engine = record.engineOrders[order.clientOrderId]
        let said =
          engine?.failedAt == nil
          ? "no ORDER_FAILED"
          : engine?.failureCode.map { "an ORDER_FAILED with code \($0)" } ?? "an ORDER_FAILED without"
        return "\(order.clientOrderId): \(order.end?.rawValue ?? "?")\(why) after \(order.requests) requests, \(said)"
      })
  }

  /// Orders that failed at the venue long enough before the end, and those of them without an ERROR line that has code and
  /// reason.
  static func failures(_ record: SessionRecord) -> (all: [OrderTruth], silent: [OrderTruth]) {
    // Of an end that no event told the engine hears when it asks.
    let untold = try? record.settleLimit().duration
    let failed = record.orders.filter { order in
      guard let end = order.end, end != .filled, let time = order.endedAt else { return false }
      let grace = order.undelivered > 0 ? untold : observeGrace
      return grace.map { record.end - time > $0 } ?? false
    }
    // An order of which nobody knows the end is told as lost instead.
    return (
      failed,
      failed.filter {
        let engine = record.engineOrders[$0.clientOrderId]
        if engine?.explainedAt == nil { return engine?.lostAt == nil }
        return isReasonLost($0, engine, record)
      }
    )
  }

  /// Whether the event of a rejection, which alone tells why, was heard first, and the line has another code.
  private static func isReasonLost(_ order: OrderTruth, _ engine: EngineOrder?, _ record: SessionRecord) -> Bool {
    guard order.end == .rejected, let code = order.code, let told = engine?.failureCode, told != code,
      record.run.isStallFree, let traffic = record.truth.order(order.clientOrderId),
      let heard = traffic.end?.arrives, heard <= engine?.failedAt ?? heard
    else { return false }
    return !(traffic.queries + traffic.cancels).contains { query in
      query.answered.map { $0 <= heard && query.asked >= order.endedAt ?? heard } ?? false
    }
  }
}
