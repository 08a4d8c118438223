import Basics
public import Trading

/// Fills that nobody asked for, shown by the balances on both sides of them.
public struct InferredFills: Sendable {
  /// `BASE/QUOTE`.
  public var symbol: String
  /// Which way.
  public var side: Side
  /// The least number of orders that explain the change.
  public var count: Int
  /// Orders that may have been filled, as indices of the matches.
  public var candidates: [Int]
  /// By how much the base asset changed that no known trade explains.
  public var quantity: Decimal
  /// What it cost or brought at least; nil: several pairs share the change of the quote asset.
  public var cost: Decimal?
  /// The balances before and after.
  public var before: FieldMark
  /// The balances after.
  public var after: FieldMark

  /// From each balance of the truth to the next.
  static func all(in session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset) -> [InferredFills] {
    let whole = session.balances.filter(\.isWhole)
    var open: [(match: Int, time: Instant, symbol: String, side: Side, amount: Decimal)] = []
    for (at, match) in matches.enumerated() {
      guard let truth = match.truth.map({ session.truths[$0] }), truth.state == .unknown, let side = truth.side,
        let time = truth.placed?.time, let amount = truth.amount
      else { continue }
      open.append((at, time, truth.symbol, side, amount))
    }
    var found: [InferredFills] = []
    for (before, after) in zip(whole, whole.dropFirst()) {
      let known = knownChanges(in: session, from: before.mark.time, to: after.mark.time)
      let unit = smallest(max(before.places, after.places))
      var here: [InferredFills] = []
      for symbol in symbols(of: open.map(\.symbol)) {
        guard let base = FieldNames.assets(symbol).first else { continue }
        let change = (after.amounts[base] ?? .zero) - (before.amounts[base] ?? .zero) - (known[base] ?? .zero)
        // Each balance is rounded by half a unit at most.
        guard change.magnitude > unit else { continue }
        let side: Side = change.isPositive ? .buy : .sell
        let candidates = open.filter { $0.symbol == symbol && $0.side == side && $0.time < after.mark.time }
        if candidates.isEmpty { continue }
        here.append(
          InferredFills(
            symbol: symbol, side: side, count: least(candidates.map(\.amount), for: change.magnitude - unit),
            candidates: candidates.map(\.match), quantity: change.magnitude, before: before.mark, after: after.mark))
      }
      if here.count == 1, let quote = FieldNames.assets(here[0].symbol).last {
        let change = (after.amounts[quote] ?? .zero) - (before.amounts[quote] ?? .zero) - (known[quote] ?? .zero)
        let paid = here[0].side == .buy ? -change : change
        if paid > unit, paid <= ceiling(here[0], open.map { ($0.match, $0.amount) }, session, matches) {
          here[0].cost = paid - unit
        }
      }
      for item in here { open.removeAll { item.candidates.contains($0.match) && item.count == item.candidates.count } }
      found += here
    }
    return found
  }

  /// Above what the limit of the orders and a fee of one percent allow, the quote asset was locked, not spent.
  private static func ceiling(
    _ item: InferredFills, _ amounts: [(Int, Decimal)], _ session: FieldSession, _ matches: [OrderMatch]
  ) -> Decimal {
    let prices = item.candidates.compactMap { matches[$0].truth.flatMap { session.truths[$0].price } }
    guard item.side == .buy, let highest = prices.max(),
      let cost = try? item.quantity.multiplied(by: highest, rounding: .up)
    else { return Decimal(coefficient: .max) }
    return (try? cost.multiplied(by: Decimal(coefficient: 1_010_000_000_000), rounding: .up)) ?? cost
  }

  private static func symbols(of all: [String]) -> [String] {
    var seen: [String] = []
    for symbol in all where !seen.contains(symbol) { seen.append(symbol) }
    return seen
  }

  /// What trades that are known did to each asset, fees included.
  private static func knownChanges(in session: FieldSession, from: Instant, to: Instant) -> [String: Decimal] {
    var changes: [String: Decimal] = [:]
    for order in session.truths {
      guard let filled = order.filled, filled.isPositive, let cost = order.cost, let side = order.side,
        let time = order.trades.last?.mark.time ?? order.last?.time, time > from, time <= to
      else { continue }
      let assets = FieldNames.assets(order.symbol)
      guard let base = assets.first, let quote = assets.last else { continue }
      changes[base, default: .zero] += side == .buy ? filled : -filled
      changes[quote, default: .zero] += side == .buy ? -cost : cost
      for fee in order.fees { changes[fee.asset, default: .zero] -= fee.amount }
    }
    return changes
  }

  private static func smallest(_ places: Int) -> Decimal {
    var unit = Decimal.one.coefficient
    for _ in 0..<min(places, Decimal.scale) { unit /= 10 }
    return Decimal(coefficient: unit)
  }

  /// How many of the amounts it takes at least to make up a sum.
  private static func least(_ amounts: [Decimal], for sum: Decimal) -> Int {
    var rest = sum
    var count = 0
    for amount in amounts.sorted(by: >) {
      if !rest.isPositive { break }
      rest -= amount
      count += 1
    }
    return max(1, count)
  }
}
