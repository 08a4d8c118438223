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
      silences: [
        "dropped-fills", "null-fee", "partial-fill", "slow-fill", "late-fill", "slow-exit", "late-exit", "partial-exit",
        "late-rejection", "late-events", "duplicate-events", "shuffled-events", "silent-stream", "fill-crosses-cancel",
        "busy-cancels", "lost-cancel", "lost-cancel-reply", "refused-cancel", "failing-queries", "lost-query-reply",
        "acked-then-unknown", "unanswered-orders", "fills-in-parts",
      ],
      why: "the venue takes no order, so that none rests or fills"),
    ExclusivePairs(
      fault: "insufficient-balance",
      silences: [
        "lost-reply", "some-orders-refused", "some-exits-refused", "lost-exit-reply", "lost-request", "late-request",
        "slow-orders", "hung-orders", "unheard-orders", "rate-limited", "gateway-errors", "taken-behind-an-error",
        "unknown-code",
      ],
      why: "both decide about the same request, and a refusal of all leaves none to the other"),
    ExclusivePairs(
      fault: "null-fee", silences: ["dropped-fills"],
      why: "the trades of an order are dropped by one fault or the other"),
    ExclusivePairs(
      fault: "late-fill",
      silences: [
        "partial-fill", "slow-fill", "lost-cancel", "lost-cancel-reply", "refused-cancel", "lost-query-reply",
      ],
      why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "partial-fill", silences: ["slow-fill", "lost-query-reply", "refused-cancel"],
      why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "fill-crosses-cancel",
      silences: [
        "late-fill", "partial-fill", "slow-fill", "lost-cancel", "lost-cancel-reply", "refused-cancel",
        "lost-query-reply",
      ], why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "lost-query-reply", silences: ["slow-fill", "refused-cancel"],
      why: "both decide how the same BUY is matched"),
    ExclusivePairs(
      fault: "lost-cancel", silences: ["busy-cancels", "lost-cancel-reply", "refused-cancel"],
      why: "both decide about the same BUY, and about its first cancel"),
    ExclusivePairs(
      fault: "busy-cancels", silences: ["lost-cancel-reply", "refused-cancel"],
      why: "both decide about the same BUY, and about its first cancel"),
    ExclusivePairs(
      fault: "lost-cancel-reply", silences: ["refused-cancel"],
      why: "both decide about the same BUY, and about its first cancel"),
    ExclusivePairs(
      fault: "late-exit", silences: ["slow-exit", "partial-exit"], why: "both decide how the same SELL is matched"),
    ExclusivePairs(
      fault: "partial-exit", silences: ["slow-exit"], why: "both decide how the same SELL is matched"),
    ExclusivePairs(
      fault: "silent-stream",
      silences: [
        "dropped-fills", "null-fee", "late-events", "duplicate-events", "shuffled-events", "failing-queries",
        "unheard-orders", "late-rejection",
      ], why: "no event is left to the other"),
    ExclusivePairs(
      fault: "unheard-orders",
      silences: [
        "dropped-fills", "null-fee", "late-events", "duplicate-events", "shuffled-events", "failing-queries",
        "late-rejection",
      ], why: "no event is left to the other"),
    ExclusivePairs(
      fault: "taken-behind-an-error", silences: ["gateway-errors", "lost-request"],
      why: "both decide about the same orders by their number"),
    ExclusivePairs(
      fault: "null-fee", silences: ["late-events", "failing-queries"],
      why: "the trades of an order are dropped by one fault or the other"),
    ExclusivePairs(
      fault: "ban", silences: ["stale-quotes"],
      why: "nothing is asked of the venue until quotes are good again"),
    ExclusivePairs(
      fault: "slow-tickers", silences: ["empty-tickers", "missing-ticker", "reversed-tickers", "ticker-errors"],
      why: "it holds every query for quotes, and of two faults at one query the first decides"),
    ExclusivePairs(
      fault: "empty-tickers", silences: ["false-quotes", "reversed-tickers"],
      why: "both decide about every second query for quotes, and of two faults at one query the first decides"),
    ExclusivePairs(
      fault: "lagging-balances", silences: ["lock-contention", "slow-budget-refresh"],
      why: "both decide about the same query for balances, and the first decides about all of them"),
    ExclusivePairs(
      fault: "thread-dies", silences: ["lock-contention", "threads-die"],
      why: "the main loop is gone before its second query for balances is due"),
    ExclusivePairs(
      fault: "fills-in-parts", silences: ["lost-cancel"], why: "both decide how the same BUY is matched"),
  ]

  /// Why these two are not run together; nil: they are.
  public static func reason(_ first: String, _ second: String) -> String? {
    all.first {
      $0.fault == first && $0.silences.contains(second) || $0.fault == second && $0.silences.contains(first)
    }?.why
  }
}
