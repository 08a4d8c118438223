import Basics
import Trading

extension Check {
  /// The reconciler looks every 0.5 s.
  static let sweepInterval = Duration.milliseconds(500)

  /// From one question about an order that was given up to the next.
  private static let lostInterval = Duration.seconds(10)

  /// Reads the orders, cancels and queries of the venue's truth, and ORDER_TTL_S, EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of
  /// config.json.
  ///
  /// Whoever cancels asks about one order at a time, so that the time of such calls does not count, up to their caller's
  /// time-out, nor does that of the call that places the order. A stalled schedule excuses the rest.
  public static let ordersExpire = Check(
    .ordersExpire, "an order that is still open at the end of its time is canceled, again and again until it is gone"
  ) { record throws(Unjudged) in
    let name = CheckName.ordersExpire
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    let life = try record.settingTime(.orderTtlS)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let first = sweepInterval + reactionSlack
    let again = try record.settingTime(.reconcileAfterS) + reactionSlack
    let held = Stretches(record.truth.asking(timeout).all + record.run.absences(of: .reconciler))
    var wrong: [String] = []
    var oldest = Duration.zero
    for order in record.truth.orders {
      guard let taken = order.takenAt else { continue }
      let end = min(order.end?.time ?? record.end, record.end)
      oldest = max(oldest, end - taken)
      let busy = Stretches(held.all + order.places.map { $0.stretch(timeout, .zero) })
      var due = order.asked + life
      if let absence = record.absence(of: order, life: life) { due = max(due, absence.heard ?? taken + lostInterval) }
      var limit = first
      // Who had it canceled before its time was over repeats that a pause later, not at once.
      if let early = order.cancels.last(where: { $0.asked < due })?.end(timeout: timeout), early + again > due + limit {
        (due, limit) = (early, again)
      }
      for call in order.cancels + [VenueCallFact(asked: end)] where due < end {
        if call.asked < due { continue }
        let waited = busy.uncovered(in: .from(due, to: min(call.asked, end)))
        if waited > limit {
          wrong.append(
            "\(order.id): open \(seconds((end - order.asked).seconds)), nobody cancels it from \(due.iso8601()) on for "
              + seconds((min(call.asked, end) - due).seconds))
          break
        }
        (due, limit) = (call.end(timeout: timeout), again)
      }
    }
    let longest = "the oldest was open for \(seconds(oldest.seconds))"
    if !record.run.isStallFree { return .stalled(name, [longest]) }
    if wrong.isEmpty { return .pass(name, "\(record.truth.orders.count) orders, \(longest)") }
    return .fail(name, "\(wrong.count) orders outlived \(SettingName.orderTtlS)", wrong)
  }
}

extension VenueCallFact {
  /// While its caller waits, and a moment more.
  func stretch(_ timeout: Duration, _ more: Duration) -> Range<Instant> {
    .from(asked, to: end(timeout: timeout) + more)
  }
}

extension VenueTruth {
  /// While somebody asks about an order or cancels one, or the venue asks for no call.
  func asking(_ timeout: Duration) -> Stretches {
    Stretches(
      orders.flatMap { order in (order.cancels + order.queries).map { $0.stretch(timeout, .zero) } } + pauses)
  }
}
