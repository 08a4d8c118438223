import Basics
import Trading
import TradingEngine

/// R-1 as it is in the bot's last version: what is open after 2.5 s is sent again, and nothing is canceled.
///
/// The counter goes up before the limit is looked at, so ROUTER_MAX_RETRIES 3 means four sends. Source: HISTORY 2.3.
private final class ResendingRouter: OrderRouter {
  private static let waitForFill = Duration.milliseconds(2500)
  private static let poll = Duration.milliseconds(200)

  private let context: EngineContext
  private let placing: OrderPlacing
  private let log: EventLog
  private let gate: any ExchangeGate

  init(_ parts: EngineAssembly) {
    context = parts.context
    placing = OrderPlacing(parts)
    log = parts.events
    gate = parts.exchange
  }

  func submit(_ intent: OrderIntent) throws(Stopped) {
    if context.stopping.isRequested { return try fail(intent.id, .shutdown) }
    let retriesMax = context.settings.routerMaxRetries
    var backoff = context.settings.routerBackoff
    var request = intent.request
    var last = OrderFailure(code: "PARTIAL", text: "OrderOpen:PARTIAL:not filled within 2500 ms")
    var attempt = 0
    while attempt <= retriesMax {
      attempt += 1
      guard let progress = try placing.begin(intent, attempt: attempt) else { return }
      // The rest, under the same client order id.
      request.quantity = intent.quantity - progress.filledQuantity
      switch try gate.placeOrder(request) {
      case .success(let ack):
        try placing.acknowledged(intent, ack)
        if try isFilled(intent) { return }
        context.runtime.landmark(.orderStillOpen)
        try log.order(
          .warning, .orderPartial,
          [
            LogField(.clientOrderId, .text(intent.clientOrderId)), LogField(.attempt, .integer(attempt)),
            LogField(.filledQty, .decimal(progress.filledQuantity)),
          ])
      case .failure(.venue(let error)): last = OrderFailure(error)
      case .failure(.unknownOutcome(let why)):
        last = OrderFailure(code: "UNKNOWN", text: "UnknownOutcome:UNKNOWN:\(why)")
      }
      if attempt < retriesMax {
        if try context.stopping.wait(until: context.runtime.now + backoff) { break }
        backoff = backoff + backoff
      }
    }
    try fail(intent.id, last)
  }

  func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {
    try placing.fail(id, failure)
  }

  /// Asks every 200 ms for 2.5 s.
  private func isFilled(_ intent: OrderIntent) throws(Stopped) -> Bool {
    let limit = context.runtime.now + Self.waitForFill
    while context.runtime.now < limit, !context.stopping.isRequested {
      let reply = try gate.queryOrder(symbol: intent.symbol, clientOrderId: intent.clientOrderId)
      if case .success(let report) = reply, report.status == .filled { return true }
      try context.runtime.sleep(Self.poll)
    }
    return false
  }
}

extension HistoricalBug {
  /// R-1 with the off-by-one: an open order is sent again.
  static let resentOrders = HistoricalBug(
    id: "R-1", title: "an order that is open after 2.5 s is sent again", standing: .mechanismExhibit,
    story: """
      The router waits 2.5 s for a fill. An order that is still open then counts as partly done: the router pauses and \
      sends the rest again, under the same client order id, and leaves the first order where it is. A venue that accepts \
      the id twice has two live orders, and more is bought than was asked for; one that does not, as here, refuses, and \
      after four sends (the counter goes up before it is compared) the router declares an order failed that is alive and \
      fills a moment later. Since the time in force went from IOC to GTC every slow order meets this. It is in the bot's \
      last version; no field session has an order that rests and fills.
      """,
    evidence: [
      "wait_for_fill 2500 ms, poll 200 ms, status open or expired: PARTIAL, backoff, a new order for the rest (HISTORY 1.1)",
      "no cancel in the router; ROUTER_TIF GTC at HEAD",
      "\"after 4 attempts\" with ROUTER_MAX_RETRIES 3 in the bot's report of a 20 minute session",
    ],
    provokedBy: ["slow-fill"],
    revisions: [
      Revision("original", "waits 2.5 s, then sends the rest again without canceling; four sends in all") {
        $0.router = { ResendingRouter($0) }
      },
      .fixed("an order is sent once; one that is silent is asked for, and one that is too old is canceled"),
    ],
    landmarks: [.orderStillOpen], signature: .noDuplicateOrders, consequences: [.noFutileRetries, .ordersExpire],
    effects: [
      PartEffect(
        "R-1/router", turns: "C-SERV-05", .either, why: "it waits for fills on its thread while the engine ends"),
      PartEffect(
        "R-1/router", turns: "H-SERV-05", .either, why: "it waits for fills on its thread while the engine ends"),
    ],
    fieldSigns: """
      ORDER_PARTIAL with filled_qty 0, then several place_order with one client id; clientOrderId already exists (or two \
      live orders); ORDER_FAILED for an order that fills a second later
      """,
    inTheField: FieldHypothesis(
      predicts: [.partOfNothing, .sentAfterTaken], allows: [.failedButFilled, .fillUnseen], forbids: [.unknownResent]),
    signs: { record in
      [
        ("sends of one order", record.orders.map(\.requests).max() ?? 0),
        ("sent again while alive", record.orders.reduce(0) { $0 + $1.resent }),
        ("failed, then filled", FieldSigns.failedAndFilled(record)),
      ]
    },
    scenario: { slowFillMarket.scenario($0) })

  /// A drop every 3 s under the fault.
  private static let slowFillMarket = ProofMarket(
    name: "slow-fills", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(5001), every: .milliseconds(2800), count: 12),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5")])
}
