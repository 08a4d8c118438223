import Basics
import Trading

/// What a bot believed against what the venue did.
public struct Reconciliation: Sendable {
  /// One row of the table.
  public struct Row: Sendable {
    /// Such as `filled`.
    public var name: String
    /// By the log.
    public var log: Int
    /// By the venue's word.
    public var venue: Int
    /// Of `venue`: whether balances show that it is more, or that some are counted elsewhere.
    public var bound = FieldMoney.Bound.exact
  }

  /// What was read; loose trades are given to orders.
  public let session: FieldSession
  /// Every order of both sides, once.
  public let matches: [OrderMatch]
  /// The log's clock against the venue's.
  public let clock: ClockOffset
  /// What balances show of fills that nobody asked for.
  public let inferred: [InferredFills]
  /// Runs of orders for one signal.
  public let doubled: [DoubledOrders]
  /// In the order of kinds, then of time.
  public let disagreements: [Disagreement]
  /// What the files do not tell, and what was noticed while they were read.
  public let notes: [String]

  /// Compares the two sides of a session.
  public init(_ read: FieldSession) {
    let (placed, tradeClock) = LooseTrades.placed(in: read)
    var matcher = OrderMatcher(placed, clock: tradeClock)
    matches = matcher.matches()
    clock = matcher.clock
    let session = clock.applied(to: placed)
    self.session = session
    inferred = InferredFills.all(in: session, matches, clock)
    doubled = DoubledOrders.all(in: session, matches, clock)
    var reconciler = Reconciler(session, matches, clock, inferred, doubled)
    let kinds = Disagreement.Kind.allCases
    let all = reconciler.run()
    disagreements = kinds.flatMap { kind in all.filter { $0.kind == kind } }
    notes = SessionNotes.all(of: session, matches, clock)
  }

  /// Orders of the bot's own record of calls that its order log does not have.
  public var unlogged: [TruthOrder] {
    matches.compactMap { match in
      guard match.belief == nil, let at = match.truth, session.truths[at].isOwnCall else { return nil }
      return session.truths[at]
    }
  }

  /// Orders whose end nobody tells.
  public var unknown: Int { rows.first { $0.name == OrderState.unknown.rawValue }?.venue ?? 0 }

  /// Sent, acknowledged and the ends of the orders, on both sides.
  public var rows: [Row] {
    let beliefs = session.beliefs
    let truths = matches.compactMap { match -> TruthOrder? in
      guard let at = match.truth else { return nil }
      return match.belief == nil && session.truths[at].isOwnCall ? nil : session.truths[at]
    }
    let seen = inferred.reduce(0) { $0 + $1.count + $1.booked }
    let isBound = inferred.contains { $0.count > 0 }
    var rows = [
      Row(name: "sent", log: beliefs.count { $0.sent != nil }, venue: truths.count),
      Row(
        name: "acknowledged", log: beliefs.count { $0.acknowledged != nil || !$0.orderId.isEmpty },
        venue: truths.count { $0.state != .failed || !$0.orderId.isEmpty }),
    ]
    for state in [OrderState.filled, .partly, .canceled, .failed, .open, .unknown] {
      var row = Row(
        name: state == .partly ? "partly filled" : state.rawValue, log: beliefs.count { $0.state == state },
        venue: truths.count { $0.state == state })
      if state == .filled, seen > 0 {
        row.venue += seen
        if isBound { row.bound = .atLeast }
      }
      if state == .unknown, seen > 0, row.venue > 0 {
        row.venue = max(0, row.venue - seen)
        if isBound { row.bound = .atMost }
      }
      if row.log > 0 || row.venue > 0 || state != .open { rows.append(row) }
    }
    return rows
  }

  /// Sums by kind and asset, in the order of kinds; each amount is counted under one kind.
  public var sums: [(kind: Disagreement.Kind, money: FieldMoney)] {
    var sums: [(kind: Disagreement.Kind, money: FieldMoney)] = []
    for entry in disagreements {
      guard let money = entry.money, money.bound != .unknown else { continue }
      if let at = sums.firstIndex(where: { $0.kind == entry.kind && $0.money.asset == money.asset }) {
        sums[at].money.amount += money.amount
        if money.bound != .exact { sums[at].money.bound = money.bound }
      } else {
        sums.append((entry.kind, money))
      }
    }
    return sums
  }

  /// What was filled and the bot does not know of, by asset.
  public var unseen: [FieldMoney] {
    let kinds: Set<Disagreement.Kind> = [.failureWasFill, .cancelWasFill, .fillUnseen, .bookedShort]
    var found: [FieldMoney] = []
    for sum in sums where kinds.contains(sum.kind) {
      if let at = found.firstIndex(where: { $0.asset == sum.money.asset }) {
        found[at].amount += sum.money.amount
        if sum.money.bound != .exact { found[at].bound = sum.money.bound }
      } else {
        found.append(sum.money)
      }
    }
    return found
  }

  /// Whether the files tell enough to say that the two sides agree.
  public var isEnough: Bool {
    let hasTruth = session.files.contains { $0.side == .truth }
    let hasLog = session.files.contains { $0.side == .log }
    return hasTruth && hasLog && unknown == 0 && !(session.beliefs.isEmpty && session.truths.contains { !$0.isOwnCall })
  }

  /// 0: they agree; 1: they do not; 3: the files do not tell.
  public var exitCode: Int32 {
    if !disagreements.isEmpty { return ExitCode.failed }
    return isEnough ? ExitCode.pass : ExitCode.inconclusive
  }
}
