import Basics
import Trading

extension Check {
  /// Reads the orders, trades and rules of the venue's truth, and MAX_CONCURRENT_POSITIONS, MAX_PENDING_BUY_INTENTS,
  /// POSITION_SIZE_USDT, MAX_PER_SYMBOL_USD, MIN_ORDER_VALUE and ORDER_TTL_S of config.json.
  ///
  /// A symbol counts as held while the venue would take what is left of it, and as being bought from the request to place
  /// the order to the order's end at the venue: the engine, which hears of both later, can only count more. One that the venue
  /// did not know for ORDER_TTL_S is none any more, should it turn up: what it buys is held. An entry answers for what was
  /// there when it was decided, by ORDER_SENT: it may wait behind other requests, and sales go first.
  public static let entriesWithinLimits = Check(
    .entriesWithinLimits,
    "an entry is as large as its setting says, and positions and open purchases stay within their number and their sum"
  ) { record throws(Unjudged) in
    let name = CheckName.entriesWithinLimits
    let entries = record.truth.orders.filter(\.isBuy)
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    if entries.isEmpty { return .notApplicable(name, "nothing was bought") }
    var book = try EntryBook(record)
    let pendingMax = try record.settingCount(.maxPendingBuyIntents)
    for entry in entries {
      try book.enter(entry, record.markets(entry.symbol, until: entry.asked))
      let others = record.truth.orders.count { $0.asked < entry.asked && book.isOpen($0, besides: entry) }
      if others >= pendingMax {
        book.wrong.append(
          "\(entry.id) at \(entry.asked.iso8601()): beside \(counted(others, "open order")), "
            + "\(SettingName.maxPendingBuyIntents) is \(pendingMax)")
      }
    }
    if book.wrong.isEmpty {
      return .pass(name, "\(entries.count) entries, at most \(book.countSeen) positions and open purchases at a time")
    }
    return .fail(name, "\(book.wrong.count) entries went beyond a limit", book.wrong)
  }
}

/// What is held and being bought, from entry to entry.
private struct EntryBook {
  private let record: SessionRecord
  private let countMax: Int
  private let size: Decimal
  private let perSymbol: Decimal
  private let smallest: Decimal
  private let holdings: [String: Holding]
  /// By order: from when on nobody waited for it any more.
  private let absences: [String: Instant]
  private var entered: [OrderTraffic] = []
  private(set) var countSeen = 0
  var wrong: [String] = []

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    countMax = try record.settingCount(.maxConcurrentPositions)
    size = try record.settingFigure(.positionSizeUsdt)
    perSymbol = try record.settingFigure(.maxPerSymbolUsd)
    smallest = try record.settingFigure(.minOrderValue)
    holdings = try record.holdings()
    // How long a purchase may turn up that the venue does not know.
    let life = try record.settingTime(.orderTtlS)
    let absences = record.truth.orders.compactMap { order in
      record.absence(of: order, life: life).map { (order.id, $0.from) }
    }
    self.absences = Dictionary(absences) { first, _ in first }
  }

  /// Whether an order could still buy or sell when an entry was decided that is not the first of the two.
  func isOpen(_ order: OrderTraffic, besides entry: OrderTraffic) -> Bool {
    order.id != entry.id && record.isDecided(order, before: entry)
      && !order.isOver(by: record.decided(entry), absentFrom: absences[order.id])
  }

  /// - Parameter rules: the market's so far, the oldest first: the engine may not have heard of the last ones.
  mutating func enter(_ entry: OrderTraffic, _ rules: [MarketFacts]) throws(Unjudged) {
    let decided = record.decided(entry)
    let open = entered.filter { isOpen($0, besides: entry) } + [entry]
    entered.removeAll { $0.isOver(by: decided, absentFrom: absences[$0.id]) }
    entered.append(entry)
    let sizes = try rules.map { market throws(Unjudged) in try wrongSize(entry, decided, market) }
    if !sizes.contains(where: \.isEmpty) { wrong += sizes.first ?? [] }
    guard let market = rules.first else { return }
    var symbols = Set(open.map(\.symbol))
    var spent = Decimal.zero
    for order in open {
      spent = try spent.plus(order.rest(record.truth.markets[order.symbol] ?? market, at: decided), at: order.id)
    }
    for (symbol, holding) in holdings {
      guard let step = holding.step(at: decided), holding.isOpen(step) == true else { continue }
      symbols.insert(symbol)
      spent = try spent.plus(max(.zero, step.cost.minus(step.carried, at: symbol)), at: symbol)
    }
    countSeen = max(countSeen, symbols.count)
    if symbols.count > countMax {
      wrong.append(
        "\(entry.id) at \(entry.asked.iso8601()): position \(symbols.count) of \(countMax) "
          + "(\(SettingName.maxConcurrentPositions)): \(symbols.sorted().joined(separator: ", "))")
    }
    let spentMax = try size.times(Decimal(countMax), .up, of: "\(SettingName.maxConcurrentPositions)")
    if spent > spentMax {
      wrong.append(
        "\(entry.id) at \(entry.asked.iso8601()): \(spent) spent or offered of \(spentMax) "
          + "(\(SettingName.maxConcurrentPositions) × \(SettingName.positionSizeUsdt))")
    }
  }

  /// As many steps of the market as the size pays for, fee included; one step less where the division was rounded. What is
  /// left of an earlier position counts as spent on the symbol, so that there may be less room.
  private func wrongSize(
    _ entry: OrderTraffic, _ decided: Instant, _ market: MarketFacts
  ) throws(Unjudged) -> [String] {
    guard let quantity = entry.quantity, let price = entry.price, price.isPositive else { return [] }
    var wrong: [String] = []
    let left = holdings[entry.symbol]?.step(at: decided)?.cost ?? .zero
    let room = min(size, try perSymbol.minus(left, at: entry.symbol))
    let most = try steps(size, price, market, entry)
    let least = try steps(room.isPositive ? room : size, price, market, entry) - market.step
    if quantity > most || quantity < least {
      wrong.append("\(entry.id): \(quantity) at \(price), \(SettingName.positionSizeUsdt) \(size) pays for \(most)")
    }
    let notional = try quantity.times(price, .up, of: entry.id)
    if notional < smallest {
      wrong.append("\(entry.id): worth \(notional), \(SettingName.minOrderValue) is \(smallest)")
    }
    return wrong
  }

  private func steps(
    _ amount: Decimal, _ price: Decimal, _ market: MarketFacts, _ entry: OrderTraffic
  ) throws(Unjudged) -> Decimal {
    let net = try amount.over(Decimal.one.plus(market.takerFee, at: entry.id), .down, of: entry.id)
    return try net.over(price, .down, of: entry.id).floored(toStep: market.step)
  }
}

extension OrderTraffic {
  /// Whether it cannot buy any more: it came to its end, or it never came to the venue and nobody waits for it.
  fileprivate func isOver(by time: Instant, absentFrom: Instant?) -> Bool {
    if let absentFrom, absentFrom <= time { return true }
    if let end { return end.time <= time }
    guard takenAt == nil else { return false }
    return places.allSatisfy { $0.answered.map { $0 <= time } ?? false }
  }

  /// What the part that is not filled would cost, fee included.
  fileprivate func rest(_ market: MarketFacts, at time: Instant) throws(Unjudged) -> Decimal {
    guard let quantity, let price else { return .zero }
    let filled = trades.last { $0.time <= time }?.total ?? .zero
    let rest = try max(.zero, quantity.minus(filled, at: id)).times(price, .down, of: id)
    return try rest.times(Decimal.one.plus(market.takerFee, at: id), .down, of: id)
  }
}
