import Basics
import Trading

/// Gives trades that name no order, as exports of trades have them, to orders.
struct LooseTrades {
  private var session: FieldSession
  /// The log's clock against the venue's, where only trades tell it.
  private(set) var clock: ClockOffset?

  /// A venue writes whole seconds, and a log may be a little late.
  private static let early = 3.0
  /// Seconds from an order to its last trade, where the log does not say when it ended.
  private static let late = 3600.0
  /// Seconds between trades of one order that nobody knows.
  private static let apart = 2.0

  private init(_ session: FieldSession) { self.session = session }

  /// The session without loose trades, and the clock where they told it.
  static func placed(in session: FieldSession) -> (session: FieldSession, clock: ClockOffset?) {
    if session.looseTrades.isEmpty { return (session, nil) }
    var work = LooseTrades(session)
    work.place()
    return (work.session, work.clock)
  }

  private mutating func place() {
    let loose = session.looseTrades
    session.looseTrades = []
    let rest = toVenueOrders(loose)
    if rest.isEmpty { return }
    let logs = session.beliefs.compactMap { order in
      order.sent.map { (key: OrderMatcher.key(order.symbol, order.side), time: $0.time) }
    }
    let clock = ClockOffset.voted(logs, rest.map { (OrderMatcher.key($0.symbol, $0.side), $0.trade.mark.time) })
    if session.truths.isEmpty { self.clock = clock }
    toOthers(toLogOrders(rest, clock))
  }

  /// Trades of orders that the venue's own list has.
  private mutating func toVenueOrders(
    _ loose: [(symbol: String, side: Side, trade: TruthTrade)]
  ) -> [(symbol: String, side: Side, trade: TruthTrade)] {
    loose.filter { item in
      let found = session.truths.lastIndex { order in
        guard order.symbol == item.symbol, order.side == item.side, let placed = order.placed,
          let filled = order.toldFilled,
          (item.trade.mark.time - placed.time).seconds >= -Self.early
        else { return false }
        return order.trades.reduce(item.trade.quantity) { $0 + $1.quantity } <= filled
      }
      if let found { session.truths[found].trades.append(item.trade) }
      return found == nil
    }
  }

  private mutating func toLogOrders(
    _ loose: [(symbol: String, side: Side, trade: TruthTrade)], _ clock: ClockOffset
  ) -> [(symbol: String, side: Side, trade: TruthTrade)] {
    var made: [Int: Int] = [:]
    var byKey: [String: [Int]] = [:]
    for (at, order) in session.beliefs.enumerated() where order.sent != nil {
      byKey[OrderMatcher.key(order.symbol, order.side), default: []].append(at)
    }
    var rest: [(symbol: String, side: Side, trade: TruthTrade)] = []
    for item in loose {
      let candidates = (byKey[OrderMatcher.key(item.symbol, item.side)] ?? []).filter { at in
        fits(session.beliefs[at], item.trade, already: made[at].map { session.truths[$0] }, clock)
      }
      // What the bot booked as this much is this; else the order that was sent last.
      let booked = candidates.last { at in
        let has = made[at].map { session.truths[$0].filled ?? .zero } ?? .zero
        return session.beliefs[at].booked >= has + item.trade.quantity
      }
      guard let at = booked ?? candidates.last else {
        rest.append(item)
        continue
      }
      if made[at] == nil {
        made[at] = session.truths.count
        session.truths.append(guessed(item, belief: at))
      }
      if let truth = made[at] {
        session.truths[truth].trades.append(item.trade)
        session.truths[truth].last = item.trade.mark
      }
    }
    return rest
  }

  private func guessed(_ item: (symbol: String, side: Side, trade: TruthTrade), belief: Int?) -> TruthOrder {
    var order = TruthOrder()
    (order.symbol, order.side, order.placed, order.isGuessed) = (item.symbol, item.side, item.trade.mark, true)
    order.belief = belief
    order.amount = belief.flatMap { session.beliefs[$0].amount }
    return order
  }

  private func fits(_ order: BeliefOrder, _ trade: TruthTrade, already: TruthOrder?, _ clock: ClockOffset) -> Bool {
    guard let sent = order.sent.map({ clock.venueTime($0.time) }) else { return false }
    let after = (trade.mark.time - sent).seconds
    guard after >= -Self.early, after <= Self.late else { return false }
    if let end = (order.finals.last?.mark ?? order.canceled ?? order.failed).map({ clock.venueTime($0.time) }),
      (trade.mark.time - end).seconds > Self.late / 10
    {
      return false
    }
    guard let amount = order.amount else { return true }
    let total = (already?.filled ?? .zero) + trade.quantity
    let slack = (try? amount.multiplied(by: Decimal(coefficient: 10_000_000), rounding: .up)) ?? .zero
    return total <= amount + slack
  }

  /// Trades of orders that the log does not have: those of one pair and side within two seconds are one order.
  private mutating func toOthers(_ loose: [(symbol: String, side: Side, trade: TruthTrade)]) {
    var open: [String: Int] = [:]
    for item in loose {
      let key = OrderMatcher.key(item.symbol, item.side)
      if let at = open[key], let last = session.truths[at].last,
        (item.trade.mark.time - last.time).seconds <= Self.apart
      {
        session.truths[at].trades.append(item.trade)
        session.truths[at].last = item.trade.mark
      } else {
        open[key] = session.truths.count
        var order = guessed(item, belief: nil)
        order.trades = [item.trade]
        order.last = item.trade.mark
        session.truths.append(order)
      }
    }
  }
}
