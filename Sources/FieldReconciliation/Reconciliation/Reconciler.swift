import Basics
import Trading

/// Finds where the two sides of a session differ.
struct Reconciler {
  let session: FieldSession
  let matches: [OrderMatch]
  let clock: ClockOffset
  private let inferred: [InferredFills]
  private let doubled: [DoubledOrders]
  /// Names of orders of which the log itself says that nobody knows their outcome.
  private let outcomesUnknown: Set<String>
  /// Half of the last digit that the log writes its costs with; zero: it does not round to so few.
  private let halfDigit: Decimal
  private(set) var found: [Disagreement] = []

  /// An end of the venue's that the log may not have heard of yet when it was cut.
  private static let grace = Duration.seconds(10)

  init(
    _ session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset, _ inferred: [InferredFills],
    _ doubled: [DoubledOrders]
  ) {
    self.session = session
    self.matches = matches
    self.clock = clock
    self.inferred = inferred
    self.doubled = doubled
    outcomesUnknown = session.outcomesUnknown
    halfDigit = Self.halfDigit(of: session.beliefs.flatMap { $0.fills.compactMap(\.cost) })
  }

  /// A log that writes cents rounds to them; whole numbers tell nothing of how it rounds.
  private static func halfDigit(of costs: [Decimal]) -> Decimal {
    let places = costs.map { cost -> Int in
      let text = cost.description
      return text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
    }.max()
    guard let places, (2..<Decimal.scale).contains(places) else { return .zero }
    var unit = Decimal.one.coefficient / 2
    for _ in 0..<places { unit /= 10 }
    return Decimal(coefficient: unit)
  }

  mutating func run() -> [Disagreement] {
    for match in matches {
      switch (match.belief.map { session.beliefs[$0] }, match.truth.map { session.truths[$0] }) {
      case (.some(let belief), .some(let truth)): compare(belief, truth)
      case (.some(let belief), nil): missingAtVenue(belief)
      case (nil, .some(let truth)) where !truth.isOwnCall: missingInLog(truth)
      default: break
      }
    }
    // Without a log nobody can say what it does not tell.
    if session.files.contains(where: { $0.side == .log }) {
      for item in inferred where item.count > 0 { add(item) }
    }
    for item in doubled { add(item) }
    fees()
    drifts()
    return found
  }

  // MARK: One order

  private mutating func compare(_ belief: BeliefOrder, _ truth: TruthOrder) {
    guard let filled = truth.filled else {
      if belief.state == .failed || belief.state == .canceled || belief.state == .unknown { return }
      return
    }
    let booked = belief.booked
    if filled > booked, !Self.isNear(filled, booked) {
      tooLittle(belief, truth, filled, booked)
    } else if booked > filled, !Self.isNear(filled, booked) {
      tooMuch(belief, truth, filled, booked)
    } else if filled.isPositive {
      same(belief, truth, filled)
    } else {
      ends(belief, truth)
    }
    if truth.state == .open, belief.state != .unknown, belief.state != .open { leftOpen(belief, truth) }
  }

  private mutating func tooLittle(_ belief: BeliefOrder, _ truth: TruthOrder, _ filled: Decimal, _ booked: Decimal) {
    var entry = entry(.bookedShort, belief, truth)
    let side = truth.side ?? belief.side ?? .buy
    let (bought, asset) = (side == .buy ? "bought" : "sold", FieldNames.assets(truth.symbol).first ?? "")
    if booked.isZero {
      if let failed = belief.failed {
        entry.kind = .failureWasFill
        entry.also = [.fillUnseen]
        entry.log.append(failed.place)
        entry.says =
          "called failed (\(belief.reason.isEmpty ? "no reason logged" : belief.reason)); the venue \(bought) \(filled) \(asset)"
      } else if let canceled = belief.canceled {
        entry.kind = .cancelWasFill
        entry.also = [.fillUnseen]
        entry.log.append(canceled.place)
        entry.says = "called canceled; the venue \(bought) \(filled) \(asset)"
      } else {
        entry.kind = .fillUnseen
        entry.says = "the venue \(bought) \(filled) \(asset); the log tells of no fill"
      }
    } else {
      entry.says = "\(booked) of \(filled) \(asset) booked"
      entry.log += belief.fills.prefix(3).map(\.mark.place)
    }
    if let cost = truth.cost {
      let known = belief.bookedCost ?? Self.share(cost, booked, of: filled)
      entry.money = FieldMoney(max(.zero, cost - (booked.isZero ? .zero : known)), Self.quote(truth.symbol))
    }
    found.append(entry)
  }

