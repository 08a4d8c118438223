import Basics
import Trading

extension Check {
  /// Reads the orders, trades, polls and calls of the venue's truth; TP, SL, MAX_HOLD_S, EXIT_RETRY_S,
  /// SYMBOL_COOLDOWN_AFTER_FAILED_ORDER_S, ROUTER_MAX_RETRIES, ENGINE_CYCLE_MS, BUDGET_REFRESH_TIMEOUT_S, EXCHANGE_TIMEOUT_S,
  /// RECONCILE_AFTER_S and MD_POLL_MS of config.json.
  ///
  /// A stretch of time in which the venue's quotes ask for a sale, and nothing that the venue or the settings have to do with
  /// keeps it back, is no longer than one cycle and a second. Kept back it is by a sale under way, the pause after one that
  /// failed, a purchase whose placing the venue has not answered, one that does not go though it is canceled, for
  /// EXCHANGE_TIMEOUT_S at most, and a query for balances, for which the main loop waits its time-out; and nothing can be
  /// decided on quotes that are stale. A stalled schedule excuses the rest.
  public static let exitsOffered = Check(
    .exitsOffered, "a position that must be sold by the venue's quotes and its settings is offered at once"
  ) { record throws(Unjudged) in
    let name = CheckName.exitsOffered
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    try record.requirePrices()
    let situation = try ExitSituation(record)
    let limit = try record.settingTime(.engineCycleMs) + reactionSlack
    var wrong: [String] = []
    var longest = Duration.zero
    var demands = 0
    for (symbol, holding) in try record.holdings().sorted(by: { $0.key < $1.key }) {
      let asked = try situation.demands(holding)
      demands += asked.all.count
      let (kept, byEntries) = try situation.keptBack(symbol)
      for stretch in asked.all {
        let noticed = kept.gaps(in: stretch).first?.lowerBound ?? stretch.upperBound
        let beside = noticed + limit + situation.timeout
        let entries = byEntries.map { Range.from($0.lowerBound, to: min($0.upperBound, beside)) }
        for gap in Stretches(kept.all + entries).gaps(in: stretch) {
          longest = max(longest, gap.length)
          if gap.length > limit {
            wrong.append(
              "\(symbol): must be sold from \(gap.lowerBound.iso8601()) on, nothing offers it for \(seconds(gap.length.seconds))"
            )
          }
        }
      }
    }
    let worst = "the longest wait \(milliseconds(longest.milliseconds))"
    if !record.run.isStallFree { return .stalled(name, [worst]) }
    if demands == 0, wrong.isEmpty { return .notApplicable(name, "nothing had to be sold") }
    if wrong.isEmpty { return .pass(name, "sales were due \(counted(demands, "time")), \(worst)") }
    return .fail(name, "\(wrong.count) positions were not offered though they had to be sold", wrong)
  }
}

/// What asks for sales, and what keeps them back.
private struct ExitSituation {
  let record: SessionRecord
  let rules: ExitRules
  let hearing: Hearing
  let blocks: EngineBlocks
  let quoteAge: Duration
  let timeout: Duration
  let quiet: Duration
  let pauses: ExitPauseRule

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    rules = try ExitRules(record)
    hearing = try Hearing(record)
    blocks = try EngineBlocks(record)
    quoteAge = try record.quoteAgeLimit().duration
    timeout = try record.settingTime(.exchangeTimeoutS)
    quiet = try record.settingTime(.reconcileAfterS)
    pauses = try ExitPauseRule(record)
  }

  /// When the quotes and what the engine knew of a position asked for its sale.
  func demands(_ holding: Holding) throws(Unjudged) -> Stretches {
    let quotes = record.truth.quotes.prices(of: holding.symbol)
    let market = try record.market(holding.symbol)
    let changes = (record.truth.rulesInForce[holding.symbol]?.count ?? 0) > 1
    var parts: [Range<Instant>] = []
    for (index, step) in holding.steps.enumerated() where holding.isOpen(step) == true {
      let heard = holding.steps[...index].map { hearing.time(of: $0, in: record.truth) }.max() ?? step.time
      let next = index + 1 < holding.steps.count ? holding.steps[index + 1].time : record.end
      // The time counts from when the engine could know of the position.
      let opening = step.opened.flatMap { opened in holding.steps[...index].first { $0.opened == opened } }
      let overdue = opening.map { max(heard, hearing.time(of: $0, in: record.truth) + rules.holdMax) } ?? .distantFuture
      for (at, quote) in quotes.enumerated() where quote.answered < next {
        let last = min(next, quote.at + quoteAge, at + 1 < quotes.count ? quotes[at + 1].answered : record.end)
        let span = Range.from(max(heard, quote.answered), to: last)
        if span.isEmpty { continue }
        guard let low = try? quote.bid.multiplied(by: Holding.nearness.low, rounding: .down),
          let inForce = changes ? try record.markets(holding.symbol, until: span.upperBound).last : market,
          inForce.takes(step.held, at: low) == true
        else { continue }
        if try rules.asks(quote, of: step) {
          parts.append(span)
        } else if overdue < span.upperBound {
          parts.append(.from(max(overdue, span.lowerBound), to: span.upperBound))
        }
      }
    }
    return Stretches(parts)
  }

  /// What keeps a symbol's sale back, and what does so until it is sold beside: a purchase that is being canceled.
  func keptBack(_ symbol: String) throws(Unjudged) -> (kept: Stretches, byEntries: [Range<Instant>]) {
    var parts = blocks.all
    var byEntries: [Range<Instant>] = []
    var pause = pauses
    for order in record.truth.orders where order.symbol == symbol {
      let over = hearing.time(ofEndOf: order)
      if order.isBuy {
        pause.begin()
        // While its placing is unanswered nobody can take it back.
        for call in order.places { parts.append(call.stretch(timeout, .zero)) }
        if order.places.last?.isGood != true {
          parts.append(.from(order.asked, to: min(over ?? record.end, order.answer(filled: .zero) ?? .distantFuture)))
        }
        for call in order.cancels {
          let end = call.end(timeout: timeout)
          // One that failed is repeated a pause later.
          byEntries.append(
            .from(call.asked, to: call.isGood ? max(end, over ?? record.end) : end + quiet + Check.reactionSlack))
        }
      } else {
        let start = record.decided(order)
        parts.append(.from(start, to: over ?? record.end))
        // A sale that met the venue's limit waits with its next try until the venue's pause is over.
        let asked = record.truth.pauses.last { $0.lowerBound <= over ?? record.end }?.upperBound
        if let over { parts.append(pause.ended(order, heard: max(over, asked ?? over))) }
      }
    }
    return (Stretches(parts), byEntries)
  }
}
