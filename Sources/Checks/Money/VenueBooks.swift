import Basics
import Trading

extension Check {
  /// Reads the rules, requests, events and balances of the venue's truth, and does its bookkeeping again: what an order locks,
  /// what each trade moves, what the fee is and in which asset, and what an order gives back at its end. Reads `firings` of
  /// run.json for faults of the user stream: without one its events arrive in their order, and it ends with its key.
  public static let venueBooks = Check(
    .venueBooks,
    "the venue's own books are right: locked funds, fees, fills and balances follow from the orders by its rules"
  ) { record throws(Unjudged) in
    let name = CheckName.venueBooks
    if record.run.isUnfinished { return .open(name, SessionRecord.unfinished) }
    var books = VenueBooks()
    var fields = FieldIndex()
    for line in record.venueWithoutQuotes {
      fields.load(line)
      try books.take(line.kind, fields, at: line.venuePlace)
    }
    books.wrong += overtaken(record) + endedKeys(record)
    if books.markets.isEmpty { return .open(name, "the venue wrote no rules") }
    if record.orders.isEmpty { return .open(name, "no order reached the venue") }
    if books.events == 0, books.wrong.isEmpty {
      return .notApplicable(name, "the venue took none of \(record.orders.count) orders")
    }
    if books.wrong.isEmpty {
      return .pass(name, "\(books.events) events and \(books.balances) balances follow from the rules")
    }
    return .fail(name, "\(books.wrong.count) bookings of the venue do not follow from its rules", books.wrong)
  }
}

extension Check {
  /// Events that arrived before one that the venue had sent earlier.
  private static func overtaken(_ record: SessionRecord) -> [String] {
    let sites = ["exchange.user_stream.", "exchange.open_stream"]
    if record.run.firings.contains(where: { fired in sites.contains { fired.site.hasPrefix($0) } }) { return [] }
    var last = record.run.start
    return record.venue.compactMap { line in
      guard line.kind == "event", let arrives = line.text(.arrives).flatMap({ Instant(iso8601: $0) }) else {
        return nil
      }
      defer { last = max(last, arrives) }
      return arrives >= last
        ? nil : "\(line.venuePlace): arrives at \(arrives.iso8601()), one sent before it at \(last.iso8601())"
    }
  }
}

extension Check {
  /// The key of a user stream lives so long from the time it was opened or renewed: MEXC, Binance.
  private static let keyLife = Duration.seconds(3600)

  /// Streams that the venue ended before their key's end, and keys that it did not renew before it, which no fault asked for.
  private static func endedKeys(_ record: SessionRecord) -> [String] {
    let sites = ["exchange.user_stream.connection", "exchange.venue_acts"]
    let fired = record.run.firings.filter { sites.contains($0.site) }
    let all = record.run.injectCounts.filter { sites.contains($0.site) }.reduce(0) { $0 + $1.fired }
    // Over the wire whoever runs the exchange may end a stream by hand.
    if fired.count < all || record.run.isLive { return [] }
    // Of these two nobody knows when they reach the venue; they do between question and answer.
    let calls = (record.truth.openings + record.truth.renewals).filter(\.isGood)
    func since(_ time: Instant) -> Instant {
      calls.filter { $0.answered.map { $0 <= time } ?? false }.map(\.asked).max() ?? record.run.start
    }
    let early = record.truth.stream.filter { step in
      step.what == "silent" && step.time < since(step.time) + keyLife
        && !fired.contains(where: { $0.time <= step.time && step.time - $0.time <= reactionSlack })
    }
    let refused = record.truth.renewals.filter { renewal in
      guard renewal.outcome == "error", !renewal.isInjected, let answered = renewal.answered else { return false }
      let standing = record.truth.stream.last { $0.time <= answered }?.what ?? "open"
      return standing == "open" && answered < since(renewal.asked) + keyLife
    }
    return early.map {
      "the user stream ended at \($0.time.iso8601()), its key was good since \(since($0.time).iso8601())"
    }
      + refused.map {
        "the key was not renewed at \($0.asked.iso8601()), and it was good since \(since($0.asked).iso8601())"
      }
  }
}

/// The account's orders and balances as they must be.
private struct VenueBooks {
  private struct Order {
    var symbol: String
    var isBuy: Bool
    var price: Decimal?
    var quantity: Decimal?
    var amount: Decimal?
    var filled = Decimal.zero
    var filledQuote = Decimal.zero
    var locked = Decimal.zero
    var isTaken = false
    var isOver = false
    var base: String { symbol.split(separator: "/").first.map(String.init) ?? symbol }
    var quote: String { symbol.split(separator: "/").last.map(String.init) ?? symbol }
    /// What it locks.
    var asset: String { isBuy ? quote : base }
  }

