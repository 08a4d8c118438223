import Basics
import Trading

/// What asks for entries for certain, and what may keep them back.
struct EntrySituation {
  /// While a symbol may be held or bought, for all the engine knows.
  private struct Occupied {
    var symbol: String
    var span: Range<Instant>
  }

  private let record: SessionRecord
  private let terms: EntryTerms
  private let holdings: [String: Holding]
  private let blocks: Stretches
  private let occupied: [Occupied]
  /// While so many positions, so many orders or so little money are there that no entry may be made.
  private let full: Stretches
  /// By symbol: after an entry that failed, or that was given up and came to its end behind that.
  private let rests: [String: [Range<Instant>]]
  /// By symbol: by when the engine knew that a position was sold, and forgot the peak.
  private let closings: [String: [Instant]]
  private let quoteAge: Duration
  private let reaction: Duration

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    terms = try EntryTerms(record)
    holdings = try record.holdings()
    let reaction = try record.settingTime(.engineCycleMs) + Check.reactionSlack
    self.reaction = reaction
    quoteAge = try record.quoteAgeLimit().duration
    let hearing = try Hearing(record)
    let engine = try EngineBlocks(record)
    // Without its first look at the balances the engine has no money.
    let first = record.truth.balances.filter(\.isGood).compactMap(\.answered).min().map { $0 + Check.reactionSlack }
    blocks = Stretches(engine.all + [.from(record.run.start, to: first ?? record.end)])
    let rest = try record.settingTime(.symbolCooldownAfterFailedOrderS)
    let life = try record.settingTime(.orderTtlS)
    var rests: [String: [Range<Instant>]] = [:]
    var occupied: [Occupied] = []
    var pending: [Range<Instant>] = []
    // Entries wait for those before them, behind a request that is never answered perhaps for ever.
    let placing = try PlacingTime(record)
    let queue = record.truth.orders.filter(\.isBuy).compactMap { order in
      placing.end(of: order).map { Range.from(record.decided(order), to: $0) }
    }
    for order in record.truth.orders {
      // An order that the venue never had and that nobody knows to be refused may live for all the engine can tell.
      let isLost = order.end == nil && order.takenAt == nil
      let heard = isLost ? nil : hearing.time(ofEndOf: order)
      let over = heard.map { $0 + Check.reactionSlack } ?? record.end
      let span = Range.from(record.decided(order), to: over)
      occupied.append(Occupied(symbol: order.symbol, span: span))
      pending.append(span)
      if order.isBuy, order.end?.how != .filled {
        rests[order.symbol, default: []].append(.from(order.end?.time ?? order.asked, to: over + rest))
      } else if order.isBuy, let absence = record.absence(of: order, life: life) {
        rests[order.symbol, default: []].append(.from(absence.from, to: (absence.heard ?? over) + rest))
      }
    }
    var closings: [String: [Instant]] = [:]
    for (symbol, holding) in holdings {
      let heard = { (step: Holding.Step) in hearing.time(of: step, in: record.truth) + reaction }
      let spans = holding.possiblyOpen(until: record.end, heard: heard)
      occupied += spans.map { Occupied(symbol: symbol, span: $0) }
      closings[symbol] = spans.map(\.upperBound)
    }
    self.closings = closings
    self.rests = rests
    self.occupied = occupied
    let positions = Dictionary(grouping: occupied, by: \.symbol).sorted { $0.key < $1.key }.flatMap {
      Stretches($0.value.map(\.span)).all
    }
    full = Stretches(
      Self.crowded(positions, try record.settingCount(.maxConcurrentPositions))
        + Self.crowded(pending, try record.settingCount(.maxPendingBuyIntents))
        + (try Purse(record, hearing).empty(terms.amount)) + (try ExitPauseRule.alarms(record, hearing).possible)
        + queue)
  }

  /// When the venue's quotes showed a drop of the symbol for certain, at prices that may be bought at.
  func signals(_ symbol: String) throws(Unjudged) -> Stretches {
    guard record.truth.markets[symbol] != nil else { return Stretches() }
    let changes = (record.truth.rulesInForce[symbol]?.count ?? 0) > 1
    let first = try record.market(symbol)
    let quotes = record.truth.quotes.prices(of: symbol)
    let closed = closings[symbol] ?? []
    var parts: [Range<Instant>] = []
    /// The quote before of those that the main loop must have seen.
    var before: QuotedPrice?
    /// Of those the ones that may be the peak, with the first answer that brought each: prices descend. Those before `head`
    /// are out.
    var peaks: [(quote: QuotedPrice, told: Instant)] = []
    var head = 0
    /// The newest quote, and the first answer that brought it: told again it is no news.
    var newest: (at: Instant, told: Instant)?
    for (index, quote) in quotes.enumerated() {
      let told = quote.at == newest?.at ? newest?.told ?? quote.answered : quote.answered
      newest = (quote.at, told)
      let last = index + 1 < quotes.count ? quotes[index + 1].answered : record.end
      // With the sale of a position what was seen before is forgotten.
      let sold = closed.first { $0 > quote.answered } ?? record.end
      let span = Range.from(quote.answered, to: min(last, quote.at + quoteAge, sold))
      guard blocks.gaps(in: span).contains(where: { $0.length > reaction }) else { continue }
      // An answer that is older than the one before upsets whoever keeps peaks in order.
      if let last = before, quote.at < last.at {
        (peaks, head) = ([], 0)
        before = nil
        continue
      }
      before = quote
      while peaks.count > head, peaks[peaks.count - 1].quote.last <= quote.last { peaks.removeLast() }
      peaks.append((quote, told))
      let start = closed.last { $0 <= quote.answered } ?? record.run.start
      while head < peaks.count, peaks[head].told < start || peaks[head].quote.at + terms.lookback < quote.at {
        head += 1
      }
      guard head < peaks.count, try terms.isDrop(quote, peaks[head].quote.last) else { continue }
      let rules = changes ? try record.markets(symbol, until: span.upperBound) : [first]
      let allowed = try rules.map { rules throws(Unjudged) in try terms.allow(quote, rules) }
      if allowed.contains(false) { continue }
      parts.append(span)
    }
    return Stretches(parts)
  }

  /// What may keep an entry of the symbol back.
  func keptBack(_ symbol: String) -> Stretches {
    Stretches(
      blocks.all + full.all + (rests[symbol] ?? []) + occupied.filter { $0.symbol == symbol }.map(\.span))
  }

  /// When at least so many of the stretches are at once.
  private static func crowded(_ spans: [Range<Instant>], _ countMax: Int) -> [Range<Instant>] {
    var edges = spans.flatMap { [(at: $0.lowerBound, change: 1), (at: $0.upperBound, change: -1)] }
    edges.sort { ($0.at, $0.change) < ($1.at, $1.change) }
    var count = 0
    // Where none is allowed, it is so from the start on.
    var start: Instant? = countMax > 0 ? nil : Instant(nanoseconds: .min)
    var parts: [Range<Instant>] = []
    for edge in edges {
      count += edge.change
      if count >= countMax, start == nil {
        start = edge.at
      } else if count < countMax, let from = start {
        parts.append(.from(from, to: edge.at))
        start = nil
      }
    }
    if let start { parts.append(.from(start, to: .distantFuture)) }
    return parts
  }
}

