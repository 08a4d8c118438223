import Basics
import Trading

/// What the account bought of one symbol and has not sold, over time, by the trades of the venue's truth.
///
/// Cost is what was paid, fees in the quote asset included; a sale lowers it in proportion.
struct Holding: Sendable {
  /// What is held after one trade.
  struct Step: Sendable {
    var time: Instant
    var held: Decimal
    var cost: Decimal
    /// Price of the trade.
    var price: Decimal
    var isBuy: Bool
    var order: String
    /// Base asset of the order that is filled with the trade.
    var total: Decimal
    /// Cost of what was too little to sell when the position began.
    var carried = Decimal.zero
    /// The first purchase since there was last too little to sell.
    var opened: Instant?
  }

  let symbol: String
  private(set) var steps: [Step] = []
  /// All that the market had: nobody knows when the engine heard of a change.
  private let rules: [MarketFacts]

  /// How far from a trade's price the price may be at which the engine calls what is left too little to sell.
  static let nearness = (
    low: Decimal(coefficient: 970_000_000_000), high: Decimal(coefficient: 1_030_000_000_000)
  )

  init(_ symbol: String, _ rules: [MarketFacts]) {
    self.symbol = symbol
    self.rules = rules
  }

  /// Whether what is held can be sold, by any price near the last trade's and by all rules; nil: by some only.
  func isOpen(_ step: Step?) -> Bool? {
    guard let step else { return false }
    let first = rules.first.flatMap { isOpen(step, $0) }
    return rules.dropFirst().allSatisfy { isOpen(step, $0) == first } ? first : nil
  }

  private func isOpen(_ step: Step, _ market: MarketFacts) -> Bool? {
    guard let low = try? step.price.multiplied(by: Self.nearness.low, rounding: .down),
      let high = try? step.price.multiplied(by: Self.nearness.high, rounding: .up),
      let isSure = market.takes(step.held, at: low), let isPossible = market.takes(step.held, at: high)
    else { return nil }
    return isSure == isPossible ? isSure : nil
  }

  /// What was held at a moment; nil: nothing was bought yet. O(log trades).
  func step(at time: Instant) -> Step? { steps[..<count(until: time)].last }

  /// What was held at a moment but for what an order itself has traded: where a request takes no time at the venue, a sale
  /// trades at the moment at which it is asked for. Nil: nothing was bought yet. O(log trades + trades of the moment).
  func step(at time: Instant, before order: String) -> Step? {
    steps[..<count(until: time)].last { $0.time < time || $0.order != order }
  }

