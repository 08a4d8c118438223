import Basics
public import Trading

/// Fills that nobody asked for, shown by the balances on both sides of them.
public struct InferredFills: Sendable {
  /// `BASE/QUOTE`.
  public var symbol: String
  /// Which way.
  public var side: Side
  /// The least number of orders that explain the change, besides those that the log booked.
  public var count: Int
  /// Orders that the log booked and the change bears out.
  public var booked: Int
  /// Base asset of those.
  public var bookedQuantity: Decimal
  /// Orders that may have been filled, as indices of the matches.
  public var candidates: [Int]
  /// By how much the base asset changed that no known trade and no booking explains.
  public var quantity: Decimal
  /// What it cost or brought at least; nil: several pairs share the change of the quote asset.
  public var cost: Decimal?
  /// The balances before and after.
  public var before: FieldMark
  /// The balances after.
  public var after: FieldMark

  /// An order of which nobody tells what the venue did with it.
  private struct Open {
    var match: Int
    var time: Instant
    var symbol: String
    var side: Side
    var amount: Decimal
    /// What the log booked; zero: nothing.
    var booked: Decimal
    /// Nil: the log does not tell.
    var bookedCost: Decimal?
  }

  private static func open(in session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset) -> [Open] {
    matches.enumerated().compactMap { at, match in
      let truth = match.truth.map { session.truths[$0] }
      let belief = match.belief.map { session.beliefs[$0] }
      // Where the truth has no orders at all, the log says which ones there were.
      guard truth.map({ $0.state == .unknown }) ?? !session.knowsOrders, let side = truth?.side ?? belief?.side,
        let time = truth?.placed?.time ?? (belief?.sent).map({ clock.venueTime($0.time) }),
        let amount = truth?.amount ?? belief?.amount
      else { return nil }
      return Open(
        match: at, time: time, symbol: truth?.symbol ?? belief?.symbol ?? "", side: side, amount: amount,
        booked: belief?.booked ?? .zero, bookedCost: belief?.bookedCost)
    }
  }

  /// From each balance of the truth to the next.
  static func all(in session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset) -> [InferredFills] {
    let whole = session.balances.filter(\.isWhole)
    var open = open(in: session, matches, clock)
    var found: [InferredFills] = []
    for (before, after) in zip(whole, whole.dropFirst()) where !open.isEmpty {
      let known = knownChanges(in: session, from: before.mark.time, to: after.mark.time)
      let unit = smallest(max(before.places, after.places))
      func change(_ asset: String) -> Decimal {
        (after.amounts[asset] ?? .zero) - (before.amounts[asset] ?? .zero) - (known[asset] ?? .zero)
      }
      var here: [(item: InferredFills, bookedCost: Decimal?)] = []
      for symbol in symbols(of: open.map(\.symbol)) {
        guard let base = FieldNames.assets(symbol).first else { continue }
        let change = change(base)
        // Each balance is rounded by half a unit at most.
        guard change.magnitude > unit else { continue }
        let side: Side = change.isPositive ? .buy : .sell
        let candidates = open.filter { $0.symbol == symbol && $0.side == side && $0.time < after.mark.time }
        if candidates.isEmpty { continue }
        // What the log booked is taken off first, as far as the change bears it out.
        let booked = borneOut(candidates, by: change.magnitude + unit)
        let bookedQuantity = booked.reduce(Decimal.zero) { $0 + $1.booked }
        let rest = candidates.filter { one in !booked.contains { $0.match == one.match } }
        let unseen = change.magnitude - bookedQuantity
        open.removeAll { one in booked.contains { $0.match == one.match } }
        let isMore = unseen > unit && !rest.isEmpty
        let item = InferredFills(
          symbol: symbol, side: side, count: isMore ? least(rest.map(\.amount), for: unseen - unit) : 0,
          booked: booked.count, bookedQuantity: bookedQuantity, candidates: isMore ? rest.map(\.match) : [],
          quantity: isMore ? unseen : .zero, before: before.mark, after: after.mark)
        guard item.count + item.booked > 0 else { continue }
        let costs = booked.map(\.bookedCost)
        here.append((item, costs.contains(nil) ? nil : costs.reduce(Decimal.zero) { $0 + ($1 ?? .zero) }))
      }
      if here.count == 1, here[0].item.count > 0, let quote = FieldNames.assets(here[0].item.symbol).last,
        let known = here[0].bookedCost
      {
        let paid = (here[0].item.side == .buy ? -change(quote) : change(quote)) - known
        if paid > unit, paid <= ceiling(here[0].item, session, matches) { here[0].item.cost = paid - unit }
      }
      for (item, _) in here where item.count > 0 {
        open.removeAll { item.candidates.contains($0.match) && item.count == item.candidates.count }
      }
      found += here.map(\.item)
    }
    return found
  }

  /// Orders that the log booked, the first first, as far as a change has room for them.
  private static func borneOut(_ candidates: [Open], by change: Decimal) -> [Open] {
    var room = change
    return candidates.filter { one in
      guard one.booked.isPositive, one.booked <= room else { return false }
      room -= one.booked
      return true
    }
  }

  /// Above what the limit of the orders and a fee of one percent allow, the quote asset was locked, not spent.
  private static func ceiling(
    _ item: InferredFills, _ session: FieldSession, _ matches: [OrderMatch]
  ) -> Decimal {
    let prices = item.candidates.compactMap { at in
      matches[at].truth.flatMap { session.truths[$0].price } ?? matches[at].belief.flatMap { session.beliefs[$0].price }
    }
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
