import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// BUD-4 as it was: fills of different symbols are booked on different threads, and one flag says that a transaction is open.
private final class TransactionalFills: FillHandler {
  /// Threads that book; a symbol's fills stay in order on one of them.
  private static let workers = 2
  private static let queueMax = 4096
  /// How often a worker looks for the end.
  private static let interval = Duration.milliseconds(500)

  private let context: EngineContext
  private let log: EventLog
  private let store: any StateStore
  private let inner: CumulativeFills
  private let queues: [Channel<UserEvent>]
  /// Whether the workers could be started.
  private let workers = Mutex<Result<Void, Stopped>>(.success(()))
  private let state = Mutex<(isOpen: Bool, stuck: Set<String>)>((false, []))

  init(_ parts: EngineAssembly) {
    let context = parts.context
    self.context = context
    log = parts.events
    store = parts.state
    inner = CumulativeFills(parts)
    queues = (0..<Self.workers).map { Channel(context.runtime, "symbol events \($0)", capacity: Self.queueMax) }
    let started = Result { () throws(Stopped) in
      for (number, queue) in queues.enumerated() {
        try context.threads.start("symbol-worker-\(number)") { [self] () throws(Stopped) in
          while !context.stopping.isDrained {
            if let event = try queue.receive(timeout: Self.interval) { try book(event) }
          }
        }
      }
    }
    workers.withLock { $0 = started }
  }

  func handle(_ event: UserEvent) throws(Stopped) {
    try workers.withLock { $0 }.get()
    guard let report = event.order, let market = context.markets.index(of: report.symbol) else { return }
    try queues[market % Self.workers].send(event)
  }

  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    guard !state.withLock({ $0.stuck.contains(report.clientOrderId) }) else { return }
    try inner.apply(report, from: source)
  }

  private func book(_ event: UserEvent) throws(Stopped) {
    guard case .trade(_, let report) = event else { return try inner.handle(event) }
    let id = report.clientOrderId
    guard !state.withLock({ $0.stuck.contains(id) }) else { return }
    guard try begin(id, report.symbol) else { return }
    defer { state.withLock { $0.isOpen = false } }
    try inner.handle(event)
    // The transaction ended with the ledger's save.
    try store.fillBooked()
  }

  /// Opens the transaction; false: another one is open, and the error leaves the order in WAIT_FILL for good.
  private func begin(_ id: String, _ symbol: Symbol) throws(Stopped) -> Bool {
    let isFirst = state.withLock { state in
      if state.isOpen {
        if state.stuck.count < Self.queueMax { state.stuck.insert(id) }
        return false
      }
      state.isOpen = true
      return true
    }
    if isFirst { return true }
    context.runtime.landmark(.fillsAtOnce)
    try log(
      .error, .errorOccurred,
      [
        LogField(.symbol, .symbol(symbol)), LogField(.clientOrderId, .text(id)),
        LogField(.error, "Nested transactions are not supported"), LogField(.from, "wait_fill"),
        LogField(.to, "wait_fill"),
      ])
    return false
  }
}

extension UserEvent {
  /// The order it is about; nil for balances.
  fileprivate var order: OrderReport? {
    switch self {
    case .accepted(let report), .canceled(let report), .trade(_, let report), .rejected(let report, _): report
    case .balance, .stream: nil
    }
  }
}

extension HistoricalBug {
  /// BUD-4: two fills at once, and a reservation for ever.
  static let nestedTransaction = HistoricalBug(
    id: "BUD-4", title: "two fills at once: a nested transaction, and a reservation for ever", standing: .observed,
    story: """
      Booking a fill was wrapped in a transaction, and whether one was open was a single flag for all symbols. When two \
      fills came at once the second found the flag set and raised "Nested transactions"; its order stayed in WAIT_FILL, \
      and so did its reservation: 74.40 USDT, for ever, since neither BUY_ABORTED nor ERROR nor CANCELED released it. The \
      fix (95a6766) drops the wrapper and keeps the reservation per coin. Which two threads met is not on record; here the \
      symbols are served by two, as the per-symbol locks of the bot suggest.
      """,
    evidence: [
      "95a6766: one _in_transaction flag shared by all symbols; \"Nested transactions...\" on the second concurrent fill",
      "74.40 USDT reserved and never released; the orders in WAIT_FILL",
      "no release on BUY_ABORTED, ERROR or CANCELED before that fix",
    ],
    inventions: [
      "two threads book fills, each for half of the symbols",
      "nobody asks again for an order whose booking failed (today's reconciler would)",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "two fills at once: orders of several symbols rest and are filled by one move",
        checks: [.positionsAgree, .intentsSettled, .noLostOrder]
      ) { apartMarket.scenario($0) }),
    revisions: [
      Revision("original", "one flag for all symbols: the second of two fills is an error, and its order is stuck") {
        $0.fills = { TransactionalFills($0) }
        $0.reconciler = { _ in AbsentReconciler() }
      },
      .fixed("fills are booked one after the other, each by what its order has filled in total"),
    ],
    landmarks: [.fillsAtOnce], signature: .budgetBalances,
    consequences: [.intentsSettled, .positionsAgree, .exitsOffered, .shutdownBounded, .logComplete],
    effects: [
      PartEffect(
        "BUD-4/reconciler", turns: "BUD-4", .green, why: "alone it asks nobody, and no fill is lost to ask about"),
      PartEffect("BUD-4/reconciler", turns: "9.2-residue", .either, why: "nobody asks what became of a silent order"),
    ],
    fieldSigns: """
      an ERROR line (Nested transactions) beside another symbol's ORDER_UPDATE; the order's BUDGET_RESERVED has no \
      BUDGET_RELEASED, and reserved never returns to 0
      """,
    inTheField: FieldHypothesis(predicts: [.nestedTransaction], allows: [.fillUnseen, .filledStaysPending]),
    signs: { record in
      [
        ("venue filled", FieldSigns.venueFilled(record)), ("stuck, USDT", FieldSigns.reservedAtEnd(record)),
        ("pending for ever", record.state?[.pendingBuyIntents]?.members?.count ?? 0),
      ]
    },
    scenario: { togetherMarket.scenario($0) })

  private static let togetherMarket = fills(positionSize: 40_000, every: .seconds(3), perSlot: 2)
  private static let apartMarket = fills(positionSize: 1_500, every: .milliseconds(2500), perSlot: 1)

  /// Two drops a slot, each larger than the book, so that both rest; or one that the first level fills.
  private static func fills(positionSize: Int, every: Duration, perSlot: Int) -> ProofMarket {
    ProofMarket(
      name: "fills", duration: .seconds(60),
      waves: [.init(from: .milliseconds(6001), every: every, count: 14, perSlot: perSlot)],
      balance: 1_000_000,
      settings: [
        (.positionSizeUsdt, "\(positionSize)"), (.maxPerSymbolUsd, "50000"), (.maxConcurrentPositions, "100"),
        (.tp, "2"), (.sl, "0.5"),
      ])
  }
}
