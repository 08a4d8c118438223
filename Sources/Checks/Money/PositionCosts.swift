import Basics
import Trading

extension Check {
  /// Reads ORDER_UPDATE, ORDER_FILLED, ORDER_FAILED, POSITION_OPENED and POSITION_CLOSED of the engine's log and the state
  /// file's positions, against the trades of the venue's truth.
  ///
  /// ORDER_UPDATE says which trades were booked together, which decides how the cost of a part is rounded; the amounts are the
  /// venue's. In a stalled schedule two threads may log their bookings of one symbol in another order than they made them.
  public static let positionCosts = Check(
    .positionCosts, "a position costs what its fills took, fees included, and a sale brings what its fills brought",
    log: .duties
  ) { record throws(Unjudged) in
    let name = CheckName.positionCosts
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    if record.count(.logRecordsDropped) > 0 || !record.tornLines.isEmpty {
      return .open(name, "lines of the log are missing")
    }
    var book = try CostBook(record)
    for event in record.events { try book.take(event) }
    if book.isVague { return .open(name, "lines of bookings lost their fields to a formatter time-out") }
    if !record.isCutShort { try book.compareState() }
    if book.judged == 0 { return .notApplicable(name, "nothing was booked") }
    if book.wrong.isEmpty { return .pass(name, "\(book.judged) figures of positions are what the fills make") }
    return .fail(name, "\(book.wrong.count) figures of positions are not what the fills make", book.wrong)
  }
}

/// What each position costs, from the engine's bookings at the venue's amounts.
private struct CostBook {
  private struct Held {
    var quantity = Decimal.zero
    /// Purchases whose fee in base asset may have been estimated: the total before and after.
    var estimates: [(order: OrderTraffic, before: Decimal, after: Decimal)] = []
    /// Quote asset that was paid, as far as the fees are known.
    var cost = AmountRange()
    /// Fees that were estimated and may have been corrected after a sale took its share.
    var doubt = Decimal.zero
    var last: Instant?
    /// Two bookings were made at about one time, and the schedule had stalls.
    var isUnordered = false
  }

