import Basics
import Trading

/// An order of the log and the venue's order that it is.
public struct OrderMatch: Sendable {
  /// How the two found each other.
  public enum Ground: String, Sendable, CaseIterable {
    /// The bot's name for the order; the venue's; neither: symbol, side, amount and time, of which one fits or several do.
    case clientId = "client id", orderId = "venue id", alone = "symbol, side, amount and time"
    /// The same, where several fit.
    case nearest = "symbol, side, amount and time, the nearest of several"
  }

  /// Index in the session's beliefs; nil: the log has no such order.
  public var belief: Int?
  /// Index in the session's truths; nil: the venue has no such order.
  public var truth: Int?
  /// Nil where one side is missing.
  public var ground: Ground?
}

/// Finds for each order of the log the venue's.
struct OrderMatcher {
  private let session: FieldSession
  private var truthOf: [Int?]
  private var grounds: [OrderMatch.Ground?]
  private var isTaken: [Bool]
  private(set) var clock: ClockOffset
  private let isClockKnown: Bool

  /// Seconds between a log's and a venue's word on one order at most, once the clocks agree.
  private static let window = 30.0

  /// - Parameter clock: what is known of the clocks already; nil: nothing.
  init(_ session: FieldSession, clock: ClockOffset?) {
    self.session = session
    self.clock = clock ?? ClockOffset()
    isClockKnown = clock != nil
    truthOf = Array(repeating: nil, count: session.beliefs.count)
    grounds = Array(repeating: nil, count: session.beliefs.count)
    isTaken = Array(repeating: false, count: session.truths.count)
  }

  /// All orders of both sides, each once: the log's in their order, then what only the venue has.
  mutating func matches() -> [OrderMatch] {
    for (at, truth) in session.truths.enumerated() {
      if let belief = truth.belief { take(belief, at, .alone) }
    }
    byName(\.clientId, \.clientId, .clientId)
    byName(\.orderId, \.orderId, .orderId)
    let named = pairs
    if !isClockKnown {
      clock = named.isEmpty ? ClockOffset.voted(beliefKeys, truthKeys) : ClockOffset.measured(named)
    }
    byLikeness()
    var all: [OrderMatch] = []
    for at in session.beliefs.indices { all.append(OrderMatch(belief: at, truth: truthOf[at], ground: grounds[at])) }
    for at in session.truths.indices where !isTaken[at] { all.append(OrderMatch(belief: nil, truth: at, ground: nil)) }
    return all
  }

  private var pairs: [(log: Instant, venue: Instant)] {
    session.beliefs.indices.compactMap { at in
      guard let truth = truthOf[at], let log = session.beliefs[at].sent, let venue = session.truths[truth].placed else {
        return nil
      }
      return (log.time, venue.time)
    }
  }

  private mutating func byName(
    _ believed: KeyPath<BeliefOrder, String>, _ true: KeyPath<TruthOrder, String>, _ ground: OrderMatch.Ground
  ) {
    var byName: [String: [Int]] = [:]
    for (at, truth) in session.truths.enumerated() where !isTaken[at] && !truth[keyPath: `true`].isEmpty {
      byName[truth[keyPath: `true`], default: []].append(at)
    }
    for (at, belief) in session.beliefs.enumerated() where truthOf[at] == nil && !belief[keyPath: believed].isEmpty {
      let free = (byName[belief[keyPath: believed]] ?? []).filter { !isTaken[$0] }
      // One name may be two orders' where two sessions stand in one file.
      let alike = free.first { at in
        let truth = session.truths[at]
        return (truth.symbol.isEmpty || belief.symbol.isEmpty || truth.symbol == belief.symbol)
          && (truth.side == nil || belief.side == nil || truth.side == belief.side)
      }
      guard let found = alike ?? free.first else { continue }
      take(at, found, ground)
    }
  }

  private mutating func take(_ belief: Int, _ truth: Int, _ ground: OrderMatch.Ground) {
    truthOf[belief] = truth
    grounds[belief] = ground
    isTaken[truth] = true
  }

  static func key(_ symbol: String, _ side: Side?) -> String { "\(symbol) \(side?.rawValue ?? "")" }

  private var beliefKeys: [(key: String, time: Instant)] {
    session.beliefs.compactMap { order in order.sent.map { (Self.key(order.symbol, order.side), $0.time) } }
  }

  private var truthKeys: [(key: String, time: Instant)] {
    session.truths.compactMap { order in order.placed.map { (Self.key(order.symbol, order.side), $0.time) } }
  }

  /// Orders that no name connects. Where names connect the others, one that has a name and no partner has none at all.
  private mutating func byLikeness() {
    let named = truthOf.indices.filter { truthOf[$0] != nil }.count
    let namesTell = named * 2 >= session.beliefs.count && named > 0
    var open: [String: [Int]] = [:]
    for (at, truth) in session.truths.enumerated() where !isTaken[at] {
      if namesTell, !truth.clientId.isEmpty { continue }
      open[Self.key(truth.symbol, truth.side), default: []].append(at)
    }
    for (at, belief) in session.beliefs.enumerated() where truthOf[at] == nil {
      if namesTell, !belief.clientId.isEmpty || !belief.orderId.isEmpty { continue }
      guard let sent = (belief.sent ?? belief.last).map({ clock.venueTime($0.time) }) else { continue }
      let candidates = (open[Self.key(belief.symbol, belief.side)] ?? []).filter { truth in
        guard !isTaken[truth], let placed = session.truths[truth].placed else { return false }
        return abs((placed.time - sent).seconds) <= Self.window && fits(belief, session.truths[truth])
      }
      let nearest = candidates.min { a, b in distance(a, sent) < distance(b, sent) }
      guard let nearest else { continue }
      take(at, nearest, candidates.count == 1 ? .alone : .nearest)
    }
  }

  private func distance(_ truth: Int, _ time: Instant) -> Double {
    session.truths[truth].placed.map { abs(($0.time - time).seconds) } ?? .infinity
  }

  /// A log may hold the amount before it was rounded to the market's step.
  private func fits(_ belief: BeliefOrder, _ truth: TruthOrder) -> Bool {
    guard let ordered = belief.amount, let placed = truth.amount ?? truth.filled else { return true }
    if truth.isGuessed, truth.amount == nil { return placed <= ordered + Self.slack(ordered) }
    return (ordered - placed).magnitude <= Self.slack(ordered)
  }

  private static func slack(_ amount: Decimal) -> Decimal {
    (try? amount.magnitude.multiplied(by: Decimal(coefficient: 10_000_000_000), rounding: .up)) ?? .zero
  }
}
