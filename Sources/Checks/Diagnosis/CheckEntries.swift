import Basics
import Trading

/// Checks that are not clean and for which the guide has no entry.
extension Diagnosis {
  /// The guide's entry that already speaks of a check, where the session shows it.
  private static let told: [(check: String, entry: String)] = [
    (CheckName.ordersFilled.rawValue, "No ORDER_FILLED events"),
    (CheckName.intentsSettled.rawValue, "Excessive stale intents"),
    (CheckName.errorsObservable.rawValue, "Orders failing silently"),
    (CheckName.noDeadlock.rawValue, "Stack dump"), (CheckName.noStuckWait.rawValue, "Stack dump"),
  ]

  /// One entry for each red check that no entry in `before` speaks of.
  static func red(_ record: SessionRecord, _ verdicts: [Verdict], before: [Entry], _ directory: String?) -> [Entry] {
    let names = before.map(\.name)
    return verdicts.filter { verdict in
      verdict.outcome == .fail && record.run.isJudged(by: verdict.check)
        && !told.contains { $0.check == verdict.check && names.contains($0.entry) }
    }.map { verdict in
      let evidence = verdict.evidence.prefix(evidenceMax).map { Evidence(verdictLine: $0) }
      let cause = Cause(
        id: verdict.check, says: Check.named(verdict.check).map { "it promises: \($0.summary)" } ?? "a check failed",
        weight: max(1, verdict.evidence.count), evidence: evidence,
        next: [CheckName(rawValue: verdict.check).flatMap { advice[$0] }, again(record, directory)].compactMap { $0 }
          .joined(separator: "; "))
      return Entry(name: verdict.check, symptom: verdict.reason, causes: [cause])
    }
  }

  /// What the report could not decide.
  static func inconclusive(_ record: SessionRecord, _ report: PaperReport) -> Entry? {
    guard !report.open.isEmpty else { return nil }
    let line = record.run.isUnfinished ? record.runFile.line("unfinished") : nil
    let unfinished = line.map { [Evidence(place: "\(record.runFile.path):\($0.number)", text: $0.text)] } ?? []
    let next =
      record.run.isUnfinished
      ? "wait for its end; or find out who ended it: the caller of the exit code, 'journalctl -k'"
      : report.commands.first
        ?? "a session that has what is missing: the faults, the orders or the files of these lines"
    return Entry(
      name: "Inconclusive", symptom: "the report cannot decide, so this session is not evidence that all is well",
      causes: [
        Cause(
          id: "inconclusive", says: "\(counted(report.open.count, "line")) of the report without evidence to judge by",
          weight: report.open.count, evidence: unfinished + report.open.map { Evidence(place: "", text: $0) },
          next: next)
      ])
  }

