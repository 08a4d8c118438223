import Basics
import Synchronization
import Trading
import TradingEngine

/// The bus as it was: every subscriber runs on the publisher's thread, so the main loop waits for the router.
private final class InlineBus: EventBus {
  private struct Subscriber {
    let topic: Topic
    let handler: @Sendable (EngineEvent) throws(Stopped) -> Void
  }

  private let subscribers = Mutex<[Subscriber]>([])

  func subscribe(
    _ topic: Topic, on lane: BusLane, _ handler: @escaping @Sendable (EngineEvent) throws(Stopped) -> Void
  ) {
    subscribers.withLock { $0.append(Subscriber(topic: topic, handler: handler)) }
  }

  func publish(_ event: EngineEvent) throws(Stopped) {
    for subscriber in subscribers.withLock({ $0 }) where subscriber.topic == event.topic {
      try subscriber.handler(event)
    }
  }

  /// There was no lane: the router had no thread.
  func serveRouterLane() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func close() throws(Stopped) {}

  func forgetHandlers() { subscribers.withLock { $0 = [] } }
}

/// The book as it was: it hears of fills only, and sweeps when a cycle happens to start at the right second.
private final class FillsOnlyBook: IntentBook {
  let bookkeeping: IntentBookkeeping
  private let cron: StaleCron

  /// - Parameter hearsFailures: from 4d0ef46 on the book subscribes to failures.
  init(_ parts: EngineAssembly, hearsFailures: Bool = false) {
    bookkeeping = IntentBookkeeping(parts)
    cron = StaleCron(parts)
    parts.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event else { return }
      try clear(filled.intentId, reason: .orderFilled)
    }
    guard hearsFailures else { return }
    let log = parts.events
    parts.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event else { return }
      try clear(failed.intentId, reason: .orderFailed)
      // exchange_error[:100]: None has no slice, and the handler's catch-all logged the TypeError.
      guard failed.reason == nil else { return }
      try log(
        .error, .eventHandlerFailed,
        [LogField(.topic, "order.failed"), LogField(.error, "TypeError: 'NoneType' object is not subscriptable")])
    }
  }

  /// An intent that nobody clears blocked no trade: limits counted positions and orders.
  func open() throws(Stopped) -> [PendingIntent] { try pending().filter { $0.progress.phase != .settling } }

  /// What the sweep removes counts as stale, not as cleared.
  @discardableResult
  func clear(_ id: String, reason: ClearReason) throws(Stopped) -> Bool {
    try bookkeeping.clear(id, reason: reason, isCounted: reason != .stale)
  }

  func cycleStarted(at time: Instant) throws(Stopped) {
    try cron.sweep(self, at: time) { item throws(Stopped) in try clear(item.intent.id, reason: .stale) }
  }
}