  let record: SessionRecord
  var judged = 0
  var wrong: [String] = []
  var isVague = false
  private var held: [String: Held] = [:]
  private var booked: [String: Decimal] = [:]
  private var lastSale: [String: String] = [:]
  private var lastBooking: Instant?
  /// Symbols of which a part was booked by one thread, and more by another that came first with its line.
  private var overtaken: Set<String> = []

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    if record.run.isStallFree { return }
    var most: [String: Decimal] = [:]
    for event in record.events where event.type == .orderUpdate {
      guard let id = event.text(.clientOrderId), let total = try event.amount(.filledQty, at: record.place(event)),
        let symbol = record.truth.order(id)?.symbol
      else { continue }
      if total.isPositive, total < most[id] ?? .zero { overtaken.insert(symbol) }
      most[id] = max(total, most[id] ?? .zero)
    }
  }

  mutating func take(_ event: SessionRecord.Event) throws(Unjudged) {
    switch event.type {
    case .orderUpdate, .orderFilled, .orderFailed: try book(event)
    case .positionOpened: try open(event)
    case .positionClosed: try close(event)
    default: return
    }
  }

  private mutating func book(_ event: SessionRecord.Event) throws(Unjudged) {
    let place = record.place(event)
    guard let id = event.text(.clientOrderId), let total = try event.amount(.filledQty, at: place),
      let order = record.truth.order(id)
    else {
      isVague = isVague || event.isVague
      return
    }
    let before = booked[id] ?? .zero
    guard total > before else { return }
    booked[id] = total
    lastBooking = event.time
    var now = held[order.symbol] ?? Held()
    if let last = now.last, event.time - last < Check.reactionSlack, !record.run.isStallFree {
      now.isUnordered = true
    }
    if overtaken.contains(order.symbol) { now.isUnordered = true }
    now.last = event.time
    let quote = try order.quote(after: before, upTo: total)
    let baseFee = try order.baseFees(after: before, upTo: total)
    let quantity = try total.minus(before, at: place)
    let market = try record.market(order.symbol)
    let known = event.time.minus(record.hearingSlack)
    let fees = try order.quoteFees(after: before, upTo: total, toldBy: known, in: market)
    if order.isBuy {
      if !order.isFeeTold(of: total, by: known) { now.estimates.append((order, before, total)) }
      now.quantity = try now.quantity.plus(quantity, at: place).minus(baseFee, at: place)
      now.cost.low = try now.cost.low.plus(quote, at: place).plus(fees.low, at: place)
      now.cost.high = try now.cost.high.plus(quote, at: place).plus(fees.high, at: place)
      now.doubt = try now.doubt.plus(fees.doubt, at: place)
    } else {
      let sold = try quantity.plus(baseFee, at: place)
      let held = try range(now, by: event.time, in: market)
      let isCertain = now.cost.low == now.cost.high && held.low == held.high
      now.cost.low = try Self.rest(of: now.cost.low, held: held.low, sold: sold, at: place)
      now.cost.high = try Self.rest(of: now.cost.high, held: held.high, sold: sold, at: place)
      if !isCertain, held.low.isPositive {
        // What is rounded before it is divided by little that is held may come out on the other side.
        let rounding = try Decimal(coefficient: 1).over(held.low, .up, of: place)
        now.cost.low = try now.cost.low.minus(rounding, at: place)
        now.cost.high = try now.cost.high.plus(rounding, at: place)
      }
      now.quantity = try now.quantity.minus(sold, at: place)
      lastSale[order.symbol] = id
    }
    held[order.symbol] = now
  }

  /// What the engine may believe to hold: fees in base asset that it was not told are estimates until then.
  private func range(_ held: Held, by time: Instant, in market: MarketFacts) throws(Unjudged) -> AmountRange {
    var range = AmountRange(low: held.quantity, high: held.quantity)
    for (order, before, after) in held.estimates {
      let truth = try order.baseFees(after: before, upTo: after)
      let fees = try order.baseFees(
        after: before, upTo: after, toldBy: time.minus(record.hearingSlack), in: market)
      range.low = try range.low.plus(truth, at: order.id).minus(fees.high, at: order.id)
      range.high = try range.high.plus(truth, at: order.id).minus(fees.low, at: order.id)
    }
    return range
  }

  /// A sale takes its share of the cost, rounded as money is everywhere: to the nearest, ties to the even digit.
  private static func rest(
    of cost: Decimal, held: Decimal, sold: Decimal, at place: String
  ) throws(Unjudged) -> Decimal {
    if sold >= held { return .zero }
    let share = try cost.times(sold, .halfEven, of: place).over(held, .halfEven, of: place)
    return try cost.minus(share, at: place)
  }

  private mutating func open(_ event: SessionRecord.Event) throws(Unjudged) {
    let place = record.place(event)
    guard let symbol = event.text(.symbol), let quantity = try event.amount(.qty, at: place),
      let cost = try event.amount(.cost, at: place)
    else {
      isVague = isVague || event.isVague
      return
    }
    try compare(symbol, quantity, cost, by: event.time, at: place)
  }

  private mutating func close(_ event: SessionRecord.Event) throws(Unjudged) {
    let place = record.place(event)
    guard let symbol = event.text(.symbol), let quantity = try event.amount(.qty, at: place),
      let proceeds = try event.amount(.proceeds, at: place)
    else {
      isVague = isVague || event.isVague
      return
    }
    guard let id = lastSale[symbol], let order = record.truth.order(id), held[symbol]?.isUnordered != true else {
      return
    }
    judged += 1
    let total = booked[id] ?? .zero
    let market = try record.market(symbol)
    let fees = try order.quoteFees(upTo: total, toldBy: event.time.minus(record.hearingSlack), in: market)
    let quote = try order.quote(upTo: total)
    let (least, most) = (try quote.minus(fees.high, at: place), try quote.minus(fees.low, at: place))
    if quantity != total { wrong.append("\(place): \(symbol) was closed by \(quantity), \(id) had sold \(total)") }
    if proceeds < least || proceeds > most {
      wrong.append("\(place): \(symbol) brought \(proceeds), the venue paid \(most) for \(id)")
    }
  }

  private mutating func compare(
    _ symbol: String, _ quantity: Decimal, _ cost: Decimal, by time: Instant, at place: String
  ) throws(Unjudged) {
    let truth = held[symbol] ?? Held()
    if truth.isUnordered { return }
    judged += 1
    let range =
      truth.estimates.isEmpty
      ? AmountRange(low: truth.quantity, high: truth.quantity)
      : try range(truth, by: time, in: record.market(symbol))
    if quantity < range.low || quantity > range.high {
      wrong.append("\(place): \(quantity) of \(symbol) is held, the fills make \(truth.quantity)")
    }
    if try cost < truth.cost.low.minus(truth.doubt, at: place) || cost > truth.cost.high {
      wrong.append("\(place): \(symbol) costs \(cost), the fills make \(truth.cost.low)")
    }
  }

  /// The state file, where it was saved after the last booking.
  mutating func compareState() throws(Unjudged) {
    guard let state = record.state, let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }),
      let lastBooking, saved > lastBooking
    else { return }
    var told: [String: (quantity: Decimal, cost: Decimal)] = [:]
    for (symbol, position) in state[.positions]?.members ?? [] {
      let place = "position \(symbol) of the state file"
      told[symbol] = (
        try position.amount(.qty, at: place) ?? .zero, try position.amount(.cost, at: place) ?? .zero
      )
    }
    for symbol in Set(held.keys).union(told.keys).sorted() {
      let (quantity, cost) = told[symbol] ?? (.zero, .zero)
      try compare(symbol, quantity, cost, by: saved, at: "state/engine_transient.json")
    }
  }
}
