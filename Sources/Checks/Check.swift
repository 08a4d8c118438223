public import Basics
public import Trading

/// A check: a pure function from a session's record to a verdict.
public struct Check: Sendable {
  /// What a check reads the engine's log for, which decides what a log that ended early leaves of its verdict.
  enum LogUse {
    /// Not at all: the verdict stands.
    case none
    /// For lines that accuse: what they accuse of stands, but that there are none says nothing.
    case accusations
    /// For lines that must be there: that they are missing says nothing.
    case duties
  }

  /// What verdicts, fault files and proofs call it.
  public let id: CheckName
  /// The same as a text, such as `intents-settled`.
  public var name: String { id.rawValue }
  /// What it promises, in one sentence.
  public let summary: String
  private let log: LogUse
  private let body: @Sendable (SessionRecord) throws(Unjudged) -> Verdict

  init(
    _ name: CheckName, _ summary: String, log: LogUse = .none,
    _ body: @escaping @Sendable (SessionRecord) throws(Unjudged) -> Verdict
  ) {
    id = name
    self.summary = summary
    self.log = log
    self.body = body
  }

  /// The verdict on a session.
  ///
  /// A log that ended long before its session (`SessionRecord.earlyEndOfLog`) leaves open what would have to be read in the
  /// rest of it; `log-complete` is red then, so that this excuses nobody.
  public func judge(_ record: SessionRecord) -> Verdict {
    let verdict: Verdict
    do throws(Unjudged) { verdict = try body(record) } catch { return .open(id, error.reason) }
    guard log != .none, let early = record.earlyEndOfLog else { return verdict }
    switch (verdict.outcome, log) {
    case (.fail, .duties), (.pass, _): return .open(id, "it reads the log, and \(early)")
    default: return verdict
    }
  }
}

extension Check {
  /// The one list of checks.
  public static let all: [Check] = [
    ordersFilled, intentsSettled, errorsObservable, noCrash,
    fundsConserved, venueBooks, fillsAtMarket,
    positionsAgree, positionCosts, fillsAgree, budgetAgrees, budgetBalances, noDuplicateOrders, exposureWithinLimits,
    noLostOrder, endsAgree, intentsBounded, ordersArrive,
    validOrdersSent, noFutileRetries, idempotentKeys,
    entriesWithinLimits, pricesWithinSlippage, pausesKept, limitsRespected, ordersExpire, ordersSentPromptly,
    requestsPaced, questionsBounded,
    heartbeatsOnTime, decisionsOnTime, budgetRefreshBounded, exchangeCallsBounded, callsGivenTime, loggingBounded,
    shutdownBounded,
    marketDataFresh, feedAlive,
    detectedInTime, recoveredInTime,
    salesJustified, exitsOffered, entriesJustified, signalsActedOn,
    threadsLive, fillsBookedPromptly, ordersWatched, streamReopened, balancesAsked, troubleTold, quietEnd,
    heartbeatsTrue,
    metricsTrue,
    noDeadlock, noStuckWait, lockOrder,
    logComplete, levelsKept, dropsTold, stateRecoverable, stateSurvivesCrash, filesReplaced,
  ]

  /// The check of that name; nil when there is none. O(checks).
  public static func named(_ name: String) -> Check? { all.first { $0.name == name } }

  /// Every check's verdict, in the order of the list.
  public static func judge(_ record: SessionRecord) -> [Verdict] { all.map { verdict(of: $0, on: record) } }

  /// One check's verdict as it counts: of a session that was killed or interrupted, what it had no time for is not held
  /// against it.
  public static func verdict(of check: Check, on record: SessionRecord) -> Verdict {
    record.run.isUnfinished ? established(check, record) : tempered(check.judge(record), record)
  }
}
