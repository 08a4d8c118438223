import Basics
import Synchronization
import Trading

/// Looks after every order that is silent, unknown or old; nothing is cleared without the venue's word, or a loud one of its own.
///
/// Each order that needs the venue is looked after by a thread of its own, so that none waits for another's answer.
final class QueryingReconciler: Reconciler {
  /// Time between two looks at the intents.
  private static let interval = Duration.milliseconds(500)
  /// Times at least that the venue may not know an order that it never named: its placing may still be on the way.
  private static let notFoundMin = 3
  /// Orders that are asked for at the same time, and as many that are taken back.
  private static let threadsMax = 8

  private struct FollowUp: Equatable {
    let id: String
    let isCancel: Bool
  }

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let intents: any IntentBook
  private let router: any OrderRouter
  private let fills: any FillHandler
  private let threads: OrderThreads
  /// Of their own, so that questions that hang hold up no sale that waits for a cancel.
  private let cancelThreads: OrderThreads
  /// What threads look after, by id: each has one at most, and an order whose question is not answered one more that takes it
  /// back.
  private let underWay = Mutex<[FollowUp]>([])
  private let lost: LostOrders
  private let fees: FeeLookup

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    intents = parts.intents
    router = parts.router
    fills = parts.fills
    lost = parts.lostOrders
    fees = FeeLookup(parts)
    threads = OrderThreads(context, .orderFollowUp, threadsMax: Self.threadsMax)
    cancelThreads = OrderThreads(context, .orderFollowUp, threadsMax: Self.threadsMax)
  }

  func run() throws(Stopped) {
    while try !context.stopping.wait(until: context.runtime.now + Self.interval) { try sweep() }
    try threads.close()
    try cancelThreads.close()
  }

  func sweep() throws(Stopped) {
    var stale: [String] = []
    if context.pauses.isPaused(at: context.runtime.now) { return }
    for item in try intents.pending() {
      switch OrderNeed(of: item, at: context.runtime.now, context.settings, resumed: context.pauses.end) {
      case .nothing: continue
      case .query:
        context.runtime.landmark(.silentOrder)
        try lookAfter(item, .query) { [self] (item) throws(Stopped) in try query(item) }
      case .cancel: try lookAfter(item, .cancel) { [self] (item) throws(Stopped) in try cancel(item) }
      case .outcomeUnknown: try intents.update(item.intent.id) { if $0.phase == .placing { $0.phase = .unknown } }
      case .failAsStale: if try fail(item) { stale.append(item.intent.id) }
      case .clearAsStale: if try clear(item) { stale.append(item.intent.id) }
      case .giveUp: try giveUp(item)
      }
    }
    if !stale.isEmpty {
      try log(
        .warning, .staleIntentCleanup,
        [LogField(.count, .integer(stale.count)), LogField(.intents, .texts(stale))])
    }
    for intent in lost.due(at: context.runtime.now) {
      try lookAfter(intent.id) { [self] () throws(Stopped) in try search(for: intent) }
    }
    try lookAtAccount()
  }

  /// What is no pending order: fees that nobody told, and orders of somebody else's.
  private func lookAtAccount() throws(Stopped) {
    let now = context.runtime.now
    for item in try fees.due(at: now) {
      try lookAfter(item.intent.id) { [self] () throws(Stopped) in
        let report = try fees.completed(FeeLookup.report(of: item, at: context.runtime.now))
        if report.fee != nil { try fills.apply(report, from: .query) }
      }
    }
    if context.foreignOrders.isInDoubt(at: now) {
      try lookAfter("open orders") { [self] () throws(Stopped) in
        // Not before: while an answer is under way the next doubt has to wait for its turn.
        guard context.foreignOrders.takeDoubt(at: context.runtime.now) else { return }
        do throws(Stopped) {
          try takeCensus()
        } catch {
          context.foreignOrders.doubt(afterFailureAt: context.runtime.now)
          throw error
        }
      }
    }
    for report in context.foreignOrders.due(at: now) {
      try lookAfter(report.orderId) { [self] () throws(Stopped) in try cancel(foreign: report) }
    }
  }

  /// The second source of which orders there are.
  private func takeCensus() throws(Stopped) {
    guard case .success(let reports) = try gate.openOrders() else {
      return context.foreignOrders.doubt(afterFailureAt: context.runtime.now)
    }
    for report in reports { try fees.book(report, from: .query, by: fills) }
  }

  private func cancel(foreign report: OrderReport) throws(Stopped) {
    switch try gate.cancelOrder(symbol: report.symbol, clientOrderId: report.clientOrderId) {
    case .success(let end):
      context.foreignOrders.forget(report)
      try log.foreign(end)
    case .failure(.venue(let error)) where error.kind == .unknownOrder: context.foreignOrders.forget(report)
    case .failure: break
    }
  }

  /// An order that another thread has looked after since the sweep's look needs nothing any more. It is taken back beside a
  /// question about it that is not answered: a position may wait for that to be sold.
  private func lookAfter(
    _ item: PendingIntent, _ need: OrderNeed, _ work: @escaping @Sendable (PendingIntent) throws(Stopped) -> Void
  ) throws(Stopped) {
    try lookAfter(item.intent.id, isCancel: need == .cancel) { [self] () throws(Stopped) in
      guard let item = try intents.find(item.intent.id),
        OrderNeed(of: item, at: context.runtime.now, context.settings, resumed: context.pauses.end) == need
      else { return }
      try work(item)
    }
  }

  private func lookAfter(
    _ id: String, isCancel: Bool = false, _ work: @escaping OrderThreads.Work
  ) throws(Stopped) {
    let own = FollowUp(id: id, isCancel: isCancel)
    let isFree = underWay.withLock { all in
      if all.contains(where: { $0.id == id && ($0.isCancel || !isCancel) }) { return false }
      all.append(own)
      return true
    }
    guard isFree else { return }
    try (isCancel ? cancelThreads : threads).run { [self] () throws(Stopped) in
      defer { underWay.withLock { $0.removeAll { $0 == own } } }
      try work()
    }
  }

  // MARK: Orders that came to nothing

  private func fail(_ item: PendingIntent) throws(Stopped) -> Bool {
    try router.fail(item.intent.id, .stale)
    guard try intents.find(item.intent.id) == nil else { return false }
    context.metrics.recordStaleIntent(ageSeconds: (context.runtime.now - item.intent.startedAt).seconds)
    return true
  }

  private func clear(_ item: PendingIntent) throws(Stopped) -> Bool {
    guard try intents.clear(item.intent.id, reason: .stale) else { return false }
    context.metrics.recordStaleIntent(ageSeconds: (context.runtime.now - item.intent.startedAt).seconds)
    return true
  }

  /// The order may live: its symbol stays closed until the venue tells its end.
  private func giveUp(_ item: PendingIntent) throws(Stopped) {
    lost.watch(item.intent, wasTaken: true, at: context.runtime.now)
    guard try intents.clear(item.intent.id, reason: .lost) else { return lost.forget(item.intent) }
    try log.lost(item)
  }

  // MARK: Orders at the venue

  private func query(_ item: PendingIntent) throws(Stopped) {
    let intent = item.intent
    let reply = try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
    let now = context.runtime.now
    try intents.update(intent.id) { progress in
      progress.askedAt = now
      progress.isDoubted = false
    }
    switch reply {
    case .success(let report):
      if !report.status.isTerminal { context.runtime.landmark(.orderStillOpen) }
      if item.progress.phase == .unknown {
        try log(
          .info, .reconcileUnknownResolved,
          [
            LogField(.clientOrderId, .text(intent.clientOrderId)),
            LogField(.status, .text(report.status.rawValue)),
          ])
      }
      try fees.book(report, from: .query, by: fills)
    case .failure(.venue(let error)) where error.kind == .unknownOrder: try notFound(intent)
    case .failure: break
    }
  }

  /// An order that the venue has named exists, whatever a query says: it is asked for until it is given up aloud. One that was
  /// never named may have been taken all the same, and its query may lag: a purchase has its whole time to turn up, and a sale
  /// fails when its coins are still there.
  private func notFound(_ intent: OrderIntent) throws(Stopped) {
    let item = try intents.update(intent.id) { $0.notFoundCount += 1 }
    guard let progress = item?.progress else { return }
    if progress.orderId != nil { return context.runtime.landmark(.takenOrderUnknown) }
    let now = context.runtime.now
    guard progress.notFoundCount >= Self.notFoundMin else { return }
    switch intent.side {
    case .buy: guard now - (progress.placedAt ?? intent.startedAt) > context.settings.orderTimeToLive else { return }
    case .sell: guard try isUnsold(intent) else { return }
    }
    lost.watch(intent, wasTaken: false, at: now)
    try router.fail(intent.id, .notFound)
  }

  private func cancel(_ item: PendingIntent) throws(Stopped) {
    let intent = item.intent
    let now = context.runtime.now
    try intents.update(intent.id) { progress in
      progress.cancelCount += 1
      progress.canceledAt = now
    }
    switch try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report): try fees.book(report, from: .cancelReply, by: fills)
    case .failure(let failure) where failure.failureClass == .limit: return
    // Whether it ended already, never was, or lives on: the query tells, unless one beside has settled that meanwhile. While
    // it lives the cancel comes again.
    case .failure: if let item = try intents.find(intent.id) { try query(item) }
    }
  }

  private func search(for intent: OrderIntent) throws(Stopped) {
    switch try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId) {
    case .success(let report):
      try take(report, of: intent)
      guard !report.status.isTerminal else { return }
      let canceled = try gate.cancelOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
      if case .success(let report) = canceled { try take(report, of: intent) }
    case .failure(.venue(let error)) where error.kind == .unknownOrder:
      if intent.side == .sell, try isUnsold(intent) {
        lost.forget(intent)
        try router.fail(intent.id, .notFound)
      }
    case .failure: break
    }
  }

  private func take(_ report: OrderReport, of intent: OrderIntent) throws(Stopped) {
    try fees.book(report, from: .query, by: fills)
    if report.status.isTerminal { lost.forget(intent) }
  }

  /// A sale that the venue does not know, while all of its coins are free, neither rests nor was filled. Coins that the account
  /// had before may hide a filled one; the next sale is then refused, or sells those.
  private func isUnsold(_ intent: OrderIntent) throws(Stopped) -> Bool {
    guard case .success(let balances) = try gate.balances() else { return false }
    context.toldBalances.heard(balances)
    let free = balances.first { $0.asset == intent.symbol.base }?.free ?? .zero
    return free >= intent.quantity
  }
}
