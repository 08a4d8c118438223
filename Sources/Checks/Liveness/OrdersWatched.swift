import Basics
import Trading

extension Check {
  /// While so many questions hang, nobody has to ask one more.
  private static let questionsMax = 16

  /// Reads the orders, events, queries and cancels of the venue's truth, ORDER_FILLED of the engine's log, ORDER_FAILED and
  /// ORDER_LOST for orders that were given up, and EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// An order that the venue had taken and that was given up aloud is looked for until its end is known.
  ///
  /// Whoever asks, for the order or for balances, does it for one order at a time, so that the time of such calls does not count,
  /// up to their caller's time-out. A stalled schedule excuses the rest.
  public static let ordersWatched = Check(
    .ordersWatched, "an order of which nothing is heard is asked for, again and again until its end is known"
  ) { record throws(Unjudged) in
    let name = CheckName.ordersWatched
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let limit = try record.settingTime(.reconcileAfterS) + sweepInterval + reactionSlack
    let hearing = try Hearing(record)
    let asking = record.truth.asking(timeout).all + record.truth.balances.map { $0.stretch(timeout, .zero) }
    let hung = record.truth.orders.flatMap { order in
      order.queries.filter { $0.hangs(timeout) }.map { Range.from($0.asked, to: $0.answered ?? .distantFuture) }
    }
    let held = Stretches(asking + record.run.absences(of: .reconciler) + Stretches.overlaps(of: questionsMax, in: hung))
    var wrong: [String] = []
    var longest = Duration.zero
    func silences(of order: OrderTraffic, in life: Range<Instant>) -> [(gap: Range<Instant>, length: Duration)] {
      // A call over the wire takes no time at the venue, and is heard of all the same.
      let calls = (order.places + order.queries + order.cancels).map { $0.stretch(timeout, .nanoseconds(1)) }
      let news = order.news.map { $0..<($0 + .nanoseconds(1)) }
      return Stretches(calls + news).gaps(in: life).map { ($0, held.uncovered(in: $0)) }
    }
    for order in record.truth.orders {
      let engine = record.engineOrders[order.id]
      // Who says that an order is filled that is, knows it, whatever held up the thread that reads the stream.
      let filled = order.end.flatMap { end in engine?.filledAt.map { max($0, end.time) } }
      let over = [hearing.time(ofEndOf: order), filled, engine?.failedAt, engine?.lostAt].compactMap { $0 }.min()
      let life = Range.from(order.asked, to: min(over ?? record.end, record.end))
      for (gap, silence) in silences(of: order, in: life) {
        longest = max(longest, silence)
        if silence > limit {
          wrong.append(
            "\(order.id): nothing was heard of it from \(gap.lowerBound.iso8601()) on, and nobody asked for "
              + seconds(gap.length.seconds))
        }
      }
      guard let lost = engine?.lostAt, order.takenAt.map({ $0 < lost }) ?? false, engine?.failedAt == nil else {
        continue
      }
      let rest = Range.from(lost, to: min(hearing.time(ofEndOf: order) ?? record.end, record.end))
      for (gap, silence) in silences(of: order, in: rest) where silence > searchInterval + sweepInterval + reactionSlack
      {
        wrong.append(
          "\(order.id): given up at \(lost.iso8601()) though the venue had taken it, and from \(gap.lowerBound.iso8601()) on nobody "
            + "looked for it for \(seconds(gap.length.seconds))")
      }
    }
    let worst = "the longest silence \(seconds(longest.seconds))"
    if !record.run.isStallFree { return .stalled(name, [worst]) }
    if wrong.isEmpty { return .pass(name, "\(record.truth.orders.count) orders, \(worst)") }
    return .fail(name, "\(wrong.count) orders were left alone though nothing was heard of them", wrong)
  }
}