extension HistoricalBug {
  /// 9.2: intents of failed orders are never cleared.
  static let neverClearedIntents = HistoricalBug(
    id: "9.2", title: "intents of failed orders stay pending", standing: .observed,
    story: """
      After fifteen minutes of session 103545 state/engine_transient.json held 53 intents of orders that had long failed, \
      and no position. The engine subscribed to order.filled and to nothing that fails, so that only a sweep of intents \
      older than 60 s was left. The sweep ran only when a cycle of the main loop began within the first second of a 30 s \
      window; the router ran on the main loop, a failing order took it two to three seconds, and most windows passed \
      between two beginnings: 14 of 67 intents were swept. The bot's own analysis says that the sweep removed nothing; its \
      figures say otherwise. A sweep clears without asking the venue, and counts as no settlement. Not part of this \
      exhibit: the swept intents' budget was released twice (INT-2), since the engine's ledger cannot do that.
      """,
    evidence: [
      "session 103545: 67 reserved, 81 released, 53 pending; 67 + 14 = 81 and 67 - 14 = 53",
      "topics subscribed before 4d0ef46: order.intent, order.filled, market.snapshots, EXIT_FILLED",
      "the sweep's condition: cycle_start % 30 < 1.0, threshold 60 s, on the main loop",
      "dumps of aea7fb8 show TradingEngine-Main inside the router's pauses and create_order",
      "4d0ef46 subscribed to order.failed, but its router threw an AttributeError before publishing it",
      "the same commit sliced exchange_error[:100] in the handler: None for a canceled order, a TypeError after the clear",
      "663a8f2 gave the router's logger the missing method; only then was order.failed published",
    ],
    provokedBy: ["insufficient-balance"],
    revisions: [
      Revision("original", "nobody clears after order.failed; a sweep on the blocked main loop removes a few") {
        $0.bus = { _ in InlineBus() }
        $0.intents = { FillsOnlyBook($0) }
        $0.router = { ReleasingRouter($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      Revision(
        "4d0ef46",
        "the book subscribes to order.failed; the router calls a method its logger lacks and never publishes it"
      ) {
        $0.bus = { _ in InlineBus() }
        $0.intents = { FillsOnlyBook($0, hearsFailures: true) }
        $0.router = { UnheardRouter($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      Revision(
        "663a8f2", "the logger has the method; the book clears, then slices an error text that a canceled order lacks"
      ) {
        $0.bus = { _ in InlineBus() }
        $0.intents = { FillsOnlyBook($0, hearsFailures: true) }
        $0.router = { ReleasingRouter($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      .fixed("the book hears of every end of an order and clears the intent at once; the router has its own thread"),
    ],
    landmarks: [.orderRefused], signature: .intentsSettled,
    consequences: [.budgetBalances, .noDuplicateOrders, .noFutileRetries, .ordersExpire, .exitsOffered],
    promises: [.decisionsOnTime],
    effects: [
      PartEffect("9.2/reconciler", turns: "9.2", .green, why: "a failure that is told needs nobody who asks"),
      PartEffect(
        "9.2/reconciler", turns: "9.2-residue/dropped-fills", .red, why: "nobody asks what became of a silent order"),
      PartEffect("9.2/reconciler", turns: "FILL-1", .either, why: "a reply without a fee is asked for again by nobody"),
      PartEffect(
        "9.2/intents", turns: "9.2-residue", .either, why: "a swept intent frees its symbol while its order lives"),
      PartEffect("9.2/intents", turns: "FILL-1", .either, why: "a swept intent frees its symbol while its order lives"),
      PartEffect("9.2/intents", turns: "DUP-2", .either, why: "an intent that settles counts for no limit"),
      PartEffect(
        "9.2/intents", turns: "INT-2", .either, why: "it gives a swept intent's budget back as well: 67 + 14 = 81"),
      PartEffect("9.2/intents", turns: "C-PORT-03", .either, why: "it gives a swept intent's budget back as well"),
      PartEffect("9.2/intents", turns: "PRE-1", .either, why: "a swept intent frees its symbol while its order lives"),
      PartEffect("9.2", turns: "R-1", .either, why: "a swept intent frees its symbol while its order lives"),
      PartEffect("9.2", turns: "9.2-residue", .either, why: "its sweep and its absent reconciler are there too"),
      PartEffect("9.2", turns: "FILL-1", .either, why: "its sweep and its absent reconciler are there too"),
    ],
    fieldSigns: """
      pending_buy_intents in state/engine_transient.json grows with every ORDER_FAILED and nearly never shrinks; now and \
      then a STALE_INTENT_CLEANUP in the first second of a half minute; cycles of the main loop last 2 to 5 s
      """,
    inTheField: FieldHypothesis(predicts: [.failedStayPending], allows: [.staleSweep, .refusedRetried]),
    scenario: { neverClearedMarket.scenario($0) })

  /// Two drops before the fault, one every 6 s under it, one after it; failed entries are tried again after 20 s.
  private static let neverClearedMarket = ProofMarket(
    name: "long-failing-entries", duration: .seconds(240),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(9_999), count: 2),
      .init(from: .seconds(27), every: .seconds(6), count: 22),
      .init(from: .seconds(180), every: .seconds(5), count: 1),
    ],
    settings: [
      (.maxConcurrentPositions, "100"), (.sl, "0.5"), (.symbolCooldownAfterFailedOrderS, "20"),
      (.exitRetryS, "20"), (.traceSampleRate, "0.01"),
    ])
}
