import Basics
import Monitoring
import Trading
import TradingEngine

/// The sweep of stale intents: when a cycle happens to start at the right second, old intents go, and nobody is asked what became
/// of their orders.
struct StaleCron: Sendable {
  /// The first second of every 30 s of the wall clock; it is in the bot's last version too.
  private static let windowPeriod = Duration.seconds(30)
  private static let window = Duration.seconds(1)

  private let threshold: Duration
  private let metrics: Metrics
  private let log: EventLog

  init(_ parts: EngineAssembly) {
    threshold = parts.context.settings.intentStaleThreshold
    metrics = parts.context.metrics
    log = parts.events
  }

  /// Hands every stale intent of the book to `clear`, which says whether it was there.
  func sweep(
    _ book: any IntentBook, at time: Instant, clear: (PendingIntent) throws(Stopped) -> Bool
  ) throws(Stopped) {
    guard time.nanoseconds % Self.windowPeriod.nanoseconds < Self.window.nanoseconds else { return }
    var stale: [String] = []
    for item in try book.pending() {
      let age = time - item.intent.startedAt
      guard age > threshold, try clear(item) else { continue }
      metrics.recordStaleIntent(ageSeconds: age.seconds)
      stale.append(item.intent.id)
    }
    guard !stale.isEmpty else { return }
    try log(
      .warning, .staleIntentCleanup,
      [LogField(.count, .integer(stale.count)), LogField(.intents, .texts(stale))])
  }
}