  private struct Funds: Equatable {
    var free = Decimal.zero
    var locked = Decimal.zero
  }

  private(set) var markets: [String: MarketFacts] = [:]
  private(set) var events = 0
  private(set) var balances = 0
  var wrong: [String] = []
  private var takesFeeFromReceived = false
  private var feeToken: String?
  private var orders: [String: Order] = [:]
  private var funds: [String: Funds] = [:]
  /// Assets whose funds changed since the client's balances were told.
  private var untold: Set<String> = []
  private var hasOpened = false

  mutating func take(_ kind: String, _ line: FieldIndex, at place: String) throws(Unjudged) {
    switch kind {
    case "rules":
      for market in line.value(.rules)?.array ?? [] {
        if let symbol = market[FieldName.symbol.rawValue]?.string { markets[symbol] = MarketFacts(market) }
      }
      takesFeeFromReceived = line.text(.feeMode) == "received"
      feeToken = line.text(.feeToken)
    case "request" where line.text(.call) == "place_order": try request(line, at: place)
    case "foreign": try request(line, at: place)
    case "event" where line.text(.type) == "BALANCE": try compare(line, isWhole: false, at: place)
    case "event": try event(line, at: place)
    case "transfer":
      guard let asset = line.text(.asset), let amount = try line.amount(.amount, at: place) else { return }
      try move(asset, free: amount, locked: .zero, at: place)
    case "balances": try compare(line, isWhole: true, at: place)
    default: return
    }
  }

  private mutating func request(_ line: FieldIndex, at place: String) throws(Unjudged) {
    guard let id = line.text(.clientOrderId), let symbol = line.text(.symbol), orders[id] == nil else { return }
    orders[id] = Order(
      symbol: symbol, isBuy: line.text(.side) == "buy", price: try line.amount(.price, at: place),
      quantity: try line.amount(.qty, at: place), amount: try line.amount(.quote, at: place))
  }

  private mutating func event(_ line: FieldIndex, at place: String) throws(Unjudged) {
    guard let id = line.text(.clientOrderId), let type = line.text(.type) else { return }
    // What the venue never took holds nothing; what it took and rejects afterwards gives back what it holds.
    if type == "REJECTED", orders[id]?.isTaken != true { return }
    guard var order = orders[id], let market = markets[order.symbol] else {
      wrong.append("\(place): \(type) of \(id), which nobody asked for")
      return
    }
    events += 1
    if order.isOver { wrong.append("\(place): \(type) of \(id), which was over") }
    switch type {
    case "NEW": try open(id, &order, market, at: place)
    case "TRADE": try trade(id, &order, market, line, at: place)
    default:
      let status = order.filled.isZero ? "CANCELED" : "PARTIALLY_CANCELED"
      if type == "CANCELED", line.text(.status) != status {
        wrong.append(
          "\(place): \(id) was canceled with \(order.filled) filled, its status is \(line.text(.status) ?? "?")")
      }
      try release(&order, at: place)
    }
    if type != "NEW", !order.isTaken { wrong.append("\(place): \(type) of \(id) before the venue took it") }
    if let told = try line.amount(.filledQty, at: place), told != order.filled {
      wrong.append("\(place): filled_qty of \(id) is \(told), its trades make \(order.filled)")
    }
    if let told = try line.amount(.filledQuote, at: place), told != order.filledQuote {
      wrong.append("\(place): filled_quote of \(id) is \(told), its trades make \(order.filledQuote)")
    }
    orders[id] = order
  }

  /// An order locks what it can cost at most, fee included; only limit orders can be told from outside.
  private mutating func open(_ id: String, _ order: inout Order, _ market: MarketFacts, at place: String)
    throws(Unjudged)
  {
    if order.isTaken { wrong.append("\(place): \(id) is taken once more") }
    order.isTaken = true
    guard let quantity = order.quantity, let price = order.price else { return }
    if order.isBuy {
      let cost = try quantity.times(price, .up, of: place)
      let fee = try cost.times(max(market.takerFee, market.makerFee), .up, of: place)
      order.locked = takesFeeFromReceived ? cost : try cost.plus(fee, at: place)
    } else {
      order.locked = quantity
    }
    try move(order.asset, free: Decimal.zero.minus(order.locked, at: place), locked: order.locked, at: place)
    if let left = funds[order.asset]?.free, left.isNegative {
      wrong.append("\(place): \(id) locks \(order.locked) \(order.asset), \(left) more than was free")
    }
  }

