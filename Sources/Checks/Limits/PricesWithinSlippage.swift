import Basics
import Trading

extension Check {
  /// Reads the orders and the polls of the venue's truth, ORDER_SENT of the engine's log for the moment of the decision, and
  /// ROUTER_SLIPPAGE_BPS, MAX_SLIPPAGE_BPS_ENTRY and MAX_SPREAD_BPS_ENTRY of config.json.
  ///
  /// The quote that a decision was made on is the newest that the engine had, or one that was the newest a second before: one
  /// of them must allow the price. A stalled schedule holds a decision up for longer; then any quote counts that is not stale.
  public static let pricesWithinSlippage = Check(
    .pricesWithinSlippage,
    "every limit price meets the other side of the book and goes as far beyond it as its setting allows; no entry "
      + "is made into a wider spread"
  ) { record throws(Unjudged) in
    let name = CheckName.pricesWithinSlippage
    if record.truth.orders.isEmpty { return .open(name, "no order reached the venue") }
    try record.requirePrices()
    let limits = PriceLimits(
      beyond: Decimal.basisPoints(try record.settingFigure(.routerSlippageBps)),
      entry: Decimal.basisPoints(try record.settingFigure(.maxSlippageBpsEntry)),
      spread: Decimal.basisPoints(try record.settingFigure(.maxSpreadBpsEntry)))
    var wrong: [String] = []
    var judged = 0
    for order in record.truth.orders {
      guard let price = order.price else { continue }
      let quotes = try record.decisionQuotes(of: order)
      guard let newest = quotes.last else { continue }
      judged += 1
      // By any of the rules that the market had: the engine may not have heard of the last change.
      let rules = try record.markets(order.symbol, until: order.asked)
      var reasons: [String?] = []
      for quote in quotes.reversed() {
        for market in rules { reasons.append(try limits.refusal(of: order.isBuy, at: price, market, quote)) }
      }
      if !reasons.contains(nil), let reason = reasons.first ?? nil {
        wrong.append(
          "\(order.id): \(reason); quote of \(newest.at.iso8601()), known since \(newest.answered.iso8601())")
      }
    }
    if wrong.isEmpty, judged == 0 { return .open(name, "the venue had given no quote before any order") }
    if wrong.isEmpty { return .pass(name, "\(judged) limit prices within their limits") }
    return .fail(name, "\(wrong.count) of \(judged) limit prices go beyond a limit", wrong)
  }
}

/// The settings that bound a limit price, as shares.
private struct PriceLimits {
  var beyond: Decimal
  var entry: Decimal
  var spread: Decimal

  /// What speaks against an order at that quote; nil: nothing. Prices are rounded to the tick, so the limit is too.
  func refusal(
    of isBuy: Bool, at price: Decimal, _ market: MarketFacts, _ quote: QuotedPrice
  ) throws(Unjudged) -> String? {
    let place = "a quote of \(quote.symbol)"
    if isBuy {
      let limit = try quote.ask.times(Decimal.one.plus(beyond, at: place), .halfEven, of: place)
      let most = max(limit, market.ceiling(quote.ask))
      if price < quote.ask { return "bought at \(price), below the ask \(quote.ask)" }
      if price > most { return "bought at \(price), \(most) is the most at the ask \(quote.ask)" }
      if try price.plus(market.tick, at: place) <= limit {
        return "bought at \(price), the ask \(quote.ask) and its slippage allow \(limit)"
      }
      let highest = try quote.last.times(Decimal.one.plus(entry, at: place), .up, of: place)
      if quote.ask > highest { return "bought at the ask \(quote.ask), the last price is \(quote.last)" }
      // In tenths of a hundredth of a percent, as quotes have their spreads.
      let width = try quote.bid.times(spread.plus(Decimal(coefficient: 100_000_000), at: place), .up, of: place)
      if try quote.ask.minus(quote.bid, at: place) > width {
        return "bought into the spread from \(quote.bid) to \(quote.ask)"
      }
      return nil
    }
    let limit = try quote.bid.times(Decimal.one.minus(beyond, at: place), .halfEven, of: place)
    let least = min(limit, quote.bid.floored(toStep: market.tick))
    if price > quote.bid { return "sold at \(price), above the bid \(quote.bid)" }
    if price < least { return "sold at \(price), \(least) is the least at the bid \(quote.bid)" }
    if try price.minus(market.tick, at: place) >= limit {
      return "sold at \(price), the bid \(quote.bid) and its slippage allow \(limit)"
    }
    return nil
  }
}

extension SessionRecord {
  /// Prices must be known to judge by them.
  func requirePrices() throws(Unjudged) {
    try requirePolls()
    if polls.contains(where: { $0.isGood && !$0.isPriced && !$0.quotes.isEmpty }) {
      throw Unjudged(reason: "the venue's history has quotes without prices")
    }
  }

  /// How long before its ORDER_SENT a decision may have looked at the market.
  func decisionSlack() throws(Unjudged) -> Duration {
    run.isStallFree ? Check.reactionSlack : max(Check.reactionSlack, try quoteAgeLimit().duration)
  }

  /// When an order was decided on: its ORDER_SENT, or its first request where that was earlier or is missing.
  func decided(_ order: OrderTraffic) -> Instant {
    min(order.asked, engineOrders[order.id]?.sentAt ?? order.asked)
  }

  /// When nobody waited for an order any more that the venue did not know for so long.
  func absence(of order: OrderTraffic, life: Duration) -> (from: Instant, heard: Instant?)? {
    order.absence(decided: decided(order), life: life)
  }

  /// Whether an order was decided on before another: by time, and by the log's order within a moment.
  func isDecided(_ order: OrderTraffic, before other: OrderTraffic) -> Bool {
    let (first, second) = (decided(order), decided(other))
    if first != second { return first < second }
    guard let one = engineOrders.place(of: order.id), let two = engineOrders.place(of: other.id) else { return true }
    return one < two
  }

  /// The quotes that an order can have been decided on, oldest first.
  func decisionQuotes(of order: OrderTraffic) throws(Unjudged) -> ArraySlice<QuotedPrice> {
    truth.quotes.candidates(order.symbol, at: decided(order), slack: try decisionSlack())
  }
}