  /// Where to look first, by the check that is red.
  static let advice: [CheckName: String] = [
    .noCrash: "run.json has the crash and the threads that did not end",
    .fundsConserved: "the venue's own ledger: logs/exchange.jsonl around the named line",
    .positionsAgree:
      "which fills the engine missed or counted twice: part fills, Sources/TradingEngine/Fills/CumulativeFills.swift, and part "
      + "reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift",
    .venueBooks:
      "the venue's own bookkeeping: logs/exchange.jsonl around the named line, Sources/FakeExchange/Venue/Venue+Matching.swift",
    .fillsAtMarket:
      "how the venue matches: Sources/FakeExchange/Venue/Venue+Market.swift and Venue+Matching.swift",
    .positionCosts:
      "what a fill adds and a sale takes: part fills, Sources/TradingEngine/Fills/CumulativeFills.swift and PositionBook.swift",
    .fillsAgree:
      "how reports and trades of one order are put together: Sources/TradingEngine/Orders/IntentTable.swift",
    .budgetAgrees:
      "what is booked for a fill, fees included, and when the venue's balances are taken over: part budget, "
      + "Sources/TradingEngine/Budget/ReservationLedger.swift, and part refresher, "
      + "Sources/TradingEngine/Budget/ThreadedRefresher.swift",
    .endsAgree:
      "who settles an order, and by which word of the venue: part router, Sources/TradingEngine/Orders/OrderPlacing.swift, and part "
      + "reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift",
    .intentsBounded:
      "what becomes of an order that the venue says nothing of: part reconciler, "
      + "Sources/TradingEngine/Orders/QueryingReconciler.swift",
    .ordersArrive:
      "what lies between the decision and the call: Sources/TradingEngine/Decisions/Decisions.swift, part bus, "
      + "Sources/TradingEngine/Assembly/QueuedBus.swift, and part router, Sources/TradingEngine/Orders/ReportingRouter.swift",
    .budgetBalances:
      "who reserves, commits and gives back, and how often: part budget, Sources/TradingEngine/Budget/ReservationLedger.swift",
    .noDuplicateOrders:
      "why a symbol was decided on again while its order was open or unknown: part entryGuard, "
      + "Sources/TradingEngine/Decisions/ExposureGuard.swift, and who sends again: part router, "
      + "Sources/TradingEngine/Orders/ReportingRouter.swift",
    .exposureWithinLimits:
      "what counts as exposure at the moment of deciding, open orders included: part entryGuard, "
      + "Sources/TradingEngine/Decisions/ExposureGuard.swift",
    .noLostOrder:
      "what should have processed the order's end: part reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift",
    .validOrdersSent:
      "tick, step and minimum of the market: part quantizer, Sources/TradingEngine/Orders/DecimalQuantizer.swift",
    .noFutileRetries:
      "which refusals are for good, and who sends again all the same: part router, "
      + "Sources/TradingEngine/Orders/ReportingRouter.swift",
    .idempotentKeys:
      "part clientIds, Sources/TradingEngine/Decisions/NumberedIds.swift: an id is a function of the decision",
    .entriesWithinLimits:
      "what counts against the limits at the moment of deciding, and who rounds the size: part entryGuard, "
      + "Sources/TradingEngine/Decisions/ExposureGuard.swift, and part quantizer, "
      + "Sources/TradingEngine/Orders/DecimalQuantizer.swift",
    .pricesWithinSlippage:
      "which side of the book the price begins at, and by how much it goes beyond: part quantizer, "
      + "Sources/TradingEngine/Orders/DecimalQuantizer.swift; the guards on spread and slippage: part entryGuard",
    .pausesKept:
      "who notes that an order failed, and who asks before the next one: part entryGuard, "
      + "Sources/TradingEngine/Decisions/ExposureGuard.swift, and part router, "
      + "Sources/TradingEngine/Orders/ReportingRouter.swift",
    .streamReopened:
      "who hears that the connection is gone, or that it says nothing: Sources/TradingEngine/Fills/UserStream.swift",
    .limitsRespected:
      "who hears of a limit, and who asks before a call: Sources/TradingEngine/Exchange/CallPauses.swift and TimedGate.swift",
    .requestsPaced:
      "who asks, and how it finds its next time: part feed, Sources/TradingEngine/MarketData/PollingFeed.swift; part reconciler, "
      + "Sources/TradingEngine/Orders/QueryingReconciler.swift; Sources/TradingEngine/Decisions/MainLoop.swift",
    .questionsBounded:
      "who asks, what for, and when it stops: Sources/TradingEngine/Orders/FeeLookup.swift, LostOrders.swift and ForeignOrders.swift; "
      + "Sources/TradingEngine/Decisions/MainLoop.swift for market rules; Sources/TradingEngine/Fills/UserStream.swift",
    .levelsKept:
      "the named line, and where its level is written: chaos show levels-kept; Sources/Checks/Evidence/PromisedLevel.swift has the table",
    .dropsTold: "who counts dropped records, and who takes the count: Sources/TradingEngine/Log/QueuedLog.swift",
    .filesReplaced:
      "how the file is written: Disk.replace is temporary file, sync, rename; Sources/Monitoring/MetricsExport.swift",
    .callsGivenTime:
      "which deadline the client is given: part gate, Sources/TradingEngine/Exchange/DeadlineGate.swift; EXCHANGE_TIMEOUT_S",
    .quietEnd:
      "what the end does with open and unknown orders: part shutdown, Sources/TradingEngine/Lifecycle/BoundedShutdown.swift, and "
      + "who places orders after the signal: part router, Sources/TradingEngine/Orders/ReportingRouter.swift",
    .troubleTold:
      "who looks at the age of quotes: Sources/TradingEngine/MarketData/MarketWatch.swift; who counts refused exits: "
      + "Sources/TradingEngine/Decisions/ExitPauses.swift",
    .ordersExpire:
      "who cancels, and what it takes for an answer: part reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift",
    .ordersSentPromptly:
      "what the router waits for, and whether it lives: part router, Sources/TradingEngine/Orders/ReportingRouter.swift, and "
      + "part bus, Sources/TradingEngine/Assembly/QueuedBus.swift",
    .exitsOffered:
      "what the exit waits for: Sources/TradingEngine/Decisions/Decisions.swift, the pauses after failed exits "
      + "(Sources/TradingEngine/Decisions/ExitPauses.swift), and pending intents of the symbol that are never cleared",
    .salesJustified:
      "what an exit is compared with, and how much of it is sold: Sources/TradingEngine/Decisions/Decisions.swift, and part "
      + "fills, Sources/TradingEngine/Fills/CumulativeFills.swift, which keeps cost and quantity",
    .entriesJustified:
      "which prices the signal is made of: Sources/TradingEngine/Decisions/DropDetector.swift, and part feed, "
      + "Sources/TradingEngine/MarketData/PollingFeed.swift, which sorts quotes to symbols",
    .signalsActedOn:
      "GUARD_BLOCK says which guard blocked last; what it counts is a leak where the venue has nothing of it: intents, "
      + "positions, budget, cooldown (part entryGuard, Sources/TradingEngine/Decisions/ExposureGuard.swift)",
    .threadsLive: "threads of run.json: which one ended, when, and who should have noticed",
    .fillsBookedPromptly:
      "who takes the user stream's events: Sources/TradingEngine/Fills/UserStream.swift, and part fills, "
      + "Sources/TradingEngine/Fills/CumulativeFills.swift",
    .ordersWatched:
      "who asks for silent orders: part reconciler, Sources/TradingEngine/Orders/QueryingReconciler.swift; RECONCILE_AFTER_S",
    .balancesAsked:
      "who asks for the balances: Sources/TradingEngine/Decisions/MainLoop.swift, and part refresher, "
      + "Sources/TradingEngine/Budget/ThreadedRefresher.swift; BUDGET_REFRESH_INTERVAL_S",
    .heartbeatsTrue:
      "what the heartbeat counts: Sources/TradingEngine/Log/HeartbeatWriter.swift, and who never clears it",
    .metricsTrue:
      "who counts, and how often: Sources/Monitoring/Metrics.swift and the callers of its 'record...' methods",
    .heartbeatsOnTime:
      "what held the heartbeat's thread up: part heartbeat, Sources/TradingEngine/Log/SteadyHeartbeat.swift",
    .decisionsOnTime:
      "what a round of decisions waits for: Sources/TradingEngine/Decisions/Decisions.swift, and the subscribers that the bus runs "
      + "on the publisher's thread: part bus, Sources/TradingEngine/Assembly/QueuedBus.swift",
    .budgetRefreshBounded:
      "the call for the balances stands on the main loop: part refresher, "
      + "Sources/TradingEngine/Budget/ThreadedRefresher.swift; BUDGET_REFRESH_TIMEOUT_S",
    .exchangeCallsBounded:
      "who makes the call, and under which lock: part gate, Sources/TradingEngine/Exchange/DeadlineGate.swift; EXCHANGE_TIMEOUT_S",
    .loggingBounded:
      "whether the caller formats or writes: part log, Sources/TradingEngine/Log/QueuedLog.swift; FORMATTER_TIMEOUT_MS",
    .shutdownBounded:
      "which thread the end waits for: part shutdown, Sources/TradingEngine/Lifecycle/BoundedShutdown.swift; SHUTDOWN_TIMEOUT_S",
    .marketDataFresh:
      "what was decided on old quotes: part feed, Sources/TradingEngine/MarketData/PollingFeed.swift, and "
      + "Sources/TradingEngine/Decisions/Decisions.swift",
    .feedAlive:
      "why polls stopped: part feed, Sources/TradingEngine/MarketData/PollingFeed.swift; who noticed: part "
      + "supervisor, Sources/TradingEngine/Lifecycle/RestartingSupervisor.swift",
    .detectedInTime: "which record the fault's file names in 'detected_by', and who should write it",
    .recoveredInTime:
      "what was still wrong after the faults: positions-agree and intents-settled say which order",
    .noDeadlock: "incidents of run.json: which threads wait for each other",
    .noStuckWait: "incidents and overdue_activities of run.json: which thread, in which activity",
    .lockOrder: "take the named locks in one order everywhere",
    .logComplete:
      "what the log writer lost: part log, Sources/TradingEngine/Log/QueuedLog.swift; LOG_WRITE_FAILED and "
      + "LOG_RECORDS_DROPPED say why",
    .stateSurvivesCrash:
      "how the file is replaced (temporary file, sync, rename: Sources/ChaosRuntime/Disk/Disk.swift), and what asks for a save: "
      + "part state, Sources/TradingEngine/State/SnapshotStore.swift",
    .stateRecoverable:
      "who saves, and whether a save failed or stopped: part state, Sources/TradingEngine/State/SnapshotStore.swift; "
      + "STATE_WRITE_FAILED says why",
  ]
}

extension Diagnosis.Evidence {
  /// A line of a verdict; its place stands apart where it begins with `file:line`.
  init(verdictLine text: String) {
    let first = text.prefix { $0 != " " }
    let place = first.hasSuffix(":") ? first.dropLast() : first
    let parts = place.split(separator: ":")
    if parts.count == 2, parts[0].contains("/") || parts[0].contains("."), Int(parts[1]) != nil {
      let rest = String(text.dropFirst(first.count).drop { $0 == " " })
      self.init(place: String(place), text: rest.isEmpty ? text : rest)
    } else {
      self.init(place: "", text: text)
    }
  }
}
