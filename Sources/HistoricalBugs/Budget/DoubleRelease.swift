import Basics
import ChaosRuntime
import Trading
import TradingEngine

/// The budget as it was: one sum of reservations for all, from which every release takes what it is told.
private final class GlobalLedger: BudgetLedger, @unchecked Sendable {
  /// Intents whose cost is remembered.
  private static let spentMax = 1000

  private let context: EngineContext
  private let log: EventLog
  let lock: Lock
  // Guarded by `lock`.
  private var total = Decimal.zero
  private var reserved = Decimal.zero
  private var spent: [(intent: String, amount: Decimal)] = []
  private var changes = 0

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    lock = Lock(context.runtime, "budget")
  }

  var figuresHoldingLock: BudgetSnapshot { BudgetSnapshot(free: total - reserved, reserved: reserved) }

  func figures() throws(Stopped) -> BudgetSnapshot { try lock.withLock { figuresHoldingLock } }

  func version() throws(Stopped) -> Int { try lock.withLock { changes } }

  func reserve(_ amount: Decimal, for intent: OrderIntent) throws(Stopped) -> Bool {
    let after: BudgetSnapshot? = try lock.withLock {
      guard amount.isPositive, amount <= total - reserved else { return nil }
      reserved += amount
      changes += 1
      return figuresHoldingLock
    }
    guard let after else { return false }
    try log.reserved(amount, for: intent, after)
    return true
  }

  func commit(_ cost: Decimal, for intent: OrderIntent, orderId: String) throws(Stopped) {
    let after = try lock.withLock {
      if let index = spent.firstIndex(where: { $0.intent == intent.id }) {
        spent[index].amount += cost
      } else {
        if spent.count == Self.spentMax { spent.removeFirst() }
        spent.append((intent.id, cost))
      }
      reserved = max(.zero, reserved - cost)
      total -= cost
      changes += 1
      return figuresHoldingLock
    }
    try log.committed(cost, for: intent, orderId: orderId, after)
  }

  /// Whoever asks gets it, and whose reservation it was is not known: the sum is only kept from going below zero.
  func release(_ intent: OrderIntent, reason: String) throws(Stopped) {
    let released: (amount: Decimal, after: BudgetSnapshot)? = try lock.withLock {
      var amount = intent.quoteBudget
      if reason == ClearReason.orderFilled.rawValue {
        // The surplus of a filled order was worked out right.
        amount -= spent.first { $0.intent == intent.id }?.amount ?? .zero
      }
      guard amount.isPositive else { return nil }
      reserved = max(.zero, reserved - amount)
      changes += 1
      return (amount, figuresHoldingLock)
    }
    guard let released else { return }
    try log.released(released.amount, of: intent, reason: reason, released.after)
  }

  func credit(_ proceeds: Decimal) throws(Stopped) {
    try lock.withLock {
      total += proceeds
      changes += 1
    }
  }

  @discardableResult
  func adopt(venueFree: Decimal, version: Int) throws(Stopped) -> Bool {
    try lock.withLock {
      guard version == changes, reserved.isZero else { return false }
      total = venueFree
      return true
    }
  }
}

extension HistoricalBug {
  /// INT-2: the budget of a failed order is released twice.
  static let doubleRelease = HistoricalBug(
    id: "INT-2", title: "the budget of a failed order is released twice", standing: .observed,
    story: """
      The router gives back the unfilled budget of an order that failed and then publishes order.failed; whoever clears the \
      intent gives its whole budget back again. The reservations are one sum, kept from going below zero: the second \
      release takes another intent's reservation, and what that one still needs counts as free. Session 103545 shows it to \
      the digit: 67 reserved, 81 released, 53 pending; 67 + 14 = 81, and 67 - 14 = 53: the router released all 67, and the \
      14 that the stale cron reached were released a second time. It is in the bot's last version too.
      """,
    evidence: [
      "session 103545: 67 BUDGET_RESERVED, 81 BUDGET_RELEASED, 53 intents pending",
      "services/order_router.py: release of the unfilled part, then order.failed; clear_intent: pop, release, persist",
      "release: reserved_budget -= amount, clamped at 0; the other symbols' reservations are eaten (HISTORY 1.2)",
    ],
    provokedBy: ["some-orders-refused"],
    revisions: [
      Revision("original", "router and book both release; the reservations are one sum that knows no intent") {
        $0.budget = { GlobalLedger($0) }
        $0.router = { ReleasingRouter($0) }
      },
      .fixed("each intent has a reservation of its own, and only what is left of it can be released"),
    ],
    landmarks: [.releaseBesideReservation], signature: .budgetBalances,
    fieldSigns: """
      more BUDGET_RELEASED than BUDGET_RESERVED: two for each failed intent, order_router_release and order_failed; \
      total_reserved falls below what the open intents have reserved
      """,
    inTheField: FieldHypothesis(predicts: [.releasedTwice], allows: [.refusedRetried]),
    signs: { record in
      [
        ("reserved", record.count(.budgetReserved)), ("released after a failure", FieldSigns.failureReleases(record)),
        ("failed", record.count(.orderFailed)),
      ]
    },
    scenario: { doubleReleaseMarket.scenario($0) })

  /// Two drops in each slot of 4 s: one of the pair is refused while the other waits or fills.
  private static let doubleReleaseMarket = ProofMarket(
    name: "pairs", duration: .seconds(60),
    waves: [.init(from: .milliseconds(1001), every: .seconds(4), count: 22, perSlot: 2)],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.5")])
}
