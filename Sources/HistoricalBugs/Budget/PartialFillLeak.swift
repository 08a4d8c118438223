import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// The budget as it was: the first fill of an order commits its whole reservation, however little was spent.
private final class WholeCommitLedger: BudgetLedger, @unchecked Sendable {
  private let inner: ReservationLedger
  private let rest: Mutex<[(intent: String, amount: Decimal)]> = Mutex([])

  init(_ parts: EngineAssembly) { inner = ReservationLedger(parts) }

  var lock: Lock { inner.lock }
  var figuresHoldingLock: BudgetSnapshot { inner.figuresHoldingLock }
  func figures() throws(Stopped) -> BudgetSnapshot { try inner.figures() }
  func version() throws(Stopped) -> Int { try inner.version() }

  func reserve(_ amount: Decimal, for intent: OrderIntent) throws(Stopped) -> Bool {
    guard try inner.reserve(amount, for: intent) else { return false }
    rest.withLock { list in
      if list.count == 1000 { list.removeFirst() }
      list.append((intent.id, amount))
    }
    return true
  }

  /// Later fills of the order were paid by the first.
  func commit(_ cost: Decimal, for intent: OrderIntent, orderId: String) throws(Stopped) {
    let whole = rest.withLock { list -> Decimal? in
      guard let index = list.firstIndex(where: { $0.intent == intent.id }) else { return nil }
      return list.remove(at: index).amount
    }
    guard let whole else { return }
    try inner.commit(whole, for: intent, orderId: orderId)
  }

  func release(_ intent: OrderIntent, reason: String) throws(Stopped) { try inner.release(intent, reason: reason) }

  func credit(_ proceeds: Decimal) throws(Stopped) { try inner.credit(proceeds) }

  /// The balances were asked for every 61 s, and never corrected the budget.
  @discardableResult
  func adopt(venueFree: Decimal, version: Int) throws(Stopped) -> Bool {
    let figures = try inner.figures()
    guard figures.free.isZero, figures.reserved.isZero else { return false }
    return try inner.adopt(venueFree: venueFree, version: version)
  }
}

extension HistoricalBug {
  /// C-PORT-03: a partial fill takes the whole reservation.
  static let partialFillLeak = HistoricalBug(
    id: "C-PORT-03", title: "a partial fill takes the whole reservation", standing: .mechanismExhibit,
    story: """
      The budget's commit took an intent's reservation as a whole: an order of 25 USDT of which 10 were filled cost 25, and \
      the 15 that nobody spent never came back, since nothing was left to release when the order was canceled. Part of the \
      fee was subtracted twice as well. The balances that the bot asked for every 61 s did not correct its budget either. \
      The fix commits what was spent and releases the rest (reason partial_fill_surplus). A review found it; no field \
      session has a partial fill, so how much it cost is not known.
      """,
    evidence: [
      "commit before the fix: the reservation is dropped, whatever the cost (HISTORY 1.3)",
      "after it: commit min(reserved, cost + fee), BUDGET_RELEASED_PARTIAL, BUDGET_SLIPPAGE_OVERAGE",
      "fetch_balance every 61 s in sessions a, b, d; the budget stays at 123.71 and 129.67",
    ],
    provokedBy: ["partial-fill"],
    revisions: [
      Revision("original", "commits the whole reservation at the first fill; nothing is left to give back") {
        $0.budget = { WholeCommitLedger($0) }
      },
      .fixed("commits what each fill cost; what is left of the reservation is released with the order's end"),
    ],
    landmarks: [.orderEndedPartlyFilled], signature: .budgetBalances,
    fieldSigns: """
      BUDGET_COMMITTED is as large as BUDGET_RESERVED though filled_qty is a part; no BUDGET_RELEASED follows the order's \
      end; available shrinks faster than the venue's balance
      """,
    inTheField: FieldHypothesis(predicts: [.committedBeyondCost], forbids: [.nestedTransaction]),
    signs: { record in
      [
        ("committed, USDT", FieldSigns.sum(record, .budgetCommitted, .committed)),
        ("venue took, USDT", FieldSigns.paid(record)),
      ]
    },
    scenario: { partialFillMarket.scenario($0) })

  /// A drop every 2.5 s under the fault; an order that is open after 5 s is canceled.
  private static let partialFillMarket = ProofMarket(
    name: "partly-filled", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(5001), every: .milliseconds(2500), count: 13),
    ],
    settings: [
      (.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5"), (.orderTtlS, "5"),
    ])
}
