import Basics
import Trading

/// The events of the budget, in one place, so that every ledger writes them alike.
extension EventLog {
  /// BUDGET_RESERVED; `after` has the figures with the reservation.
  public func reserved(_ amount: Decimal, for intent: OrderIntent, _ after: BudgetSnapshot) throws(Stopped) {
    context.notes.budget(after)
    try self(
      .info, .budgetReserved,
      [
        LogField(.reserved, .decimal(amount)), LogField(.totalReserved, .decimal(after.reserved)),
        LogField(.available, .decimal(after.free)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.intentId, .text(intent.id)),
      ])
  }

  /// BUDGET_COMMITTED; `after` has the figures without the cost.
  public func committed(
    _ cost: Decimal, for intent: OrderIntent, orderId: String, _ after: BudgetSnapshot
  ) throws(Stopped) {
    context.notes.budget(after)
    try self(
      .info, .budgetCommitted,
      [
        LogField(.committed, .decimal(cost)), LogField(.remainingBudget, .decimal(after.free)),
        LogField(.reserved, .decimal(after.reserved)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.orderId, .text(orderId)), LogField(.intentId, .text(intent.id)),
      ])
  }

  /// BUDGET_DRIFT_DETECTED, and its metric: ERROR when the venue has less than the books, which is money that the engine knows
  /// nothing of; WARNING when it has more.
  public func drifted(from books: Decimal, to venue: Decimal) throws(Stopped) {
    context.metrics.recordBudgetDrift()
    try self(
      venue < books ? .error : .warning, .budgetDriftDetected,
      [
        LogField(.books, .decimal(books)), LogField(.venueFree, .decimal(venue)),
        LogField(.drift, .decimal(venue - books)),
      ])
  }

  /// BUDGET_RELEASED; `after` has the figures without the reservation.
  public func released(
    _ amount: Decimal, of intent: OrderIntent, reason: String, _ after: BudgetSnapshot
  ) throws(Stopped) {
    context.notes.budget(after)
    if after.reserved.isPositive { context.runtime.landmark(.releaseBesideReservation) }
    try self(
      .info, .budgetReleased,
      [
        LogField(.released, .decimal(amount)), LogField(.totalReserved, .decimal(after.reserved)),
        LogField(.available, .decimal(after.free)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.reason, .text(reason)), LogField(.intentId, .text(intent.id)),
      ])
  }
}
