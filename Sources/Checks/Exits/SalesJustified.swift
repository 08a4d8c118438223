import Basics
import Trading

extension Check {
  /// Reads the orders, trades and polls of the venue's truth, ORDER_SENT of the engine's log for the moment of the decision,
  /// and TP, SL, MAX_HOLD_S, EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// The engine hears of trades later than they happen, so that a sale counts as whole when it is what was held by the trades
  /// that the engine had to know, with any of those that it may have known; where a schedule stalled, what was held at some time
  /// within its limit for hearing of it will do. While nobody has told it the fee of a purchase, the engine may count what a
  /// taker pays.
  public static let salesJustified = Check(
    .salesJustified,
    "a position is sold when the venue's quotes and its settings say so, not before, and then all of it"
  ) { record throws(Unjudged) in
    let name = CheckName.salesJustified
    let sales = record.truth.orders.filter { !$0.isBuy }
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    if sales.isEmpty { return .notApplicable(name, "nothing was offered for sale") }
    try record.requirePrices()
    let rules = try ExitRules(record)
    let holdings = try record.holdings()
    let settle = try record.settleLimit().duration
    let hearing = try Hearing(record)
    var wrong: [String] = []
    for sale in sales {
      guard let holding = holdings[sale.symbol], let last = holding.step(at: sale.asked, before: sale.id),
        last.held.isPositive
      else {
        wrong.append("\(sale.id): \(sale.symbol) is sold, nothing of it was held at \(sale.asked.iso8601())")
        continue
      }
      let decided = record.decided(sale)
      let known = holding.steps(from: decided.minus(settle), to: sale.asked)
      let steps = try record.markets(sale.symbol, until: sale.asked).map(\.step)
      let counted = holding.possiblyHeld(at: decided, until: sale.asked) {
        hearing.time(of: $0, in: record.truth) + reactionSlack
      }
      let possible = (counted ?? []) + (counted == nil || !record.run.isStallFree ? known.map(\.held) : [])
      if let quantity = sale.quantity,
        !possible.contains(where: { held in steps.contains { held.floored(toStep: $0) == quantity } })
      {
        wrong.append("\(sale.id): \(quantity) is sold, \(last.held) \(sale.symbol) was held")
      }
      let position = holding.steps(from: last.opened ?? decided.minus(settle), to: sale.asked) + known
      let quotes = try record.decisionQuotes(of: sale)
      let doubt = try record.doubtfulCost(of: sale.symbol, since: last.opened ?? record.run.start, at: decided)
      var isAsked = position.contains { rules.isOverdue($0, at: decided) }
      for quote in quotes where !isAsked {
        for step in position {
          var dear = step
          dear.cost = try step.cost.plus(doubt, at: sale.id)
          for cost in [step, dear] where try rules.asks(quote, of: cost) { isAsked = true }
        }
      }
      if !isAsked, let quote = quotes.last {
        wrong.append(
          "\(sale.id): \(last.held) \(sale.symbol) that cost \(last.cost) is sold at the bid \(quote.bid), TP \(rules.takeProfit), "
            + "SL \(rules.stopLoss)")
      }
    }
    if wrong.isEmpty { return .pass(name, "\(sales.count) sales, each of all that was held and as its settings say") }
    return .fail(name, "\(wrong.count) sales were not what the settings ask for", wrong)
  }
}

extension SessionRecord {
  /// How much more than the truth the engine may count as the cost of what was bought since then, in the quote asset: fees that
  /// nobody had told it.
  fileprivate func doubtfulCost(
    of symbol: String, since opened: Instant, at time: Instant
  ) throws(Unjudged) -> Decimal {
    var doubt = Decimal.zero
    for order in truth.orders where order.isBuy && order.symbol == symbol {
      guard let last = order.trades.last, last.time >= opened else { continue }
      let fees = try order.quoteFees(upTo: last.total, toldBy: time, in: market(symbol))
      doubt = try doubt.plus(fees.doubt, at: order.id)
    }
    return doubt
  }
}

extension Holding {
  /// What was held at the beginning of a stretch of time and after each trade within it.
  func steps(from start: Instant, to end: Instant) -> [Step] {
    (step(at: start).map { [$0] } ?? []) + steps.filter { $0.time > start && $0.time <= end }
  }
}
