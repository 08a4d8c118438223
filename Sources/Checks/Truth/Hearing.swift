import Basics
import Trading

/// When the engine heard of what the venue did: by the user stream, or by the answer to a question.
///
/// Where neither told it, the time by which it must have asked and been answered (`VenueWord`). A thread that a fault holds up at
/// a lock reads the stream behind that.
struct Hearing {
  private let word: VenueWord
  private let timeout: Duration
  /// How long a purchase that the venue does not know may turn up.
  private let life: Duration
  /// While a fault held up the thread that reads the stream.
  private let heldUp: [Range<Instant>]

  init(_ record: SessionRecord) throws(Unjudged) {
    word = try VenueWord(record)
    timeout = try record.settingTime(.exchangeTimeoutS)
    life = try record.settingTime(.orderTtlS)
    let held = record.run.firings.filter { $0.site == "lock.acquire" && $0.thread == ThreadName.userStream.rawValue }
    heldUp = Stretches(held.map { .from($0.time, to: $0.time + $0.sleep) }).all
  }

  /// When the event was read that was there at that time.
  private func read(_ arrives: Instant) -> Instant { heldUp.first { $0.contains(arrives) }?.upperBound ?? arrives }

  /// When the stream or an answer told a trade; nil: none did. The event of a later trade has the total of both.
  func told(_ trade: OrderTraffic.Trade, in order: OrderTraffic) -> Instant? {
    var told = order.answer(filled: trade.total)
    for other in order.trades where other.total >= trade.total {
      if let arrives = other.arrives.map(read) { told = min(told ?? arrives, arrives) }
    }
    return told
  }

  /// When a trade was heard of at the latest.
  func time(of trade: OrderTraffic.Trade, in order: OrderTraffic) -> Instant {
    if let told = told(trade, in: order) { return told }
    return word.due(order.id, endedAt: trade.time, timeout: timeout)
  }

  /// Whether the engine must have heard of a trade of the order by then.
  func isHeard(_ order: OrderTraffic, by time: Instant) -> Bool {
    order.trades.contains { self.time(of: $0, in: order) + Check.reactionSlack <= time }
  }

  /// Whether the engine may not have heard of the trade until then.
  func isUnheard(_ trade: OrderTraffic.Trade, of order: OrderTraffic, by time: Instant) -> Bool {
    trade.time > time || self.time(of: trade, in: order) + Check.reactionSlack > time
  }

  /// When the trade behind a step of a holding was heard of at the latest.
  func time(of step: Holding.Step, in truth: VenueTruth) -> Instant {
    guard let order = truth.order(step.order), let trade = order.trades.first(where: { $0.total == step.total }) else {
      return step.time
    }
    return time(of: trade, in: order)
  }

  /// When it was heard at the latest that an order can do nothing any more; nil: it is not over.
  func time(ofEndOf order: OrderTraffic) -> Instant? {
    guard let end = order.end else {
      // A request whose outcome nobody knows and of which the venue never had an order.
      guard order.takenAt == nil, let last = order.places.last else { return nil }
      return word.due(order.id, endedAt: max(last.end(timeout: timeout), order.asked + life), timeout: timeout)
    }
    if word.isLeftOpen(order) { return word.due(order.id, endedAt: end.time, timeout: timeout) }
    // A question that was under way when the order was filled may have been answered with that.
    let answers = (order.queries + order.cancels).filter {
      $0.isGood && $0.isOver && ($0.asked >= end.time || end.how == .filled && $0.filled == order.filled)
    }.compactMap(order.known)
    let told = ([end.arrives.map(read)].compactMap { $0 } + answers).min()
    return told ?? word.due(order.id, endedAt: end.time, timeout: timeout)
  }
}
