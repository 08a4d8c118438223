import Basics
import Trading

extension Check {
  /// Reads BUDGET_RESERVED, BUDGET_RELEASED and BUDGET_COMMITTED of the engine's log and the state file's budget, against the
  /// orders and trades of the venue's truth.
  ///
  /// What is committed for a purchase is what its trades cost, fees included, to the last digit; a fee that the venue never told
  /// may be the engine's estimate.
  public static let budgetBalances = Check(
    .budgetBalances,
    "what was reserved is released, committed or still reserved, as much as was spent and no longer than its order lives",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.budgetBalances
    var book = ReservationBook()
    for event in record.events where event.typeName.hasPrefix("BUDGET_") {
      try book.take(event, at: record.place(event))
    }
    if book.left.isEmpty { return .open(name, "no budget was reserved") }
    let wrong = try book.wrong + book.overspent(record) + book.outlived(record) + book.difference(record)
    if wrong.isEmpty { return .pass(name, "\(book.left.count) reservations balance") }
    return .fail(name, "\(wrong.count) bookings of the budget do not balance", wrong)
  }
}

/// What is left of each intent's reservation, as the log says.
private struct ReservationBook {
  var left: [String: Decimal] = [:]
  /// What was committed for each intent in total.
  var committed: [String: Decimal] = [:]
  var wrong: [String] = []
  private var released: Set<String> = []
  private var last: Instant?
  /// An amount was lost to a formatter time-out.
  private var isVague = false

  mutating func take(_ event: SessionRecord.Event, at place: String) throws(Unjudged) {
    let key: FieldName
    switch event.type {
    case .budgetReserved: key = .reserved
    case .budgetReleased: key = .released
    case .budgetCommitted: key = .committed
    default: return
    }
    last = event.time
    guard let id = event.text(.intentId), let amount = try event.amount(key, at: place) else {
      isVague = true
      return
    }
    let before = left[id] ?? .zero
    if key == .committed { committed[id] = try (committed[id] ?? .zero).plus(amount, at: place) }
    switch key {
    case .reserved:
      left[id] = try before.plus(amount, at: place)
      released.remove(id)
    case .committed where released.contains(id) || amount.isNegative:
      // A fill that turns up after its reservation was given back is paid from the free budget, and what a correction
      // of fees gives back goes there.
      return
    default:
      if amount > before {
        wrong.append("\(id): \(place) \(key.rawValue) \(amount), \(before) was left of its reservation")
      }
      left[id] = max(.zero, try before.minus(amount, at: place))
      if key == .released { released.insert(id) }
    }
  }

  /// Purchases for which more or less was committed than the venue took.
  func overspent(_ record: SessionRecord) throws(Unjudged) -> [String] {
    if isVague || record.count(.logRecordsDropped) > 0 { return [] }
    var wrong: [String] = []
    for life in record.intents {
      guard let amount = committed[life.id], let id = onlyOrder(life, record)?.clientOrderId,
        let order = record.truth.order(id), order.isBuy, order.filled.isPositive,
        record.engineOrders[id]?.booked == order.filled
      else { continue }
      // What was booked last may not be committed yet, nor its fee be corrected, when the session or its files end.
      let end = record.run.isUnfinished ? record.knownUntil : record.end
      let limit = try record.settleLimit().duration
      if order.trades.last.map({ end - $0.time < limit }) ?? true { continue }
      let place = "BUDGET_COMMITTED of \(life.id)"
      let fees = try order.quoteFees(upTo: order.filled, toldBy: end.minus(limit), in: try record.market(order.symbol))
      let quote = try order.quote(upTo: order.filled)
      let (least, most) = (try quote.plus(fees.low, at: place), try quote.plus(fees.high, at: place))
      if amount < least || amount > most { wrong.append("\(life.id): committed \(amount), the venue took \(least)") }
    }
    return wrong
  }

  /// Reservations that are still there at the end though their order ended long before.
  func outlived(_ record: SessionRecord) throws(Unjudged) -> [String] {
    if isVague || record.isCutShort || record.count(.logRecordsDropped) > 0 { return [] }
    let word = try VenueWord(record)
    let timeout = try record.settingTime(.exchangeTimeoutS)
    return record.intents.compactMap { life in
      guard let rest = left[life.id], rest.isPositive, let order = onlyOrder(life, record), let ended = order.endedAt,
        record.end > word.due(order.clientOrderId, endedAt: ended, timeout: timeout)
      else { return nil }
      return "\(life.id): \(rest) is still reserved, its order ended at \(ended.iso8601())"
    }
  }

  private func onlyOrder(_ life: IntentLife, _ record: SessionRecord) -> OrderTruth? {
    guard life.clientOrderIds.count == 1, let id = life.clientOrderIds.first else { return nil }
    return record.orders.first { $0.clientOrderId == id }
  }

  /// The state file's reserved sum, where it was saved after the last booking.
  func difference(_ record: SessionRecord) throws(Unjudged) -> [String] {
    guard !isVague, !record.isCutShort, record.count(.logRecordsDropped) == 0, let state = record.state,
      let reserved = state[.budget]?[.reserved]?.decimal,
      let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }), let last, saved > last
    else { return [] }
    var sum = Decimal.zero
    for (id, rest) in left.sorted(by: { $0.key < $1.key }) { sum = try sum.plus(rest, at: "BUDGET_RESERVED of \(id)") }
    return sum == reserved ? [] : ["the log leaves \(sum) reserved, the state file says \(reserved)"]
  }
}
