import Basics
import ChaosRuntime
import Trading

/// What the engine may spend, in the quote asset.
public struct BudgetSnapshot: Sendable, Equatable {
  /// Not promised to any intent.
  public var free: Decimal
  /// Promised to pending intents.
  public var reserved: Decimal

  /// Figures as given.
  public init(free: Decimal, reserved: Decimal) {
    self.free = free
    self.reserved = reserved
  }
}

/// Keeps the budget: every reservation is committed or released, in parts, and never twice.
public protocol BudgetLedger: EnginePart {
  /// The lock `budget`, which guards every figure here.
  var lock: Lock { get }

  /// The figures; the caller holds `lock`.
  var figuresHoldingLock: BudgetSnapshot { get }

  /// The figures; takes `lock`.
  func figures() throws(Stopped) -> BudgetSnapshot

  /// Promises `amount` to the intent and logs BUDGET_RESERVED; false when not that much is free.
  func reserve(_ amount: Decimal, for intent: OrderIntent) throws(Stopped) -> Bool

  /// Takes what a purchase cost from the intent's reservation, and the rest from the free budget; logs BUDGET_COMMITTED.
  func commit(_ cost: Decimal, for intent: OrderIntent, orderId: String) throws(Stopped)

  /// Frees what is left of the intent's reservation and logs BUDGET_RELEASED; nothing when nothing is left.
  func release(_ intent: OrderIntent, reason: String) throws(Stopped)

  /// Adds the proceeds of a sale.
  func credit(_ proceeds: Decimal) throws(Stopped)

  /// A number that changes with every reservation, commit, release and credit.
  func version() throws(Stopped) -> Int

  /// Takes the venue's word for the free budget. Ignored (false) when anything was booked since `version` or is reserved:
  /// the answer would be older than the engine's own books. Where it differs from the books the log says so.
  @discardableResult
  func adopt(venueFree: Decimal, version: Int) throws(Stopped) -> Bool
}