  private mutating func trade(
    _ id: String, _ order: inout Order, _ market: MarketFacts, _ line: FieldIndex, at place: String
  ) throws(Unjudged) {
    guard let quantity = try line.amount(.lastQty, at: place), let quote = try line.amount(.lastQuote, at: place),
      let price = try line.amount(.lastPrice, at: place)
    else { return }
    let product = try quantity.times(price, .down, of: place)
    if product != quote { wrong.append("\(place): \(quantity) at \(price) is \(product), last_quote is \(quote)") }
    order.filled = try order.filled.plus(quantity, at: place)
    order.filledQuote = try order.filledQuote.plus(quote, at: place)
    let paid = order.isBuy ? quote : quantity
    let (got, gain) = order.isBuy ? (order.base, quantity) : (order.quote, quote)
    order.locked = try order.locked.minus(paid, at: place)
    try move(order.asset, free: .zero, locked: Decimal.zero.minus(paid, at: place), at: place)
    try move(got, free: gain, locked: .zero, at: place)
    try fee(id, &order, market, line, quantity, quote, at: place)
    guard let whole = order.quantity else { return }
    let isFilled = order.filled == whole
    if order.filled > whole { wrong.append("\(place): \(id) filled \(order.filled) of \(whole)") }
    let status = isFilled ? "FILLED" : "PARTIALLY_FILLED"
    if line.text(.status) != status {
      wrong.append("\(place): \(order.filled) of \(whole) is filled, status is \(line.text(.status) ?? "?")")
    }
    if isFilled { try release(&order, at: place) }
  }

  private mutating func fee(
    _ id: String, _ order: inout Order, _ market: MarketFacts, _ line: FieldIndex, _ quantity: Decimal,
    _ quote: Decimal,
    at place: String
  ) throws(Unjudged) {
    guard let told = try line.amount(.fee, at: place), let asset = line.text(.feeAsset), let isMaker = line.flag(.maker)
    else {
      wrong.append("\(place): a trade of \(id) without fee, its asset or maker")
      return
    }
    let rate = isMaker ? market.makerFee : market.takerFee
    let isToken = feeToken == asset
    let owed = takesFeeFromReceived && order.isBuy ? order.base : order.quote
    if !isToken, asset != owed { wrong.append("\(place): the fee of \(id) is taken in \(asset), not in \(owed)") }
    let truth = try (owed == order.base ? quantity : quote).times(rate, .down, of: place)
    if !isToken, told != truth {
      let who = isMaker ? "maker" : "taker"
      wrong.append("\(place): the fee of \(id) is \(told), a \(who) owes \(truth)")
    }
    let isFromLocked = order.isBuy && !takesFeeFromReceived && !isToken
    let minus = try Decimal.zero.minus(told, at: place)
    try move(asset, free: isFromLocked ? .zero : minus, locked: isFromLocked ? minus : .zero, at: place)
    if isFromLocked { order.locked = try order.locked.minus(told, at: place) }
  }

  /// What an order still holds at its end comes back.
  private mutating func release(_ order: inout Order, at place: String) throws(Unjudged) {
    order.isOver = true
    try move(order.asset, free: order.locked, locked: Decimal.zero.minus(order.locked, at: place), at: place)
    order.locked = .zero
  }

  private mutating func move(_ asset: String, free: Decimal, locked: Decimal, at place: String) throws(Unjudged) {
    if free.isZero, locked.isZero { return }
    var now = funds[asset] ?? Funds()
    now.free = try now.free.plus(free, at: place)
    now.locked = try now.locked.plus(locked, at: place)
    funds[asset] = now
    untold.insert(asset)
  }

  /// What the venue says that the account has, all of it or what changed.
  private mutating func compare(_ line: FieldIndex, isWhole: Bool, at place: String) throws(Unjudged) {
    balances += 1
    var told: [String: Funds] = [:]
    for balance in line.value(.balances)?.array ?? [] {
      guard let asset = balance["asset"]?.string else { continue }
      told[asset] = Funds(
        free: try balance.amount(.free, at: place) ?? .zero, locked: try balance.amount(.locked, at: place) ?? .zero)
    }
    if isWhole, !hasOpened {
      hasOpened = true
      funds = told
      return
    }
    let expected = isWhole ? Set(funds.keys).union(told.keys) : untold.union(told.keys)
    for asset in expected.sorted() {
      let truth = funds[asset] ?? Funds()
      guard let words = told[asset] ?? (isWhole ? Funds() : nil) else {
        wrong.append("\(place): \(asset) changed and is not among the balances")
        continue
      }
      if words == truth { continue }
      wrong.append(
        "\(place): \(asset) is \(words.free) free and \(words.locked) locked, the orders make \(truth.free) and "
          + "\(truth.locked)")
    }
    untold = []
  }
}
