import Basics
import Trading

/// How long a symbol's exit rests after a failure: EXIT_RETRY_S, and as long as an entry would once the venue has refused it
/// for good time after time.
struct ExitPauseRule {
  /// A venue that refuses now and then is given as many chances as a passing refusal, at least this many.
  private static let retriesMin = 3

  private let retry: Duration
  private let rest: Duration
  private let refusalsMax: Int
  private var refusals = 0

  init(_ record: SessionRecord) throws(Unjudged) {
    retry = try record.settingTime(.exitRetryS)
    rest = max(retry, try record.settingTime(.symbolCooldownAfterFailedOrderS))
    refusalsMax = 1 + max(try record.settingCount(.routerMaxRetries), Self.retriesMin)
  }

  /// Another purchase: nothing is held against its exit.
  mutating func begin() { refusals = 0 }

  /// The pause after a sale of which the engine heard the end at `heard`; empty after one that was filled.
  mutating func ended(_ sale: OrderTraffic, heard: Instant) -> Range<Instant> {
    guard sale.end?.how != .filled else { return heard..<heard }
    if sale.takenAt != nil {
      refusals = 0
    } else if sale.places.last?.isPermanent == true {
      refusals += 1
    }
    return .from(heard, to: heard + (refusals < refusalsMax ? retry : rest))
  }
}
