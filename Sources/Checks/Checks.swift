import ChaosRuntime

/// A check: a pure function from a session's record to a verdict.
public struct Check: Sendable {
  public let name: String
  /// What it promises, in one sentence.
  public let summary: String
  public let judge: @Sendable (SessionRecord) -> Verdict

  init(_ name: String, _ summary: String, _ judge: @escaping @Sendable (SessionRecord) -> Verdict) {
    self.name = name
    self.summary = summary
    self.judge = judge
  }
}

/// The one list of checks.
public enum Checks {
  public static let all: [Check] = [
    ordersFilled, intentsSettled, errorsObservable, noCrash,
    fundsConserved, positionsAgree, budgetBalances, noDuplicateOrders, exposureWithinLimits, noLostOrder,
    validOrdersSent, noFutileRetries, idempotentKeys,
    heartbeatsOnTime, decisionsOnTime, budgetRefreshBounded, exchangeCallsBounded, loggingBounded, shutdownBounded,
    marketDataFresh,
    detectedInTime, recoveredInTime,
    noDeadlock, noStuckWait, lockOrder,
    logComplete, stateRecoverable,
  ]

  public static func named(_ name: String) -> Check? { all.first { $0.name == name } }

  /// Every check's verdict, in the order of the list.
  public static func judge(_ record: SessionRecord) -> [Verdict] {
    guard record.run.isUnfinished else { return all.map { $0.judge(record) } }
    return all.map { .open($0.name, SessionRecord.unfinished) }
  }
}
