import Basics
import Trading

extension Check {
  /// Reads the trades of the venue's truth with the time at which the user stream had each, ORDER_UPDATE, ORDER_FILLED and
  /// ORDER_FAILED of the engine's log, and EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// Source: HISTORY.md FILL-3, a stream that was read and not used, so that every fill waited for a query.
  public static let fillsBookedPromptly = Check(
    .fillsBookedPromptly,
    "a fill is booked as soon as the user stream or an answer tells of it, and never before it happened; so is an end",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.fillsBookedPromptly
    let traded = record.truth.orders.filter { !$0.trades.isEmpty }
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    if traded.isEmpty { return .notApplicable(name, "the venue filled no order") }
    if record.count(.logRecordsDropped) > 0 { return .open(name, "lines of the log are missing") }
    let hearing = try Hearing(record)
    let absent = Stretches(record.run.absences(of: .userStream, .reconciler))
    var late: [String] = []
    var early: [String] = []
    var longest = Duration.zero
    for order in traded {
      let engine = record.engineOrders[order.id]
      if engine?.isVague == true { continue }
      let bookings = engine?.bookings ?? []
      for booking in bookings {
        let filled = order.trades.last { $0.time <= booking.time }?.total ?? .zero
        if booking.quantity > filled {
          early.append("\(order.id): \(booking.quantity) booked at \(booking.time.iso8601()), \(filled) was filled")
        }
      }
      for trade in order.trades {
        let told = hearing.time(of: trade, in: order)
        let booked = min(bookings.first { $0.quantity >= trade.total }?.time ?? record.end, record.end)
        let waited = absent.uncovered(in: .from(told, to: booked))
        longest = max(longest, waited)
        if waited > reactionSlack {
          late.append(
            "\(order.id): filled \(trade.total) at \(trade.time.iso8601()), told at \(told.iso8601()), booked "
              + "\(seconds((booked - told).seconds)) later or never")
        }
      }
    }
    late += lateEnds(record, hearing, absent)
    if !early.isEmpty { return .fail(name, "\(early.count) fills were booked before they happened", early) }
    if !record.run.isStallFree { return .stalled(name, ["the longest wait \(milliseconds(longest.milliseconds))"]) }
    if late.isEmpty {
      return .pass(name, "\(traded.count) orders filled, the longest wait \(milliseconds(longest.milliseconds))")
    }
    return .fail(name, "\(late.count) fills or ends were booked late or never", late)
  }

  /// Orders of which the engine was told that they can do nothing any more, without a line about it.
  private static func lateEnds(_ record: SessionRecord, _ hearing: Hearing, _ absent: Stretches) -> [String] {
    record.truth.orders.compactMap { order in
      // A refusal may pass: then the order is sent again. The last fill is booked like all others.
      guard let end = order.end, end.how != .refused, end.how != .filled, let told = hearing.time(ofEndOf: order) else {
        return nil
      }
      let engine = record.engineOrders[order.id]
      if engine?.isVague == true { return nil }
      let line = [engine?.filledAt, engine?.failedAt, engine?.lostAt].compactMap { $0 }.min()
      let waited = absent.uncovered(in: .from(told, to: min(line ?? record.end, record.end)))
      guard waited > reactionSlack else { return nil }
      return "\(order.id): its end was told at \(told.iso8601()), the line about it came "
        + "\(seconds(waited.seconds)) later or never"
    }
  }
}
