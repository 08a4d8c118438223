import Basics
import Trading

extension Check {
  /// Reads the polls and the purchases of the venue's truth, ORDER_SENT of the engine's log for the moment of the decision,
  /// and MD_POLL_MS of config.json. A sale is better made on an old quote than not at all.
  public static let marketDataFresh = Check(
    .marketDataFresh, "no purchase is decided on a quote that is older than what the engine calls stale"
  ) { record throws(Unjudged) in
    let name = CheckName.marketDataFresh
    let purchases = record.orders.filter { $0.side == "buy" }
    if purchases.isEmpty { return .notApplicable(name, "no purchase reached the venue") }
    let limit = try record.quoteAgeLimit()
    try record.requirePolls()
    var sent: [String: Instant] = [:]
    for event in record.events(.orderSent) {
      if let id = event.text(.clientOrderId), sent[id] == nil { sent[id] = event.time }
    }
    var market = LastQuotes(record.polls)
    var old: [String] = []
    var oldest = Duration.zero
    let decisions = purchases.map { order in
      (order: order, at: min(order.firstRequest, sent[order.clientOrderId] ?? order.firstRequest))
    }
    for (order, at) in decisions.sorted(by: { $0.at < $1.at }) {
      guard let quote = market.quote(of: order.symbol, at: at) else {
        old.append(
          "\(order.clientOrderId): decided at \(at.iso8601()), the venue had given no quote of \(order.symbol)")
        continue
      }
      oldest = max(oldest, at - quote)
      if at - quote > limit.duration {
        old.append(
          "\(order.clientOrderId): decided at \(at.iso8601()) on the quote of \(quote.iso8601()), "
            + "\(seconds((at - quote).seconds)) old")
      }
    }
    if !record.run.isStallFree { return .stalled(name, ["oldest quote \(seconds(oldest.seconds))"]) }
    if old.isEmpty {
      return .pass(name, "\(decisions.count) purchases, the oldest quote was \(seconds(oldest.seconds)) old")
    }
    return .fail(
      name, "\(old.count) of \(decisions.count) purchases were decided on quotes older than \(limit.text)", old)
  }
}

/// The newest quote of each symbol that had reached the engine, asked for in the order of time.
private struct LastQuotes {
  private var answers: ArraySlice<QuotePoll>
  private var newest: [String: Instant] = [:]

  init(_ polls: [QuotePoll]) {
    let good = polls.filter { $0.isGood && $0.answered != nil }
    answers = good.sorted { ($0.answered ?? $0.asked) < ($1.answered ?? $1.asked) }[...]
  }

  mutating func quote(of symbol: String, at time: Instant) -> Instant? {
    while let next = answers.first, let answered = next.answered, answered <= time {
      for group in next.quotes {
        for symbol in group.symbols { newest[symbol] = max(newest[symbol] ?? group.at, group.at) }
      }
      answers.removeFirst()
    }
    return newest[symbol]
  }
}
