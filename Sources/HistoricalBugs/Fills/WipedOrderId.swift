import Basics
import Trading
import TradingEngine

/// FILL-3 as it was: the entry action of WAIT_FILL copies the context's empty order id over the one just stored.
private final class WipingRouter: OrderRouter {
  private let context: EngineContext
  private let placing: OrderPlacing
  private let log: EventLog
  private let gate: any ExchangeGate
  private let intents: any IntentBook

  init(_ parts: EngineAssembly) {
    context = parts.context
    placing = OrderPlacing(parts)
    log = parts.events
    gate = parts.exchange
    intents = parts.intents
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    let now = context.runtime.now
    let item = try intents.update(intent.id) { progress in
      guard progress.phase == .created else { return }
      progress.phase = .placing
      progress.attempts = 1
      progress.lastNews = now
    }
    guard item?.progress.phase == .placing else { return }
    switch try gate.placeOrder(intent.request) {
    case .success: try waitForFill(intent)
    case .failure(.venue(let error)): try fail(intent.id, OrderFailure(error))
    case .failure(.unknownOutcome(let why)):
      try fail(intent.id, OrderFailure(code: "UNKNOWN", text: "UnknownOutcome:UNKNOWN:\(why)"))
    }
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try placing.fail(id, failure)
  }

  /// The reply's order id is gone before anybody reads it; the field's line has the same empty text.
  private func waitForFill(_ intent: OrderIntent) throws(Stopped) {
    try log(
      .info, .fsmTransition,
      [
        LogField(.symbol, .symbol(intent.symbol)), LogField(.from, "place_buy"), LogField(.to, "wait_fill"),
        LogField(.event, EventName.buyOrderPlaced.rawValue), LogField(.orderId, ""),
      ])
    let now = context.runtime.now
    try intents.update(intent.id) { progress in
      progress.orderId = nil
      if progress.phase == .placing { progress.phase = .acknowledged }
      progress.lastNews = now
    }
  }
}

/// DUP-1 as it was: the time of the decision is part of the key, so no key ever comes twice.
private final class ClockedIds: ClientIdMaker {
  private let context: EngineContext

  init(_ parts: EngineAssembly) { context = parts.context }

  func clientOrderId(symbol: Symbol, side: Side, decision: Int) -> String {
    let milliseconds = context.runtime.now.nanoseconds / 1_000_000
    // The field's ids were longer than the 32 characters that the venue takes by now.
    return String("\(side == .buy ? "b" : "s")-\(symbol.base)-\(milliseconds)".suffix(32))
  }
}

