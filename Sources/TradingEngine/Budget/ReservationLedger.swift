import Basics
import ChaosRuntime
import Trading

/// A budget in which each intent has its own reservation, so that no release can take another's.
public final class ReservationLedger: BudgetLedger {
  private struct Books {
    var free = Decimal.zero
    var reserved = Decimal.zero
    var reservations: [(intent: String, amount: Decimal)] = []
    var changes = 0
    /// Whether the venue has told a balance.
    var isFunded = false

    var figures: BudgetSnapshot { BudgetSnapshot(free: free, reserved: reserved) }
  }

  private let context: EngineContext
  private let log: EventLog
  private let books: Guarded<Books>

  /// A ledger without money; the first refresh brings some.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    books = Guarded(Lock(context.runtime, "budget"), Books())
  }

  /// The lock `budget`.
  public var lock: Lock { books.lock }

  /// Both figures of one moment; the caller holds `lock`.
  public var figuresHoldingLock: BudgetSnapshot { books.held.figures }

  /// Both figures of one moment.
  public func figures() throws(Stopped) -> BudgetSnapshot {
    try books.withLock { $0.figures }
  }

  /// Counts bookings, so that `adopt` can tell whether an answer is older than the books.
  public func version() throws(Stopped) -> Int {
    try books.withLock { $0.changes }
  }

  /// Books under the lock and logs without it: a log that blocks must not hold up the budget.
  public func reserve(_ amount: Decimal, for intent: OrderIntent) throws(Stopped) -> Bool {
    let after: BudgetSnapshot? = try books.withLock { books in
      guard amount.isPositive, amount <= books.free else { return nil }
      books.free -= amount
      books.reserved += amount
      books.reservations.append((intent.id, amount))
      books.changes += 1
      return books.figures
    }
    guard let after else { return false }
    try log.reserved(amount, for: intent, after)
    return true
  }

  /// The part above the reservation comes out of the free budget, which may go below zero: the purchase has happened.
  public func commit(_ cost: Decimal, for intent: OrderIntent, orderId: String) throws(Stopped) {
    let after = try books.withLock { books in
      var rest = cost
      if let index = books.reservations.firstIndex(where: { $0.intent == intent.id }), cost.isPositive {
        let taken = min(cost, books.reservations[index].amount)
        books.reservations[index].amount -= taken
        books.reserved -= taken
        rest -= taken
      }
      books.free -= rest
      books.changes += 1
      return books.figures
    }
    try log.committed(cost, for: intent, orderId: orderId, after)
  }

  /// Frees what is left of this intent's reservation alone; a second release finds nothing.
  public func release(_ intent: OrderIntent, reason: String) throws(Stopped) {
    let released: (amount: Decimal, after: BudgetSnapshot)? = try books.withLock { books in
      guard let index = books.reservations.firstIndex(where: { $0.intent == intent.id }) else { return nil }
      let amount = books.reservations.remove(at: index).amount
      guard amount.isPositive else { return nil }
      books.reserved -= amount
      books.free += amount
      books.changes += 1
      return (amount, books.figures)
    }
    guard let released else { return }
    try log.released(released.amount, of: intent, reason: reason, released.after)
  }

  /// Adds what a sale brought; takes no reservation.
  public func credit(_ proceeds: Decimal) throws(Stopped) {
    try books.withLock { books in
      books.free += proceeds
      books.changes += 1
      context.notes.budget(books.figures)
    }
  }

  /// Only while nothing is reserved and nothing was booked since the question: then the venue knows better. A difference to
  /// the books is BUDGET_DRIFT_DETECTED; the first answer is none, since it is what the books begin with.
  @discardableResult
  public func adopt(venueFree: Decimal, version: Int) throws(Stopped) -> Bool {
    let before: (free: Decimal, isFirst: Bool)? = try books.withLock { books in
      guard version == books.changes, books.reservations.isEmpty else { return nil }
      defer {
        (books.free, books.isFunded) = (venueFree, true)
        context.notes.budget(books.figures)
      }
      return (books.free, !books.isFunded)
    }
    guard let before else { return false }
    if !before.isFirst, before.free != venueFree { try log.drifted(from: before.free, to: venueFree) }
    return true
  }
}
