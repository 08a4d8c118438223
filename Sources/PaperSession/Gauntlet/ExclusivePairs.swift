import FaultInjection

/// Pairs of faults of which one keeps the other from ever acting, so that both at once say no more than the one alone.
///
/// Any other pair must fire, or its case is inconclusive.
public struct ExclusivePairs: Sendable {
  /// Id of the fault that always acts.
  public let fault: String
  /// Ids of the faults that never act beside it.
  public let silences: [String]
  /// One sentence.
  public let why: String

  /// The one list.
  public static let all = [
    ExclusivePairs(
      fault: "insufficient-balance",
      silences: ["dropped-fills", "null-fee", "partial-fill", "slow-fill", "late-fill"],
      why: "the venue takes no order, so that none rests or fills"),
    ExclusivePairs(
      fault: "insufficient-balance", silences: ["lost-reply", "some-orders-refused"],
      why: "both decide about the same request, and a refusal of all leaves none to the other"),
    ExclusivePairs(
      fault: "null-fee", silences: ["dropped-fills"],
      why: "the trades of an order are dropped by one fault or the other"),
    ExclusivePairs(
      fault: "late-fill", silences: ["partial-fill", "slow-fill"], why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "partial-fill", silences: ["slow-fill"], why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "thread-dies", silences: ["everyday", "lock-contention"],
      why: "the main loop is gone before its second query for balances is due"),
  ]

  /// Why these two are not run together; nil: they are.
  public static func reason(_ first: String, _ second: String) -> String? {
    all.first {
      $0.fault == first && $0.silences.contains(second) || $0.fault == second && $0.silences.contains(first)
    }?.why
  }
}
