import Basics
import ChaosRuntime
import Trading

/// A budget in which each intent has its own reservation, so that no release can take another's.
public final class ReservationLedger: BudgetLedger, @unchecked Sendable {
  private let context: EngineContext
  private let log: EventLog
  /// The lock `budget`.
  public let lock: Lock
  // Guarded by `lock`.
  private var free = Decimal.zero
  private var reserved = Decimal.zero
  private var reservations: [(intent: String, amount: Decimal)] = []
  private var changes = 0
  /// Whether the venue has told a balance.
  private var isFunded = false

  /// A ledger without money; the first refresh brings some.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    lock = Lock(context.runtime, "budget")
  }

  /// Both figures of one moment; the caller holds `lock`.
  public var figuresHoldingLock: BudgetSnapshot { BudgetSnapshot(free: free, reserved: reserved) }

  /// Both figures of one moment.
  public func figures() throws(Stopped) -> BudgetSnapshot {
    try lock.withLock { figuresHoldingLock }
  }

  /// Counts bookings, so that `adopt` can tell whether an answer is older than the books.
  public func version() throws(Stopped) -> Int {
    try lock.withLock { changes }
  }

  /// Books under the lock and logs without it: a log that blocks must not hold up the budget.
  public func reserve(_ amount: Decimal, for intent: OrderIntent) throws(Stopped) -> Bool {
    let after: BudgetSnapshot? = try lock.withLock {
      guard amount.isPositive, amount <= free else { return nil }
      free -= amount
      reserved += amount
      reservations.append((intent.id, amount))
      changes += 1
      return figuresHoldingLock
    }
    guard let after else { return false }
    try log.reserved(amount, for: intent, after)
    return true
  }

  /// The part above the reservation comes out of the free budget, which may go below zero: the purchase has happened.
  public func commit(_ cost: Decimal, for intent: OrderIntent, orderId: String) throws(Stopped) {
    let after = try lock.withLock {
      var rest = cost
      if let index = reservations.firstIndex(where: { $0.intent == intent.id }), cost.isPositive {
        let taken = min(cost, reservations[index].amount)
        reservations[index].amount -= taken
        reserved -= taken
        rest -= taken
      }
      free -= rest
      changes += 1
      return figuresHoldingLock
    }
    try log.committed(cost, for: intent, orderId: orderId, after)
  }

  /// Frees what is left of this intent's reservation alone; a second release finds nothing.
  public func release(_ intent: OrderIntent, reason: String) throws(Stopped) {
    let released: (amount: Decimal, after: BudgetSnapshot)? = try lock.withLock {
      guard let index = reservations.firstIndex(where: { $0.intent == intent.id }) else { return nil }
      let amount = reservations.remove(at: index).amount
      guard amount.isPositive else { return nil }
      reserved -= amount
      free += amount
      changes += 1
      return (amount, figuresHoldingLock)
    }
    guard let released else { return }
    try log.released(released.amount, of: intent, reason: reason, released.after)
  }

  /// Adds what a sale brought; takes no reservation.
  public func credit(_ proceeds: Decimal) throws(Stopped) {
    try lock.withLock {
      free += proceeds
      changes += 1
      context.notes.budget(figuresHoldingLock)
    }
  }

  /// Only while nothing is reserved and nothing was booked since the question: then the venue knows better. A difference to
  /// the books is BUDGET_DRIFT_DETECTED; the first answer is none, since it is what the books begin with.
  @discardableResult
  public func adopt(venueFree: Decimal, version: Int) throws(Stopped) -> Bool {
    let before: (free: Decimal, isFirst: Bool)? = try lock.withLock {
      guard version == changes, reservations.isEmpty else { return nil }
      defer {
        (free, isFunded) = (venueFree, true)
        context.notes.budget(figuresHoldingLock)
      }
      return (free, !isFunded)
    }
    guard let before else { return false }
    if !before.isFirst, before.free != venueFree { try log.drifted(from: before.free, to: venueFree) }
    return true
  }
}
