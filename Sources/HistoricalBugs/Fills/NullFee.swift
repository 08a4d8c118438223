import Basics
import Trading
import TradingEngine

/// FILL-1 as it was: fills are learned by polling alone, and the reply's fee is read before anything is booked.
private final class FeeFirstFills: FillHandler {
  private let context: EngineContext
  private let log: EventLog
  private let intents: any IntentBook
  private let inner: CumulativeFills

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    intents = parts.intents
    inner = CumulativeFills(parts)
  }

  /// There was no user stream.
  func handle(_ event: UserEvent) throws(Stopped) {}

  func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    guard report.side == .buy, report.fee == nil, report.filledQuantity.isPositive else {
      // A polled fill was the normal way to learn of it, so nothing is said to be missing.
      return try inner.apply(report, from: .userStream)
    }
    // An order filled in part was waited for.
    guard report.status.isTerminal else { return }
    context.runtime.landmark(.fillWithoutFee)
    try forget(report)
  }

  /// `order.get('fee', {}).get('cost')` on a key that is there with null: the handler for any error went back to IDLE.
  private func forget(_ report: OrderReport) throws(Stopped) {
    guard let item = try intents.pending().first(where: { $0.intent.clientOrderId == report.clientOrderId }),
      try intents.settle(item.intent.id) != nil
    else { return }
    try log(
      .error, .errorOccurred,
      [
        LogField(.symbol, .symbol(report.symbol)), LogField(.clientOrderId, .text(report.clientOrderId)),
        LogField(.error, "'NoneType' object has no attribute 'get'"), LogField(.from, "wait_fill"),
        LogField(.to, "idle"),
      ])
    try intents.clear(item.intent.id, reason: .orderFailed)
  }
}

extension HistoricalBug {
  /// FILL-1: fee null in the polled reply loses the fill.
  static let nullFee = HistoricalBug(
    id: "FILL-1", title: "fee null in the polled reply loses the fill", standing: .observed,
    story: """
      Field session d: the venue filled six orders for 77.48 USDT; the bot logged no ORDER_FILLED, held no position and its \
      budget was what it had been. The bot asked for each order every half second. The reply of a filled order has the key \
      fee with null behind it; the code took the fee's cost before it booked anything, and a default for a missing key does \
      not help against a null. The error went to the handler for every error, which put the symbol back to IDLE: bought, \
      paid, forgotten. Since the signal still stood, the next round bought again. The fix came five hours later (9ffabe6).
      """,
    evidence: [
      "session d: 6 filled, 4 canceled, 1 unknown at the venue, 77.4774 USDT; the bot: 0 ORDER_FILLED, 0 positions, budget 129.67",
      "21 ERROR lines of session d: 6 by the null fee, 4 by a misspelt cancel event, 11 by the pre-flight (PRE-1)",
      "6e5faaa^ engine/fsm_engine.py: order.get('fee', {}).get('cost')",
      "session d: 11 orders in 20.5 s, about one per round of 2 s",
    ],
    provokedBy: ["null-fee"],
    revisions: [
      Revision("original", "reads the fee of the polled reply first; an error there forgets the order") {
        $0.fills = { FeeFirstFills($0) }
        $0.reconciler = { WaitFill($0) }
      },
      .fixed("books what the order has filled in total; a fee that is not told is estimated by the market's rules"),
    ],
    landmarks: [.fillWithoutFee], signature: .positionsAgree,
    consequences: [.noDuplicateOrders, .exposureWithinLimits, .noLostOrder, .logComplete],
    effects: [
      PartEffect("FILL-1/reconciler", turns: "BUD-4", .either, why: "a fill that is only polled is booked late"),
      PartEffect("FILL-1/reconciler", turns: "FILL-1", .green, why: "the handler of today books a reply without a fee"),
    ],
    fieldSigns: """
      the venue's balances fall with every order, ORDER_FILLED stays at 0 and so do the positions; one ERROR line per order \
      (wait_fill to idle); the symbol is bought again about every 2 s while the signal stands
      """,
    inTheField: FieldHypothesis(
      predicts: [.feeError, .buysByRound, .fillUnseen], allows: [.boughtAgain]),
    signs: { record in
      [
        ("venue filled", FieldSigns.venueFilled(record)), ("not booked, USDT", FieldSigns.unbooked(record)),
        ("positions opened under the fault", FieldSigns.positionsOpened(record)),
      ]
    },
    scenario: { nullFeeMarket.scenario($0) })

  /// A drop every 2.5 s under the fault; rounds of 2 s, as the field's.
  private static let nullFeeMarket = ProofMarket(
    name: "polled-fills", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 13),
    ],
    settings: [
      (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.engineCycleMs, "2000"),
    ])
}