extension HistoricalBug {
  /// FILL-3 with DUP-1: the order id is wiped, and the key contains the time.
  static let wipedOrderId = HistoricalBug(
    id: "FILL-3", aliases: ["DUP-1"], title: "order id wiped, clock in the key: many orders for one signal",
    standing: .observed,
    story: """
      Field session a: AIX fell through its trigger, and the bot sent eight orders in 14.3 s, one per round of its engine. \
      The venue's reply named the order; the transition to WAIT_FILL then ran an entry action that copied the context's \
      order id, still empty, over it. The next look found no id, called that an error and went back to IDLE: all eight \
      orders were forgotten, none was ever asked for. The signal still stood, so each round decided afresh, and the key that \
      should have stopped a second order had the decision's time in it and could not repeat. Dropping the milliseconds \
      (c0a64fe) changed nothing, because the decision's number is new each round too: session d has 11 orders in 20.5 s.
      """,
    evidence: [
      "session a: 8 AIX orders in 14.3 s, 1.90 to 2.17 s apart; no fetch_order for any; 8 ERROR lines (no order id)",
      "phase log of session a: place_buy to wait_fill, event BUY_ORDER_PLACED, order_id empty",
      "session a: 17.73 AIX and -37.00 USDT at the venue after 131 s; the bot: budget 123.71, 0 positions",
      "client ids: buy_AIX/USDT_d_ed62e054abdb_1762074879172 (0b2bed3); without the clock from c0a64fe on",
      "fixed by storing the id and reading it back (3 stages of 250 ms); the wipe itself stayed: 10 readings in session d",
    ],
    provokedBy: .condition(
      ProvokingCondition(
        "a signal outlives the round that bought it (14 s, rounds of 2 s)",
        checks: [.intentsSettled, .budgetBalances]
      ) { shortSignals.scenario($0) }),
    revisions: [
      Revision("original", "forgets the order's id when it begins to wait, then the order; the key contains the time") {
        $0.router = { WipingRouter($0) }
        $0.clientIds = { ClockedIds($0) }
        $0.fills = { PolledFills($0) }
        $0.reconciler = { IdlessWait.reconciler($0) }
      },
      Revision("c0a64fe", "the key is free of the clock, but the decision's number is new each round") {
        $0.router = { WipingRouter($0) }
        $0.fills = { PolledFills($0) }
        $0.reconciler = { IdlessWait.reconciler($0) }
      },
      .fixed(
        "an order is known by its client id from before it is sent; a symbol with an order or a position is not bought"),
    ],
    landmarks: [.signalAgain], signature: .noDuplicateOrders,
    consequences: [.positionsAgree, .exposureWithinLimits, .noLostOrder, .logComplete, .ordersExpire],
    promises: [.idempotentKeys],
    effects: [
      PartEffect("FILL-3", turns: "C-SERV-05", .either, why: "its router waits for fills while the engine ends"),
      PartEffect("FILL-3", turns: "H-SERV-05", .either, why: "its router waits for fills while the engine ends"),
      PartEffect("FILL-3/reconciler", turns: "BUD-4", .either, why: "a fill that is only polled is booked late"),
    ],
    fieldSigns: """
      one ORDER_SENT after the other for a symbol, about 2 s apart, and an ERROR line (no order id) for each; no \
      ORDER_FILLED; the venue fills them all
      """,
    inTheField: FieldHypothesis(
      predicts: [.noOrderId, .buysByRound, .fillUnseen],
      allows: [.boughtAgain, .committedBeyondCost, .nameOfEachDecision]),
    signs: { record in
      let most = FieldSigns.mostOrdersOfASignal(record)
      return [
        ("orders of one signal", most.count), ("ms between them", most.spacingMs),
        ("venue filled", FieldSigns.venueFilled(record)), ("positions at end", FieldSigns.positionsAtEnd(record)),
      ]
    },
    scenario: { longSignals.scenario($0) })

  private static let longSignals = signals(lasting: .seconds(14))
  private static let shortSignals = signals(lasting: .seconds(1))

  /// A drop every 2.5 s; quotes every half second, rounds of 2 s.
  private static func signals(lasting: Duration) -> ProofMarket {
    ProofMarket(
      name: "signals", duration: .seconds(60),
      waves: [
        .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1, lasts: lasting),
        .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 13, lasts: lasting),
      ],
      pollInterval: .milliseconds(500),
      settings: [
        (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.engineCycleMs, "2000"),
        (.mdPollMs, "500"), (.traceSampleRate, "0.01"),
      ])
  }
}

/// The next tick after the wipe.
private enum IdlessWait {
  static func reconciler(_ parts: EngineAssembly) -> WaitFill {
    let (context, log, intents) = (parts.context, parts.events, parts.intents)
    return WaitFill(parts) { item throws(Stopped) in
      guard item.progress.orderId == nil else { return true }
      guard try intents.settle(item.intent.id) != nil else { return false }
      context.runtime.landmark(.signalAgain)
      try log(
        .error, .errorOccurred,
        [
          LogField(.symbol, .symbol(item.intent.symbol)), LogField(.error, "no order id"),
          LogField(.from, "wait_fill"), LogField(.to, "idle"),
        ])
      try intents.clear(item.intent.id, reason: .orderFailed)
      return false
    }
  }
}
