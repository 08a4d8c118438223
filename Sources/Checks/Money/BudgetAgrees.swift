import Basics
import Trading

extension Check {
  /// Reads HEARTBEAT and BUDGET_RESERVED of the engine's log and the state file's budget, against the opening balances and the
  /// trades of the venue's truth.
  ///
  /// A figure of the log is judged where every trade was booked a second before and no order is open, the state file where
  /// every intent with a trade was cleared before it was saved. A fee that the venue never told may be the engine's estimate.
  /// In a stalled schedule only the state file is judged: a thread may be held up between reading a figure and logging it.
  public static let budgetAgrees = Check(
    .budgetAgrees,
    "when nothing is in flight, free and reserved budget are the venue's quote asset, to the last digit",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.budgetAgrees
    let claims = try BudgetClaim.all(record)
    if claims.isEmpty { return .open(name, "the engine told no budget") }
    let purse = try QuotePurse(record)
    var wrong: [String] = []
    var judged = 0
    for claim in claims where purse.isQuiet(at: claim) {
      judged += 1
      let truth = try purse.held(at: claim.time)
      if claim.total >= truth.low, claim.total <= truth.high { continue }
      let doubt = truth.low == truth.high ? "" : " (\(truth.low) with fees that were not told)"
      wrong.append("\(claim.place): \(claim.text) is \(claim.total), the venue holds \(truth.high)\(doubt)")
    }
    if judged == 0 { return .open(name, "an order was in flight or unbooked at each of \(claims.count) figures") }
    if wrong.isEmpty { return .pass(name, "\(judged) figures of the budget are the venue's") }
    return .fail(name, "\(wrong.count) of \(judged) figures of the budget are not the venue's", wrong)
  }
}

/// What the engine says that it has at one moment, free and reserved.
private struct BudgetClaim {
  var time: Instant
  var total: Decimal
  var place: String
  var text: String
  var isSaved = false

  /// In the order of the log, the state file last.
  static func all(_ record: SessionRecord) throws(Unjudged) -> [BudgetClaim] {
    // Before the venue's first answer there is no budget.
    let timeout = try record.settingTime(.exchangeTimeoutS)
    guard
      let first = record.truth.balances.first(where: {
        $0.isGood && ($0.answered ?? .distantFuture) - $0.asked <= timeout
      }),
      let known = first.answered
    else { return [] }
    var claims: [BudgetClaim] = []
    // An engine that has no money yet, and buys nothing, may have lost the first answer with the thread that had it.
    let firstOrder = record.truth.orders.map(\.asked).min() ?? .distantFuture
    if record.run.isStallFree {
      for event in record.events where keys(of: event) != nil && event.time > known + Check.reactionSlack {
        guard let claim = try BudgetClaim(event, record) else { continue }
        if claim.total != .zero || claim.time > firstOrder { claims.append(claim) }
      }
    }
    let place = "state/engine_transient.json"
    if !record.isCutShort, let state = record.state, let budget = state[.budget],
      let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }), saved > known + Check.reactionSlack,
      let free = try budget.amount(.free, at: place), let reserved = try budget.amount(.reserved, at: place)
    {
      claims.append(
        BudgetClaim(
          time: saved, total: try free.plus(reserved, at: place), place: place, text: "\(free) + \(reserved)",
          isSaved: true))
    }
    return claims
  }

  private init(time: Instant, total: Decimal, place: String, text: String, isSaved: Bool = false) {
    (self.time, self.total, self.place, self.text, self.isSaved) = (time, total, place, text, isSaved)
  }

  private static func keys(of event: SessionRecord.Event) -> (free: FieldName, reserved: FieldName)? {
    switch event.type {
    case .heartbeat: (.budgetFree, .budgetReserved)
    case .budgetReserved: (.available, .totalReserved)
    default: nil
    }
  }

  private init?(_ event: SessionRecord.Event, _ record: SessionRecord) throws(Unjudged) {
    guard let (freeKey, reservedKey) = Self.keys(of: event) else { return nil }
    let place = record.place(event)
    guard let free = try event.amount(freeKey, at: place), let reserved = try event.amount(reservedKey, at: place)
    else {
      return nil
    }
    self.init(
      time: event.time, total: try free.plus(reserved, at: place), place: place, text: "\(free) + \(reserved)")
  }
}