/// What the settings ask of an entry.
struct EntryTerms {
  let amount: Decimal
  let lookback: Duration
  private let trigger: Decimal
  private let beyond: Decimal
  private let slippage: Decimal
  private let spread: Decimal
  private let smallest: Decimal

  init(_ record: SessionRecord) throws(Unjudged) {
    amount = try record.settingFigure(.positionSizeUsdt)
    lookback = try record.settingTime(.dropTriggerLookbackS)
    trigger = try record.settingFigure(.dropTriggerValue)
    beyond = Decimal.basisPoints(try record.settingFigure(.routerSlippageBps))
    slippage = Decimal.basisPoints(try record.settingFigure(.maxSlippageBpsEntry))
    spread = Decimal.basisPoints(try record.settingFigure(.maxSpreadBpsEntry))
    smallest = try record.settingFigure(.minOrderValue)
  }

  func isDrop(_ quote: QuotedPrice, _ peak: Decimal) throws(Unjudged) -> Bool {
    if quote.last == peak, trigger < .one { return false }
    return try quote.last <= peak.times(trigger, .down, of: quote.symbol)
  }

  /// Whether spread, slippage and size allow an entry at that quote, by rounding of any kind.
  func allow(_ quote: QuotedPrice, _ market: MarketFacts) throws(Unjudged) -> Bool {
    let place = quote.symbol
    let hair = Decimal(coefficient: 100_000_000)  // 0.01 %: more than any rounding of a share
    guard quote.bid.isPositive, quote.ask.isPositive, quote.last.isPositive else { return false }
    let width = try quote.bid.times(spread.minus(hair, at: place), .down, of: place)
    guard try quote.ask.minus(quote.bid, at: place) <= width else { return false }
    let above = try quote.last.times(slippage.minus(hair, at: place), .down, of: place)
    guard try quote.ask.minus(quote.last, at: place) <= above else { return false }
    let price = try quote.ask.times(Decimal.one.plus(beyond, at: place), .up, of: place).plus(market.tick, at: place)
    let share = try amount.over(Decimal.one.plus(market.takerFee, at: place), .down, of: place)
    let quantity = try share.over(price, .down, of: place).floored(toStep: market.step)
    let notional = try quantity.times(quote.ask, .down, of: place)
    return market.takes(quantity, at: quote.ask) == true && notional >= smallest
  }
}
