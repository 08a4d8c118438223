import Basics
import Trading
import TradingEngine

/// 9.1 as it was: whatever the venue says, only the budget hears of it.
///
/// Every failure ends here, whoever finds it (router, user stream, reconciler, shutdown), so that no other part of the
/// engine writes ORDER_FAILED in its place. An order that the venue ended without a fill was a warning, never an error.
private final class SwallowingRouter: OrderRouter {
  private let sending: RetryLoop
  private let log: EventLog
  private let bus: any EventBus
  private let budget: any BudgetLedger
  private let intents: any IntentBook

  init(_ parts: EngineAssembly) {
    sending = RetryLoop(parts)
    log = parts.events
    bus = parts.bus
    budget = parts.budget
    intents = parts.intents
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    guard try sending.send(intent) != nil else { return }
    try giveUp(intent.id)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    let ends: [OrderStatus] = [.canceled, .partiallyCanceled, .expired]
    if ends.contains(where: { $0.rawValue == failure.code }), let item = try intents.find(id) {
      try log.order(
        .warning, .orderCanceled, [LogField(.clientOrderId, .text(item.intent.clientOrderId))])
    }
    try giveUp(id)
  }

  /// The event carries the intent's id alone: no reason, no code, no symbol.
  private func giveUp(_ id: String) throws(Stopped) {
    guard let failed = try intents.settle(id) else { return }
    try budget.release(failed.intent, reason: "order_router_release")
    try bus.publish(.orderFailed(OrderFailed(intentId: id)))
  }
}

extension HistoricalBug {
  /// 9.1: the order router fails without a word.
  static let silentRouter = HistoricalBug(
    id: "9.1", title: "order router fails silently", standing: .observed,
    story: """
      In fifteen minutes of session 103545 the bot submitted 67 orders, bought nothing, and wrote down no reason. The \
      router caught every exception of a send, tried four times without looking at the kind of error, then gave the budget \
      back with the reason order_router_release and went on: no ORDER_FAILED, no code, no text. The orders had most likely \
      been refused: the client order id was 42 characters long and the venue takes 32. Here the router still publishes a \
      bare order.failed with the intent's id. In history no path published it; the missing publication and the missing \
      subscription are both part of 9.2, so that each proof turns its own check red. The field's reservations and releases \
      also lacked the intent's id; the engine's ledger always writes it, which tells no reason either.
      """,
    evidence: [
      "session 103545: 67 ORDER_SENT, 0 ORDER_FILLED, 0 lines with ERROR, 67 BUDGET_RELEASED reason=order_router_release",
      "BUDGET_RESERVED to BUDGET_RELEASED took 2.89 s and 2.50 s: four sends of about 0.3 s, pauses of 0.4 s and 0.8 s",
      "before 4d0ef46 orders.jsonl knew no ORDER_FAILED and release() took neither error nor intent",
      "\"after 4 attempts\" with ROUTER_MAX_RETRIES 3: the counter went up before it was compared",
      "the first session with a client order id of 21 characters (ec5460e) had fills",
    ],
    provokedBy: ["insufficient-balance"],
    revisions: [
      Revision("original", "sends four times whatever the error, then releases the budget and says nothing") {
        $0.router = { SwallowingRouter($0) }
      },
      Revision(
        "4d0ef46",
        "releases with the reason, then calls a method that its logger lacks: still no ORDER_FAILED, and no event"
      ) {
        $0.router = { UnheardRouter($0) }
      },
      .fixed("every failure ends in one ORDER_FAILED at level ERROR with code and text, and in order.failed"),
    ],
    landmarks: [.orderRefused], signature: .errorsObservable,
    consequences: [.noLostOrder],
    effects: [
      PartEffect(
        "9.1/router", turns: "C-ADAPTER-01", .either, why: "an order without an answer ends without a word, too"),
      PartEffect("9.1/router", turns: "C-PORT-03", .either, why: "the rest of a partial fill ends without a word, too"),
      PartEffect(
        "9.1/router", turns: "9.2-residue", .either, why: "an order that is canceled ends without a word, too"),
      PartEffect("9.1/router", turns: "R-1", .either, why: "an order that is given up ends without a word, too"),
    ],
    fieldSigns: """
      ORDER_SENT grows, ORDER_FILLED does not, grep finds no ERROR; BUDGET_RESERVED and BUDGET_RELEASED \
      (order_router_release) follow each other about 2.3 s apart
      """,
    inTheField: FieldHypothesis(predicts: [.refusalsSilent], allows: [.refusedRetried]),
    scenario: { silentRouterMarket.scenario($0) })

  /// One drop per poll from 7.5 s to 40 s, a drop before and one after the fault.
  private static let silentRouterMarket = ProofMarket(
    name: "failing-entries", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 14),
      .init(from: .milliseconds(45_000), every: .milliseconds(2500), count: 1),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