/// The quote asset of the account, by the venue's trades, and when the engine can have booked all of them.
private struct QuotePurse {
  private let record: SessionRecord
  private let opening: Decimal
  private let quote: String
  /// When the intent of an order left the engine's book, by client id.
  private let cleared: [String: Instant]
  /// What the venue and the engine say of each order, in the venue's order.
  private let lives: [Life]

  private struct Life {
    let asked: Instant
    let taken: Instant?
    let ended: Instant?
    let trades: [OrderTraffic.Trade]
    let engine: EngineOrder?
    let cleared: Instant?
  }

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    quote = record.truth.orders.first?.quoteAsset ?? "USDT"
    guard let opening = record.truth.opening[quote] else {
      throw Unjudged(reason: "the venue wrote no opening balance of \(quote)")
    }
    self.opening = opening
    let cleared = record.clearedIntents
    self.cleared = cleared
    lives = record.truth.orders.map { order in
      Life(
        asked: order.asked, taken: order.takenAt, ended: order.end?.time, trades: order.trades,
        engine: record.engineOrders[order.id], cleared: cleared[order.id])
    }
  }

  /// Whether no order is open, and every trade until then was booked long enough before.
  func isQuiet(at claim: BudgetClaim) -> Bool {
    let time = claim.time
    if isUnadopted(at: time) { return false }
    let since = claim.isSaved ? time : time.minus(Check.reactionSlack)
    for index in lives.indices where lives[index].asked <= time {
      if let taken = lives[index].taken, taken <= time, lives[index].ended.map({ $0 > since }) ?? true { return false }
      guard let filled = lives[index].trades.last(where: { $0.time <= time }) else { continue }
      guard let engine = lives[index].engine, !engine.isVague,
        let booked = engine.bookings.last(where: { $0.time <= time }), booked.quantity == filled.total
      else { return false }
      // Once its intent is cleared nothing of an order is half booked.
      guard let settled = claim.isSaved ? lives[index].cleared : booked.time, settled < since else { return false }
    }
    return true
  }

  /// Whether money was moved from outside, and the venue was not asked since at a moment at which the engine could take its word:
  /// without an order on its books.
  private func isUnadopted(at time: Instant) -> Bool {
    guard let last = record.truth.transfers.last(where: { $0.asset == quote && $0.time <= time }) else { return false }
    return !record.isTransferKnown(last.time, by: time, cleared)
  }

  func held(at time: Instant) throws(Unjudged) -> AmountRange {
    var held = opening
    for transfer in record.truth.transfers where transfer.asset == quote && transfer.time <= time {
      held = try held.plus(transfer.amount, at: "transfer")
    }
    var doubt = Decimal.zero
    for order in record.truth.orders {
      guard let filled = order.trades.last(where: { $0.time <= time }) else { continue }
      let quote = try order.quote(upTo: filled.total)
      let market = try record.market(order.symbol)
      let fees = try order.quoteFees(upTo: filled.total, toldBy: time.minus(record.hearingSlack), in: market)
      held = try order.isBuy ? held.minus(quote, at: order.id) : held.plus(quote, at: order.id)
      held = try held.minus(fees.low, at: order.id)
      doubt = try doubt.plus(fees.doubt, at: order.id)
    }
    // What somebody else's order keeps is counted until the venue was asked, and then is not there.
    for order in record.truth.foreign where order.asset == quote && order.time <= time {
      let fee = try record.truth.markets.values.map(\.takerFee).max().map { rate throws(Unjudged) in
        try order.cost.times(rate, .up, of: order.id)
      }
      doubt = try doubt.plus(order.cost, at: order.id).plus(fee ?? .zero, at: order.id)
    }
    return AmountRange(low: try held.minus(doubt, at: "fees"), high: held)
  }
}