  /// Trades up to a moment. O(log trades).
  private func count(until time: Instant) -> Int {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].time > time { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// While it was or may have been open for all the engine had heard, which hears of a trade at `heard`.
  func possiblyOpen(until end: Instant, heard: (Step) -> Instant) -> [Range<Instant>] {
    var spans: [Range<Instant>] = []
    var start: Instant?
    for step in steps {
      if isOpen(step) == false {
        if let from = start { spans.append(.from(from, to: heard(step))) }
        start = nil
      } else {
        start = start ?? step.time
      }
    }
    if let start { spans.append(.from(start, to: max(start, end))) }
    return spans
  }

  /// What the engine may have counted as held at a moment: of each order all trades that it must have heard of by then, and any
  /// of those that it may have heard of, the earlier ones first. Nil: too many orders are in doubt to go through them.
  ///
  /// - Parameters:
  ///   - time: The moment, on the session's clock.
  ///   - latest: The last moment at which a trade may have been counted; `time` or a little more, as trades and the engine's
  ///     word of a moment are told apart.
  ///   - heard: By when a trade was heard of at the latest.
  func possiblyHeld(at time: Instant, until latest: Instant, heard: (Step) -> Instant) -> [Decimal]? {
    var sure = Decimal.zero
    var doubts: [(order: String, sums: [Decimal])] = []
    var before = Decimal.zero
    for step in steps {
      guard step.time <= latest else { break }
      guard let change = try? step.held.subtracting(before) else { return nil }
      before = step.held
      let place = doubts.firstIndex { $0.order == step.order }
      if place == nil, heard(step) <= time {
        guard let sum = try? sure.adding(change) else { return nil }
        sure = sum
      } else if let place {
        guard let sum = try? (doubts[place].sums.last ?? .zero).adding(change) else { return nil }
        // A later trade that was heard of tells of the earlier ones too.
        doubts[place].sums = heard(step) <= time ? [sum] : doubts[place].sums + [sum]
      } else {
        doubts.append((step.order, [.zero, change]))
      }
    }
    var sums = [sure]
    for doubt in doubts {
      guard sums.count * doubt.sums.count <= Self.combinationsMax else { return nil }
      sums = sums.flatMap { sum in doubt.sums.compactMap { try? sum.adding($0) } }
    }
    return sums
  }

  private static let combinationsMax = 4096

  mutating func take(_ trade: OrderTraffic.Trade, of order: OrderTraffic) throws(ArithmeticError) {
    guard trade.quantity.isPositive else { return }
    let last = steps.last
    let baseFee = trade.feeAsset.map { symbol.hasPrefix("\($0)/") } ?? false ? trade.fee : .zero
    let quoteFee = trade.feeAsset.map { symbol.hasSuffix("/\($0)") } ?? false ? trade.fee : .zero
    var step = Step(
      time: trade.time, held: last?.held ?? .zero, cost: last?.cost ?? .zero,
      price: try trade.quote.divided(by: trade.quantity, rounding: .halfEven), isBuy: order.isBuy, order: order.id,
      total: trade.total, carried: last?.carried ?? .zero, opened: last?.opened)
    if order.isBuy {
      step.held = try step.held.adding(trade.quantity).subtracting(baseFee)
      step.cost = try step.cost.adding(trade.quote).adding(quoteFee)
      if step.opened == nil {
        (step.opened, step.carried) = (trade.time, last?.cost ?? .zero)
      } else if let last, isOpen(last) == nil {
        // Too little to sell at a price near the last one, or by one of the market's rules: it may have begun anew.
        step.carried = last.cost
      }
    } else {
      let sold = try trade.quantity.adding(baseFee)
      if sold >= step.held {
        step.cost = .zero
      } else {
        let part = try step.cost.multiplied(by: sold, rounding: .halfEven).divided(by: step.held, rounding: .halfEven)
        step.cost = try step.cost.subtracting(part)
      }
      step.held = try step.held.subtracting(sold)
    }
    if isOpen(step) == false { step.opened = nil }
    steps.append(step)
  }
}

extension SessionRecord {
  /// What was held of each symbol that the venue traded for the engine, by symbol.
  func holdings() throws(Unjudged) -> [String: Holding] {
    var trades: [(trade: OrderTraffic.Trade, order: Int)] = []
    for (index, order) in truth.orders.enumerated() {
      for trade in order.trades { trades.append((trade, index)) }
    }
    trades.sort { ($0.trade.time, $0.order) < ($1.trade.time, $1.order) }
    var holdings: [String: Holding] = [:]
    for (trade, index) in trades {
      let order = truth.orders[index]
      let rules = try markets(order.symbol, until: .distantFuture)
      do throws(ArithmeticError) {
        try holdings[order.symbol, default: Holding(order.symbol, rules)].take(trade, of: order)
      } catch {
        throw Unjudged(reason: "amounts are too large to be added up, at a trade of \(order.id)")
      }
    }
    return holdings
  }

  /// The venue's rules for one symbol.
  func market(_ symbol: String) throws(Unjudged) -> MarketFacts {
    guard let market = truth.markets[symbol] else {
      throw Unjudged(reason: "the venue's history has no rules for \(symbol)")
    }
    return market
  }

  /// The rules that the symbol had up to then, oldest first: a venue may change them while a session runs.
  func markets(_ symbol: String, until time: Instant) throws(Unjudged) -> [MarketFacts] {
    let known = truth.rulesInForce[symbol]?.filter { $0.since <= time }.map(\.rules) ?? []
    return known.isEmpty ? [try market(symbol)] : known
  }

  /// A setting that is a share, an amount or a figure.
  func settingFigure(_ name: SettingName) throws(Unjudged) -> Decimal {
    if let value = settings.text(name).flatMap({ RecordLimits.decimal($0) }) { return value }
    throw Unjudged(reason: "config.json names no \(name)")
  }

  /// A setting that is a count.
  func settingCount(_ name: SettingName) throws(Unjudged) -> Int {
    if let value = settings.count(name) { return value }
    throw Unjudged(reason: "config.json names no \(name)")
  }
}
