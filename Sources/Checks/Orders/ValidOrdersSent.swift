import Basics
import Trading

extension Check {
  /// Reads GUARD_BLOCK of the guard `size` in the engine's log against the quotes and market rules of the venue's truth, and
  /// POSITION_SIZE_USDT and MIN_ORDER_VALUE of config.json: what the order would have been made of.
  ///
  /// An order that the venue refused, and that breaks the rules of that moment, was made by rules that changed: they have to be
  /// asked for at once. Reads the orders, and the queries for rules, ENGINE_CYCLE_MS and BUDGET_REFRESH_TIMEOUT_S besides.
  public static let validOrdersSent = Check(
    .validOrdersSent,
    "no entry is refused for its size that the market's tick, step and minimum would take; rules that turn out to be old are asked for",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.validOrdersSent
    let blocks = record.events(.guardBlock).filter { $0.text(.guard) == "size" }
    let old = try ordersByOldRules(record)
    if !old.isEmpty { return .fail(name, "the rules were not asked for after \(old.count) refusals", old) }
    if blocks.isEmpty {
      return record.orders.isEmpty
        ? .open(name, "nothing was sent or refused") : .pass(name, "no entry was refused for its size")
    }
    var wrong: [String] = []
    var sized = 0
    for block in blocks {
      guard let symbol = block.text(.symbol) else { continue }
      let quotes = record.truth.quotes.candidates(symbol, at: block.time, slack: reactionSlack)
      guard !quotes.isEmpty else { continue }
      sized += 1
      // By any of the rules that the market had: the engine may not have heard of the last change.
      var sizings: [Sizing] = []
      for rules in try record.markets(symbol, until: block.time) {
        sizings += try quotes.map { quote throws(Unjudged) in try Sizing(quote, rules, record) }
      }
      if sizings.allSatisfy(\.isValid), let last = sizings.last {
        wrong.append("\(symbol): \(last.text) refused at \(record.place(block))")
      }
    }
    if sized == 0 {
      return .open(name, "\(blocks.count) entries were refused for their size, the venue had quoted none")
    }
    if wrong.isEmpty { return .pass(name, "\(blocks.count) entries were refused, each too small for its market") }
    return .fail(name, "\(wrong.count) valid entries were refused for their size", wrong)
  }
}

extension Check {
  /// What venues say of a price, a quantity or an amount against a market's rules: MEXC's spot v3 codes, Binance's filter failure.
  private static let filterCodes: Set = ["30002", "30010", "400", "-1013"]

  /// Orders that broke the rules in force and were refused, and after which nobody asked for the rules.
  private static func ordersByOldRules(_ record: SessionRecord) throws(Unjudged) -> [String] {
    guard record.run.isStallFree, record.truth.rulesInForce.values.contains(where: { $0.count > 1 }) else { return [] }
    let cycle = try record.settingTime(.engineCycleMs) + reactionSlack
    let blocked = Stretches(try EngineBlocks(record).all)
    let byFilter = Set(record.orders.filter { $0.code.map(filterCodes.contains) ?? false }.map(\.clientOrderId))
    var wrong: [String] = []
    for order in record.truth.orders where byFilter.contains(order.id) {
      guard let quantity = order.quantity, let price = order.price, let last = order.places.last,
        last.outcome == "error", !last.isInjected, order.takenAt == nil, let refused = last.answered,
        let rules = try record.markets(order.symbol, until: last.asked).last,
        !rules.takes(quantity, exactlyAt: price)
      else { continue }
      let next = record.truth.rules.map(\.asked).first { $0 >= refused } ?? record.end
      guard blocked.uncovered(in: .from(refused, to: min(next, record.end))) > cycle else { continue }
      wrong.append(
        "\(order.id): \(quantity) at \(price) breaks the rules of \(order.symbol), refused at \(refused.iso8601())")
    }
    return wrong
  }
}

/// An order as it could have been.
private struct Sizing {
  private let quantity: Decimal
  private let price: Decimal
  private let market: MarketFacts
  private let minValue: Decimal

  /// Half the amount at a price above the ask leaves room for fee and slippage: what is valid then is valid in full.
  init(_ quote: QuotedPrice, _ market: MarketFacts, _ record: SessionRecord) throws(Unjudged) {
    let place = "a quote of \(quote.symbol)"
    self.market = market
    minValue = try record.settingFigure(.minOrderValue)
    price = try quote.ask.floored(toStep: market.tick).plus(market.tick, at: place)
    let half = Decimal(coefficient: try record.settingFigure(.positionSizeUsdt).coefficient / 2)
    quantity = ((try? half.divided(by: price, rounding: .down)) ?? .zero).floored(toStep: market.step)
  }

  var isValid: Bool {
    guard market.takes(quantity, at: price) == true, let value = try? quantity.multiplied(by: price, rounding: .down)
    else {
      return false
    }
    return value >= minValue
  }

  var text: String { "\(quantity) at \(price)" }
}