  private mutating func tooMuch(_ belief: BeliefOrder, _ truth: TruthOrder, _ filled: Decimal, _ booked: Decimal) {
    var entry = entry(.bookedNever, belief, truth)
    let asset = FieldNames.assets(truth.symbol.isEmpty ? belief.symbol : truth.symbol).first ?? ""
    let isTwice = filled.isPositive && belief.fills.count > 1
    if isTwice { entry.kind = .bookedTwice }
    entry.also = isTwice ? [.bookedNever] : []
    entry.says = "\(booked) \(asset) booked; the venue filled \(filled)"
    entry.log += belief.fills.prefix(3).map(\.mark.place)
    if let cost = belief.bookedCost {
      entry.money = FieldMoney(
        max(.zero, cost - (truth.cost ?? Self.share(cost, filled, of: booked))),
        Self.quote(belief.symbol.isEmpty ? truth.symbol : belief.symbol))
    }
    found.append(entry)
  }

  /// The quantity agrees.
  private mutating func same(_ belief: BeliefOrder, _ truth: TruthOrder, _ filled: Decimal) {
    let finals = belief.finals
    if finals.count > 1, finals.allSatisfy(\.isCumulative), let first = finals.first,
      finals.contains(where: { $0.mark.time != first.mark.time })
    {
      var entry = entry(.bookedTwice, belief, truth)
      entry.says = "its fill is told \(finals.count) times"
      entry.log = finals.prefix(3).map(\.mark.place)
      if let cost = first.cost { entry.money = FieldMoney(cost, Self.quote(truth.symbol)) }
      found.append(entry)
    }
    let rounding = belief.fills.reduce(Decimal.zero) { sum, _ in sum + halfDigit }
    if let booked = belief.bookedCost, let cost = truth.cost, (booked - cost).magnitude > rounding,
      !Self.isNear(booked, cost, within: 1_000_000)
    {
      var entry = entry(.costDiffers, belief, truth)
      entry.says =
        "booked at \(FieldMoney.text(booked)), traded at \(FieldMoney.text(cost)) \(Self.quote(truth.symbol))"
      entry.log += belief.fills.suffix(1).map(\.mark.place)
      entry.money = FieldMoney((booked - cost).magnitude, Self.quote(truth.symbol))
      found.append(entry)
    }
  }

  /// Nothing was filled, and nothing booked.
  private mutating func ends(_ belief: BeliefOrder, _ truth: TruthOrder) {
    guard belief.state == .unknown || belief.state == .open, truth.state == .canceled || truth.state == .failed,
      let end = truth.last, let last = session.spans[.log].map({ clock.venueTime($0.last) }),
      last > end.time + Self.grace
    else { return }
    var entry = entry(.believedOpen, belief, truth)
    entry.says =
      truth.state == .failed
      ? "the venue refused it\(truth.refusal.isEmpty ? "" : " (\(truth.refusal))"); the log tells of no end"
      : "the venue ended it without a fill; the log tells of no end"
    entry.truth.append(end.place)
    found.append(entry)
  }

  private mutating func leftOpen(_ belief: BeliefOrder, _ truth: TruthOrder) {
    var entry = entry(.leftOpen, belief, truth)
    entry.says = "it rests at the venue; the log calls it \(belief.state.rawValue)"
    entry.log += [(belief.failed ?? belief.canceled ?? belief.finals.first?.mark)?.place].compactMap { $0 }
    if let amount = truth.amount, let price = truth.price, let filled = truth.filled,
      let cost = try? (amount - filled).multiplied(by: price, rounding: .halfEven), truth.side == .buy
    {
      entry.money = FieldMoney(cost, Self.quote(truth.symbol), .atMost)
    }
    found.append(entry)
  }

