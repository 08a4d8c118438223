import Basics
import Trading

/// What a pending order needs now, as far as its age and the last word about it say.
enum OrderNeed: Equatable {
  case nothing
  /// The venue is asked where it stands.
  case query
  /// The venue is asked to take it back.
  case cancel
  /// Whoever was placing it is gone, and nobody knows how far it came.
  case outcomeUnknown
  /// It never came to the router.
  case failAsStale
  /// Whoever settles it is gone.
  case clearAsStale
  /// The venue has told nothing of it for too long: somebody has to look.
  case giveUp

  /// What a placing call may take beyond EXCHANGE_TIMEOUT_S before its thread counts as gone.
  private static let placingGrace = Duration.seconds(5)
  /// Pause after the first cancel that did not end the order, and after the first query that did not know an order which the
  /// venue has named; doubles with each, up to RECONCILE_AFTER_S.
  private static let retry = Duration.seconds(1)

  /// - Parameter resumed: since when the venue may be asked; before, it could tell nothing.
  init(
    of item: PendingIntent, at now: Instant, _ settings: EngineSettings,
    resumed: Instant = Instant(nanoseconds: .min)
  ) {
    let progress = item.progress
    let age = now - item.intent.startedAt
    let silence = now - max(progress.lastNews, resumed)
    let isStale = age > settings.intentStaleThreshold
    switch progress.phase {
    case .created: self = isStale ? .failAsStale : .nothing
    case .settling: self = isStale && silence > settings.intentStaleThreshold ? .clearAsStale : .nothing
    case .placing: self = silence > settings.exchangeTimeout + Self.placingGrace ? .outcomeUnknown : .nothing
    case .acknowledged, .unknown:
      if isStale, silence > settings.intentStaleThreshold {
        self = .giveUp
      } else if age > settings.orderTimeToLive || progress.cancelWantedAt != nil,
        Self.mayCancel(progress, at: now, settings)
      {
        self = .cancel
      } else {
        let lastWord = max(progress.lastNews, progress.askedAt ?? progress.lastNews)
        let isUnknownThoughTaken = progress.notFoundCount > 0 && progress.orderId != nil
        let pause = isUnknownThoughTaken ? Self.pause(after: progress.notFoundCount, settings) : settings.reconcileAfter
        self = progress.isDoubted || now - lastWord >= pause ? .query : .nothing
      }
    }
  }

  /// A cancel that was refused or lost is repeated for as long as the order lives.
  private static func mayCancel(_ progress: OrderProgress, at now: Instant, _ settings: EngineSettings) -> Bool {
    guard let last = progress.canceledAt else { return true }
    return now - last >= pause(after: progress.cancelCount, settings)
  }

  private static func pause(after count: Int, _ settings: EngineSettings) -> Duration {
    min(retry * (1 << min(count - 1, 10)), settings.reconcileAfter)
  }
}
