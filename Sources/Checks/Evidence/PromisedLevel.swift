import Trading

/// How loud the lines of an event are, which is part of what the event promises: whoever is paged reads levels.
enum PromisedLevel {
  /// Each line of the event has this level.
  case always(String)
  /// A field decides: ERROR where its amount is negative, which is money that is missing; else WARNING.
  case errorIfMissing(FieldName)

  static let debug = PromisedLevel.always("DEBUG")
  static let info = PromisedLevel.always("INFO")
  static let warning = PromisedLevel.always("WARNING")
  static let error = PromisedLevel.always("ERROR")

  /// The level of one line; nil: it lacks the field that decides.
  func level(of line: some FieldLookup) -> String? {
    switch self {
    case .always(let level): level
    case .errorIfMissing(let field): line.decimal(field).map { $0.isNegative ? "ERROR" : "WARNING" }
    }
  }
}

extension EventName {
  /// What the schema of events promises.
  var promisedLevel: PromisedLevel {
    switch self {
    case .traceStep: .debug
    // What an engine does all day.
    case .budgetCommitted, .budgetRefresh, .budgetReleased, .budgetReserved, .buyOrderPlaced, .cooldownSet,
      .decisionEnd,
      .decisionStart, .engineStart, .firstFill, .fsmTransition, .guardBlock, .heartbeat, .intentCleared, .intentPending,
      .metricsSummary, .orderAck, .orderFilled, .orderSent, .orderUpdate, .positionClosed, .positionOpened,
      .reconcileUnknownResolved, .shutdownComplete, .shutdownStarted, .snapshotsFresh, .streamOpened:
      .info
    // What went wrong and is being looked after.
    case .alertFired, .alertNotDelivered, .balanceDisagrees, .budgetRefreshFailed, .budgetRefreshTimeout,
      .clockSynchronized, .decisionsSlow, .exchangeCallSlow, .limitPause, .logCallSlow, .logRecordsDropped,
      .logWriteFailed, .marketRulesFailed, .mdPollFailed, .mdPollOverrun, .mdQuotesMissing, .mdQuotesUnexpected,
      .metricsEndpointFailed, .metricsExportFailed, .orderCanceled, .orderOutcomeUnknown, .orderPartial,
      .reconcileMissingFill, .staleIntentCleanup, .staleSnapshotsWarning, .stateWriteFailed, .streamLost, .threadEnded,
      .threadRestarted:
      .warning
    // What somebody has to look at: an order that failed or may live on, money or coins that are gone, a part that ended.
    case .errorOccurred, .eventHandlerFailed, .exitRefused, .foreignOrder, .intentsLeftPending, .mainLoopGone,
      .orderFailed, .orderLost, .positionDriftDetected, .threadGivenUp:
      .error
    case .budgetDriftDetected: .errorIfMissing(.drift)
    }
  }
}