  private mutating func missingAtVenue(_ belief: BeliefOrder) {
    if belief.booked.isPositive || belief.state == .filled {
      var entry = entry(.bookedNever, belief, nil)
      entry.says =
        "\(belief.booked) \(FieldNames.assets(belief.symbol).first ?? "") booked; the venue has no such order"
      entry.log += belief.fills.prefix(3).map(\.mark.place)
      if let cost = belief.bookedCost { entry.money = FieldMoney(cost, Self.quote(belief.symbol)) }
      found.append(entry)
      return
    }
    guard session.knowsOrders, belief.state == .unknown, let sent = belief.sent,
      session.tellsOrders(at: clock.venueTime(sent.time)), !outcomesUnknown.contains(belief.clientId)
    else { return }
    var entry = entry(.neverSent, belief, nil)
    entry.says =
      belief.acknowledged == nil
      ? "the log has it as sent; the venue has no such order"
      : "the log has it as acknowledged; the venue has no such order"
    found.append(entry)
  }

  private mutating func missingInLog(_ truth: TruthOrder) {
    if session.beliefs.isEmpty, !session.files.contains(where: { $0.side == .log }) { return }
    var entry = entry(.byHand, nil, truth)
    let side = truth.side?.rawValue ?? "order"
    entry.says = "a \(side) that the log does not have: placed by hand, by another program, or never logged"
    if truth.filled?.isPositive == true, let cost = truth.cost {
      entry.money = FieldMoney(cost, Self.quote(truth.symbol))
    }
    found.append(entry)
  }

  // MARK: Several orders

  private mutating func add(_ item: InferredFills) {
    var entry = Disagreement(kind: .fillUnseen, says: "")
    let asset = FieldNames.assets(item.symbol).first ?? ""
    let verb = item.side == .buy ? "buys" : "sales"
    let others = item.booked > 0 ? " besides the \(item.booked) that the log booked" : ""
    entry.symbol = item.symbol
    entry.time = item.after.time
    entry.says =
      "at least \(item.count) of \(item.candidates.count) \(verb)\(others) were filled: \(item.quantity) \(asset) more than known trades"
      + " explain; the balances are the only truth there"
    if item.side == .sell { entry.says = entry.says.replacing("more than", with: "less than") }
    if let cost = item.cost { entry.money = FieldMoney(cost, Self.quote(item.symbol), .atLeast) }
    entry.log = item.candidates.compactMap { matches[$0].belief.flatMap { session.beliefs[$0].sent?.place } }
    entry.truth = [item.before.place, item.after.place]
    found.append(entry)
  }

  private mutating func add(_ item: DoubledOrders) {
    var entry = Disagreement(kind: .doubled, says: "")
    entry.symbol = item.symbol
    entry.time = item.times.first
    let gaps = item.gaps
    let (low, high) = (gaps.min() ?? 0, gaps.max() ?? 0)
    let verb = item.side == .buy ? "buys" : "sales"
    entry.says =
      "\(item.matches.count) \(verb) one after the other, \(JSON.double(low, places: 2).text) to"
      + " \(JSON.double(high, places: 2).text) s apart"
    if item.attempts.count > item.matches.count {
      let rounds = item.rounds
      entry.says +=
        "; \(item.attempts.count) with those between them that came to nothing, "
        + "\(JSON.double(rounds.min() ?? 0, places: 2).text) to \(JSON.double(rounds.max() ?? 0, places: 2).text) s apart"
    }
    entry.log = item.matches.compactMap { matches[$0].belief.flatMap { session.beliefs[$0].sent?.place } }
    entry.truth = item.matches.compactMap { matches[$0].truth.flatMap { session.truths[$0].placed?.place } }
    let known = Set(found.filter { $0.money != nil }.flatMap(\.truth))
    // What the later ones cost is counted once: where it was not seen, it stands there.
    let later = item.matches.dropFirst().compactMap { matches[$0].truth.map { session.truths[$0] } }
    let own = later.filter { order in order.placed.map { !known.contains($0.place) } ?? false }
    let cost = own.reduce(Decimal.zero) { $0 + ($1.cost ?? .zero) }
    if cost.isPositive { entry.money = FieldMoney(cost, Self.quote(item.symbol)) }
    if own.count < later.count || cost.isZero, found.contains(where: { $0.kind == .fillUnseen }) {
      entry.also = [.fillUnseen]
    }
    found.append(entry)
  }

