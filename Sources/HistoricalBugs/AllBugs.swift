/// The one list of historical bugs.
public enum AllBugs {
  /// Every bug, in the order of lists and of the gauntlet.
  public static let all: [HistoricalBug] = [
    .reversedLocks,
    .silentRouter,
    .neverClearedIntents,
    .blockingRefresh,
    .formatterHang,
    .gateLock,
    .processNeverExits,
    .shutdownLock,
    .blindCron,
    .nullFee,
    .wipedOrderId,
    .parallelBuys,
    .liveSubscriberList,
    .lockedCallbacks,
    .lossyLog,
    .doubleRelease,
    .partialFillLeak,
    .nestedTransaction,
    .resentOrders,
    .floatPreflight,
    .batchedPoll,
    .feedDies,
    .liveIntents,
    .forgottenAcknowledgement,
    .oldQuotes,
    .stubbornExit,
    .waitingExit,
    .refusedCancel,
    .oneLane,
    .stateWriterDies,
    .logWriterDies,
    .retriedRefusals,
    .retriedUnknown,
  ]

  /// The bug of that id or alias; nil when there is none.
  public static func named(_ id: String) -> HistoricalBug? { all.first { $0.id == id || $0.aliases.contains(id) } }
}
