import Basics
import Trading

/// Says how old the quotes are that decisions are made on, whatever feed brings them. Runs on `engine-main` only.
final class MarketWatch {
  private let context: EngineContext
  private let log: EventLog
  private let feed: any MarketFeed
  private var lastUpdate: Instant
  private var isStale = false

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    feed = parts.feed
    lastUpdate = context.startedAt
  }

  /// STALE_SNAPSHOTS_WARNING once when the quotes have become stale, SNAPSHOTS_FRESH when new ones have come.
  func look(at time: Instant) throws(Stopped) {
    let update = feed.view().updatedAt ?? context.startedAt
    if isStale, update > lastUpdate {
      isStale = false
      try log(.info, .snapshotsFresh, [LogField(.ageMs, .number((update - lastUpdate).milliseconds))])
    }
    lastUpdate = update
    let limit = context.settings.quoteAgeMax
    guard !isStale, time - update > limit else { return }
    isStale = true
    try log(
      .warning, .staleSnapshotsWarning,
      [
        LogField(.staleCount, .integer(context.markets.count)),
        LogField(.ageMs, .number((time - update).milliseconds)),
        LogField(.staleTtlS, .number(limit.seconds)),
      ])
  }
}
