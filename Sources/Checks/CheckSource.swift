import Trading

/// What a check reads of a session, and whose word it is.
///
/// The venue's truth and what the runtime measured are evidence. The settings say how much is allowed. What the engine writes
/// is what is judged: no check may rest on it alone.
public enum CheckSource: String, Sendable, CaseIterable {
  /// Requests and replies of logs/exchange.jsonl, polls for quotes aside.
  case calls
  /// Polls for quotes and what they brought.
  case quotes
  /// What became of orders: events of logs/exchange.jsonl.
  case events
  /// Balances, at start and end and after every change.
  case balances
  /// Totals of each asset over all accounts.
  case ledger
  /// What the venue accepts and charges.
  case rules
  /// Incidents, overdue activities, threads and crash of run.json, which the runtime measures.
  case runtime
  /// When the session began, when its engine was asked to end and when it had: phases and shutdown of run.json.
  case course
  /// What a crash would have left of the state file: logs/disk.jsonl, which a simulated disk writes.
  case disk
  /// When which fault fired, and what its file expects: run.json.
  case faults
  /// config.json, and the limits that run.json derives from it.
  case settings
  /// The engine's event log and logs/jsonl/orders.jsonl.
  case log
  /// state/engine_transient.json.
  case state
  /// metrics/summary.json.
  case metrics

  /// Whether the engine wrote it.
  public var isEngines: Bool {
    switch self {
    case .log, .state, .metrics: true
    case .calls, .quotes, .events, .balances, .ledger, .rules, .runtime, .course, .disk, .faults, .settings: false
    }
  }

  /// Whether it says what happened, whatever the engine says.
  public var isTruth: Bool { !isEngines && self != .settings }
}

extension Check {
  /// What it reads; nearly all of them read the course of the session besides, which is listed where nothing else is evidence.
  public var reads: [CheckSource] { id.evidence.reads }

  /// What it does not hold against an engine whose threads the schedule held up; nil: it excuses nothing.
  public var stalledExcuse: String? { id.evidence.stalls }
}

extension CheckName {
  /// Times that are reported and not judged.
  private static let times = "all times: they are reported, not judged"

  /// What each check reads, and what a stalled schedule excuses. A test takes away what is not listed and expects
  /// the same verdict.
  fileprivate var evidence: (reads: [CheckSource], stalls: String?) {
    switch self {
    case .ordersFilled, .intentsSettled, .logComplete: ([.calls, .events, .faults, .settings, .log], nil)
    case .intentsBounded, .errorsObservable, .ordersArrive: ([.calls, .events, .settings, .log], nil)
    case .noCrash, .noDeadlock, .noStuckWait, .lockOrder: ([.runtime], nil)
    case .fundsConserved: ([.ledger], nil)
    case .venueBooks: ([.calls, .events, .balances, .rules, .faults], nil)
    case .fillsAtMarket: ([.calls, .events, .faults], nil)
    case .positionsAgree: ([.calls, .events, .balances, .faults, .log, .state], nil)
    case .positionCosts:
      ([.calls, .events, .rules, .log, .state], "positions of which two orders were booked within a second")
    case .fillsAgree: ([.calls, .events, .rules, .log], nil)
    case .budgetAgrees:
      ([.calls, .events, .balances, .rules, .settings, .log, .state], "figures of the log; the state file is judged")
    case .budgetBalances: ([.calls, .events, .rules, .faults, .settings, .log, .state], nil)
    case .noDuplicateOrders: ([.calls, .events, .log], nil)
    case .exposureWithinLimits: ([.calls, .events, .rules, .settings, .log], nil)
    case .noLostOrder: ([.calls, .events, .faults, .settings, .log, .state], nil)
    case .endsAgree: ([.calls, .events, .log], nil)
    case .validOrdersSent: ([.calls, .events, .quotes, .rules, .faults, .settings, .log], nil)
    case .noFutileRetries: ([.calls, .events, .settings], nil)
    case .idempotentKeys: ([.calls, .events], nil)
    case .heartbeatsOnTime: ([.course, .settings, .log], Self.times)
    case .decisionsOnTime: ([.quotes, .settings, .log], Self.times)
    case .budgetRefreshBounded: ([.runtime, .settings, .log], Self.times)
    case .exchangeCallsBounded: ([.calls, .runtime, .settings, .log], Self.times)
    case .loggingBounded: ([.runtime, .disk, .faults, .settings, .log], Self.times)
    case .shutdownBounded: ([.calls, .events, .runtime, .course, .faults, .settings, .log], Self.times)
    case .marketDataFresh: ([.calls, .events, .quotes, .settings, .log], Self.times)
    case .feedAlive: ([.quotes, .settings, .log], Self.times)
    case .detectedInTime: ([.calls, .faults, .log], Self.times)
    case .recoveredInTime: ([.calls, .events, .balances, .settings, .faults, .log, .state], nil)
    case .entriesWithinLimits: ([.calls, .events, .rules, .settings, .log], nil)
    case .pricesWithinSlippage:
      (
        [.calls, .events, .quotes, .rules, .settings, .log],
        "a decision that was held up: any quote counts that is not stale"
      )
    case .streamReopened: ([.calls, .events, .runtime, .settings], Self.times)
    case .limitsRespected: ([.calls], "calls that a thread was about to make when the venue asked for the pause")
    case .pausesKept: ([.calls, .events, .settings], nil)
    case .ordersExpire: ([.calls, .events, .settings], Self.times)
    case .ordersSentPromptly: ([.calls, .events, .settings, .log], Self.times)
    case .requestsPaced: ([.calls, .quotes, .events, .runtime, .faults, .settings, .log], Self.times)
    case .questionsBounded: ([.calls, .events, .course, .runtime, .faults, .settings, .log], Self.times)
    case .levelsKept: ([.calls, .events, .course, .log], nil)
    case .dropsTold: ([.disk, .settings, .log], "the size of the batch that tells of them")
    case .filesReplaced: ([.disk], nil)
    case .callsGivenTime: ([.calls, .settings], Self.times)
    case .salesJustified: ([.calls, .events, .quotes, .rules, .faults, .settings, .log], nil)
    case .exitsOffered: ([.calls, .events, .quotes, .rules, .faults, .settings], Self.times)
    case .entriesJustified: ([.calls, .events, .quotes, .rules, .faults, .settings, .log], nil)
    case .signalsActedOn: ([.calls, .events, .quotes, .rules, .faults, .settings], Self.times)
    case .threadsLive: ([.calls, .runtime, .course, .faults, .settings, .log], Self.times)
    case .fillsBookedPromptly:
      ([.calls, .events, .faults, .settings, .log], "waits; a fill that is booked before it happened is judged")
    case .ordersWatched: ([.calls, .events, .faults, .settings, .log], Self.times)
    case .balancesAsked: ([.calls, .runtime, .faults, .settings], Self.times)
    case .troubleTold: ([.calls, .events, .quotes, .faults, .settings, .log], Self.times)
    case .quietEnd: ([.calls, .events, .course, .faults, .settings, .log], "orders that are sent late or left alone")
    case .heartbeatsTrue: ([.calls, .events, .rules, .faults, .settings, .log], Self.times)
    case .metricsTrue: ([.calls, .events, .faults, .settings, .log, .metrics], nil)
    case .stateSurvivesCrash:
      ([.calls, .events, .rules, .disk, .faults, .settings, .log], "what is old; a file that cannot be read is judged")
    case .stateRecoverable:
      ([.course, .runtime, .settings, .log, .state], "changes that wait for a save; what the file says is judged")
    }
  }
}