  /// Fees of orders that were booked: one entry for each asset.
  private mutating func fees() {
    var sums: [(asset: String, money: Decimal, count: Int, first: Disagreement)] = []
    for match in matches {
      guard let truth = match.truth.map({ session.truths[$0] }), let belief = match.belief.map({ session.beliefs[$0] }),
        !belief.finals.isEmpty, tellsFees
      else { continue }
      for fee in truth.fees {
        let booked = bookedFee(belief, fee.asset)
        guard fee.amount > booked, !Self.isNear(fee.amount, booked) else { continue }
        if let at = sums.firstIndex(where: { $0.asset == fee.asset }) {
          sums[at].money += fee.amount - booked
          sums[at].count += 1
        } else {
          sums.append((fee.asset, fee.amount - booked, 1, entry(.feeUnbooked, belief, truth)))
        }
      }
    }
    for sum in sums {
      var entry = sum.first
      entry.says =
        "the venue took more than was booked, at \(sum.count) order\(sum.count == 1 ? "" : "s"), first this one"
      entry.money = FieldMoney(sum.money, sum.asset)
      if sum.count > 1 { (entry.symbol, entry.names) = ("", "") }
      found.append(entry)
    }
  }

  /// Whether the log's form has fees at all.
  private var tellsFees: Bool { session.beliefs.contains { $0.fills.contains { $0.fee != nil } } }

  private func bookedFee(_ belief: BeliefOrder, _ asset: String) -> Decimal {
    var total = Decimal.zero
    for fill in belief.fills {
      guard let fee = fill.fee, fill.feeAsset.isEmpty || fill.feeAsset == asset else { continue }
      total = fill.isCumulative ? max(total, fee) : total + fee
    }
    return total
  }

  // MARK: Balances

  private mutating func drifts() {
    balanceDrift()
    positionDrift()
  }

  /// What the bot thinks that it has against the last balance before, where no known trade lies between.
  private mutating func balanceDrift() {
    var since: (believed: FieldBalance, true: FieldBalance, asset: String, drift: Decimal)?
    for believed in session.believedBalances {
      let time = clock.venueTime(believed.mark.time)
      guard let (key, amount) = believed.amounts.first, believed.amounts.count == 1, !isUnderWay(believed.mark.time)
      else { continue }
      let asset = key.isEmpty ? mainQuote : key
      guard let real = session.balances.last(where: { $0.mark.time + .seconds(2) <= time && $0.amounts[asset] != nil }),
        let has = real.amounts[asset], !isTraded(from: real.mark.time, to: time)
      else { continue }
      let drift = has - amount
      // Cents are rounding, and fees that were estimated.
      let slack = max(Decimal(coefficient: 20_000_000_000), Self.part(amount))
      if drift.magnitude <= slack {
        since = nil
      } else if since == nil || since?.drift.isNegative != drift.isNegative {
        since = (believed, real, asset, drift)
      }
    }
    guard let since else { return }
    var entry = Disagreement(kind: .balanceDrift, says: "")
    entry.time = since.true.mark.time
    entry.says =
      "the log has \(FieldMoney.text(since.believed.amounts.values.first ?? .zero)) \(since.asset), the venue"
      + " \(FieldMoney.text(since.true.amounts[since.asset] ?? .zero)), from then on to the end"
    entry.log = [since.believed.mark.place]
    entry.truth = [since.true.mark.place]
    if found.contains(where: { $0.money?.asset == since.asset }) {
      entry.also = [found.first { $0.money?.asset == since.asset }?.kind ?? .fillUnseen]
      entry.says += " (the sum is counted above)"
    } else {
      entry.money = FieldMoney(since.drift.magnitude, since.asset)
    }
    found.append(entry)
  }

  private static func part(_ amount: Decimal) -> Decimal {
    (try? amount.magnitude.multiplied(by: Decimal(coefficient: 1_000_000_000), rounding: .up)) ?? .zero
  }

  /// Whether an order of the log has begun and not ended yet, at a moment of the log: what it has reserved and what it has spent
  /// are one sum then. An order without any end has none to wait for.
  private func isUnderWay(_ time: Instant) -> Bool {
    session.beliefs.contains { order in
      guard let sent = order.sent, let end = order.finals.last?.mark ?? order.failed ?? order.canceled else {
        return false
      }
      return sent.time <= time && end.time >= time
    }
  }

  private func isTraded(from: Instant, to: Instant) -> Bool {
    session.truths.contains { order in
      order.trades.contains { $0.mark.time > from && $0.mark.time <= to }
        || (order.trades.isEmpty && order.filled?.isPositive == true
          && order.last.map { $0.time > from && $0.time <= to } == true)
    }
  }

