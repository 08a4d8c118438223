import Basics
import Trading

extension Check {
  /// Reads the orders, fills and rules of the venue's truth, and MAX_PER_SYMBOL_USD, MAX_CONCURRENT_POSITIONS and ORDER_TTL_S of
  /// config.json.
  ///
  /// What is too little to be sold, by the rules in force or by those before, which the engine may know alone, does not count
  /// among what all symbols have. A purchase that the venue did not know for ORDER_TTL_S is none any more; what it buys when it
  /// turns up counts for those that are decided later.
  public static let exposureWithinLimits = Check(
    .exposureWithinLimits, "what is spent on one symbol, and on all, and not sold again stays within its limit"
  ) { record throws(Unjudged) in
    let name = CheckName.exposureWithinLimits
    let perSymbol = record.limitOfOneSymbol()
    let total = record.limitOfAllSymbols()
    if perSymbol == nil, total == nil { return .open(name, "run.json names no limit") }
    let life = record.settings.time(.orderTtlS)
    var exposures: [String: Exposure] = [:]
    var fillCount = 0
    var wrong: [String] = []
    var fields = FieldIndex()
    for line in record.venue where line.kind == "event" {
      fields.load(line)
      guard fields.text(.type) == "TRADE", let symbol = fields.text(.symbol) else { continue }
      let before = exposures[symbol] ?? Exposure()
      var after = before
      let place = line.venuePlace
      try after.take(fields, symbol, at: place)
      let order = fields.text(.clientOrderId).flatMap { record.truth.order($0) }
      let absence = life.flatMap { life in order.flatMap { record.absence(of: $0, life: life) } }
      if let absence { after.turnedUp = absence.heard ?? line.time }
      exposures[symbol] = after
      fillCount += 1
      guard after.cost > before.cost, absence == nil else { continue }
      if let perSymbol, after.cost > perSymbol { wrong.append("\(symbol): \(after.cost) of \(perSymbol) at \(place)") }
      guard let total else { continue }
      var sum = Decimal.zero
      for (symbol, one) in exposures {
        if let turnedUp = one.turnedUp, let order, turnedUp > record.decided(order) { continue }
        let rules = record.truth.rulesInForce[symbol]?.filter { $0.since <= line.time } ?? []
        if !rules.contains(where: { one.isTooLittle(for: $0.rules) }) { sum = try sum.plus(one.cost, at: place) }
      }
      if sum > total { wrong.append("all symbols: \(sum) of \(total) at \(place)") }
    }
    if fillCount == 0, !record.orders.isEmpty {
      return .notApplicable(name, "the venue filled none of \(record.orders.count) orders")
    }
    if fillCount == 0 { return .open(name, "no order reached the venue") }
    if wrong.isEmpty { return .pass(name, "\(fillCount) fills stayed within the limits") }
    return .fail(name, "\(wrong.count) fills went beyond a limit", wrong)
  }
}

/// What one symbol holds and what was paid for it; a sale lowers the cost in proportion, as the engine's books do.
private struct Exposure {
  var cost = Decimal.zero
  var held = Decimal.zero
  var price: Decimal?
  /// When an order that had been given up was heard of again, and had bought it.
  var turnedUp: Instant?

  /// Whether a venue of these rules would not take a sale of it.
  func isTooLittle(for market: MarketFacts) -> Bool {
    guard let low = try? price?.multiplied(by: Holding.nearness.low, rounding: .down) else { return false }
    return market.takes(held, at: low) == false
  }

  mutating func take(_ line: FieldIndex, _ symbol: String, at place: String) throws(Unjudged) {
    guard let quantity = try line.amount(.lastQty, at: place),
      let quote = try line.amount(.lastQuote, at: place)
    else { return }
    price = try line.amount(.lastPrice, at: place) ?? price
    let isBaseFee = line.text(.feeAsset).map { symbol.hasPrefix("\($0)/") } ?? false
    let fee = isBaseFee ? try line.amount(.fee, at: place) ?? .zero : .zero
    if line.text(.side) == "buy" {
      cost = try cost.plus(quote, at: place)
      held = try held.plus(quantity, at: place).minus(fee, at: place)
      return
    }
    let rest = try held.minus(quantity, at: place).minus(fee, at: place)
    if rest.isPositive, let part = try? cost.multiplied(by: rest, rounding: .up).divided(by: held, rounding: .up) {
      cost = part
    } else {
      cost = .zero
    }
    held = max(.zero, rest)
  }
}
