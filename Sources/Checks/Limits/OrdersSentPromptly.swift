import Basics
import Trading

extension Check {
  /// Reads ORDER_SENT and ORDER_FAILED of the engine's log against the requests of the venue's truth, and EXCHANGE_TIMEOUT_S,
  /// ROUTER_BACKOFF_MS and ROUTER_MAX_RETRIES of config.json.
  ///
  /// An entry may wait for the orders before it, which take their venue's time; an exit waits for other exits only. A request
  /// that the venue never answers keeps a thread of the engine for ever, and may keep out what comes behind it.
  public static let ordersSentPromptly = Check(
    .ordersSentPromptly, "what the log calls sent is at the venue a moment later, exits before entries",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.ordersSentPromptly
    let sent = record.engineOrders.all.filter { $0.sentAt != nil }
    if sent.isEmpty { return .open(name, "no order was sent") }
    let placing = try PlacingTime(record)
    func busy(_ isCounted: (OrderTraffic) -> Bool) -> Stretches {
      // While the venue asks for no call, and the moment in which an order is fetched after it, nothing can come.
      let pauses = record.truth.pauses.map { $0.lowerBound..<($0.upperBound + reactionSlack) }
      let orders = record.truth.orders.filter(isCounted)
      return Stretches(orders.map { .from($0.asked, to: placing.end(of: $0) ?? $0.asked) } + pauses)
    }
    let (all, sales) = (busy { _ in true }, busy { !$0.isBuy })
    var wrong: [String] = []
    var longest = Duration.zero
    for order in sent {
      guard let start = order.sentAt else { continue }
      let asked = record.truth.order(order.clientOrderId)?.asked
      // What is given up in time and said so is no order any more.
      let end = asked ?? min(order.failedAt ?? record.end, record.end)
      let isExit = order.side == "sell"
      let waited = (isExit ? sales : all).uncovered(in: .from(start, to: end))
      longest = max(longest, waited)
      guard waited > reactionSlack else { continue }
      let how = asked.map { "asked for \(seconds(($0 - start).seconds)) later" } ?? "never at the venue"
      wrong.append("\(order.clientOrderId): sent at \(start.iso8601()), \(how)\(isExit ? ", an exit" : "")")
    }
    if !record.run.isStallFree { return .stalled(name, ["the longest wait \(milliseconds(longest.milliseconds))"]) }
    if wrong.isEmpty {
      return .pass(name, "\(sent.count) orders, the longest wait \(milliseconds(longest.milliseconds))")
    }
    return .fail(name, "\(wrong.count) of \(sent.count) orders came to the venue late or never", wrong)
  }
}