  private var mainQuote: String {
    let quotes = (session.beliefs.map(\.symbol) + session.truths.map(\.symbol)).compactMap {
      FieldNames.assets($0).last
    }
    return quotes.first ?? "USDT"
  }

  /// The last number of positions against the pairs that the bot's own orders left with a holding.
  private mutating func positionDrift() {
    let fills = session.truths.filter { $0.filled?.isPositive == true }
      .flatMap { order in order.trades.isEmpty ? [order.last?.time].compactMap { $0 } : order.trades.map(\.mark.time) }
    // News of a fill takes a while.
    let settled = session.positionCounts.last { item in
      let time = clock.venueTime(item.mark.time)
      return !fills.contains { $0 <= time && $0 + Self.grace > time }
    }
    guard let last = settled else { return }
    let time = clock.venueTime(last.mark.time)
    var held: [String: Decimal] = [:]
    var largest: [String: Decimal] = [:]
    for match in matches {
      guard match.belief != nil, let at = match.truth, let side = session.truths[at].side else { continue }
      let order = session.truths[at]
      guard let filled = order.filled, filled.isPositive,
        order.trades.last?.mark.time ?? order.last?.time ?? time <= time
      else { continue }
      held[order.symbol, default: .zero] += side == .buy ? filled : -filled
      largest[order.symbol] = max(largest[order.symbol] ?? .zero, filled)
    }
    for item in inferred where item.side == .buy && item.after.time <= time {
      held[item.symbol, default: .zero] += item.quantity + item.bookedQuantity
    }
    let symbols = held.filter { symbol, amount in
      amount.isPositive
        && amount
          > ((try? (largest[symbol] ?? .zero).multiplied(by: Decimal(coefficient: 50_000_000_000), rounding: .up))
            ?? .zero)
    }.keys.sorted()
    guard symbols.count > last.count else { return }
    var entry = Disagreement(kind: .positionDrift, says: "")
    entry.time = time
    entry.says =
      "the log counts \(last.count) open position\(last.count == 1 ? "" : "s"), the venue's trades leave \(symbols.count):"
      + " \(symbols.prefix(5).joined(separator: ", "))"
    entry.also = found.contains { $0.kind == .fillUnseen } ? [.fillUnseen] : []
    entry.log = [last.mark.place]
    found.append(entry)
  }

  // MARK: Small things

  private func entry(_ kind: Disagreement.Kind, _ belief: BeliefOrder?, _ truth: TruthOrder?) -> Disagreement {
    var entry = Disagreement(kind: kind, says: "")
    entry.symbol = truth.map(\.symbol).flatMap { $0.isEmpty ? nil : $0 } ?? belief?.symbol ?? ""
    let names = [belief?.clientId, truth?.clientId, truth?.orderId, belief?.orderId].compactMap { $0 }.filter {
      !$0.isEmpty
    }
    entry.names = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: " ")
    entry.time =
      truth?.trades.first?.mark.time ?? truth?.placed?.time
      ?? (belief?.sent ?? belief?.last).map { clock.venueTime($0.time) }
    entry.log = [(belief?.sent ?? belief?.last)?.place].compactMap { $0 }
    entry.truth = [truth?.placed?.place, truth?.trades.first?.mark.place].compactMap { $0 }
      .reduce(into: [FieldPlace]()) { if !$0.contains($1) { $0.append($1) } }
    return entry
  }

  static func quote(_ symbol: String) -> String { FieldNames.assets(symbol).last ?? "" }

  /// Within a billionth, what binary floating point makes of a decimal; or another share, in units of 10^-12.
  static func isNear(_ a: Decimal, _ b: Decimal, within share: Int128 = 1000) -> Bool {
    let size = max(a.magnitude, b.magnitude)
    let slack = (try? size.multiplied(by: Decimal(coefficient: share), rounding: .up)) ?? .zero
    return (a - b).magnitude <= max(slack, Decimal(coefficient: 1))
  }

  private static func share(_ cost: Decimal, _ part: Decimal, of whole: Decimal) -> Decimal {
    guard whole.isPositive, let product = try? cost.multiplied(by: part, rounding: .halfEven) else { return .zero }
    return (try? product.divided(by: whole, rounding: .halfEven)) ?? .zero
  }
}
