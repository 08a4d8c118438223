public import Basics
public import Trading

/// Orders of one pair and side, one after the other, where one would have done.
public struct DoubledOrders: Sendable {
  /// `BASE/QUOTE`.
  public var symbol: String
  /// Which way.
  public var side: Side
  /// Indices of the matches, in the order of time.
  public var matches: [Int]
  /// By the log where it tells, else by the venue.
  public var times: [Instant]

  /// From the first to the last of them, those in between that came to nothing included.
  public var attempts: [Instant] = []

  /// Seconds between one attempt and the next: how long a round of the bot takes.
  public var rounds: [Double] { zip(attempts, attempts.dropFirst()).map { ($1 - $0).seconds } }

  /// Seconds between one and the next.
  public var gaps: [Double] { zip(times, times.dropFirst()).map { ($1 - $0).seconds } }

  /// Seconds after which another order is one for another signal.
  private static let apart = 30.0

  /// An order that the venue refused, or ended without a fill before the next was sent, is no double: it is a retry.
  static func all(in session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset) -> [DoubledOrders] {
    struct Item {
      var match: Int
      var time: Instant
      var symbol: String
      var side: Side
      var isVoid: Bool
      /// When it ended with a part filled: what follows then buys the rest.
      var partEnded: Instant?
    }
    let hasLog = session.files.contains { $0.side == .log }
    var items: [Item] = []
    for (at, match) in matches.enumerated() {
      let belief = match.belief.map { session.beliefs[$0] }
      let truth = match.truth.map { session.truths[$0] }
      // Beside a log of orders, what it does not have was no order of its strategy.
      if belief == nil, truth?.isOwnCall == true, !hasLog || !session.beliefs.isEmpty { continue }
      guard let side = truth?.side ?? belief?.side,
        let time = belief?.sent.map({ clock.venueTime($0.time) }) ?? truth?.placed?.time
      else { continue }
      let symbol = truth.map(\.symbol) ?? belief?.symbol ?? ""
      let state = truth?.state
      // What never reached the venue buys nothing.
      let isVoid =
        state == .failed || state == .canceled || (truth == nil && (session.knowsOrders || belief?.failed != nil))
      items.append(
        Item(
          match: at, time: time, symbol: symbol, side: side, isVoid: isVoid,
          partEnded: state == .partly ? truth?.last?.time : nil))
    }
    items.sort { ($0.time, $0.match) < ($1.time, $1.match) }
    var runs: [String: DoubledOrders] = [:]
    var partEnds: [String: Instant] = [:]
    var found: [DoubledOrders] = []
    let voids = Dictionary(grouping: items.filter(\.isVoid)) { "\($0.symbol) \($0.side)" }
    func close(_ symbol: String) {
      guard var run = runs.removeValue(forKey: symbol), run.matches.count > 1 else { return }
      let between = (voids["\(symbol) \(run.side)"] ?? []).map(\.time)
      run.attempts = (run.times + between.filter { $0 > run.times[0] && $0 < run.times[run.times.count - 1] }).sorted()
      found.append(run)
    }
    for item in items where !item.isVoid && !item.symbol.isEmpty {
      let isOver = partEnds.removeValue(forKey: item.symbol).map { $0 <= item.time } ?? false
      partEnds[item.symbol] = item.partEnded
      if let run = runs[item.symbol],
        isOver || run.side != item.side || (run.times.last.map { (item.time - $0).seconds } ?? 0) > apart
      {
        close(item.symbol)
      }
      runs[item.symbol, default: DoubledOrders(symbol: item.symbol, side: item.side, matches: [], times: [])].matches
        .append(item.match)
      runs[item.symbol]?.times.append(item.time)
    }
    for symbol in runs.keys.sorted() { close(symbol) }
    return found.sorted { ($0.times[0], $0.symbol) < ($1.times[0], $1.symbol) }
  }
}
