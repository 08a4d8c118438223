import Basics
import ChaosRuntime
import Synchronization

/// How long each market's exit rests after a failure.
///
/// A few failures in a row are followed by EXIT_RETRY_S each. A venue that goes on refusing for good will hardly be talked
/// round by the same request every few seconds: from then on the exit rests as long as an entry would.
final class ExitPauses: Sendable {
  private struct Market {
    var until = Instant(nanoseconds: .min)
    var refusals = 0
  }

  /// What follows from one failure.
  struct Pause {
    var until: Instant
    /// Refusals for good in a row, this one included.
    var refusals: Int
    /// Whether the exit is refused so often now that somebody should look at it; once per run of refusals.
    var isAlarming: Bool
  }

  /// A venue that refuses now and then is given as many chances as a passing refusal, at least this many.
  private static let retriesMin = 3

  private let retry: Duration
  private let rest: Duration
  private let refusalsMax: Int
  private let markets: Mutex<[Market]>

  init(_ settings: EngineSettings, count: Int) {
    retry = settings.exitRetry
    rest = max(settings.exitRetry, settings.cooldownAfterFailedOrder)
    refusalsMax = 1 + max(settings.routerMaxRetries, Self.retriesMin)
    markets = Mutex(Array(repeating: Market(), count: count))
  }

  /// Whether an exit of any market is refused so often that somebody should look at it.
  var isAnyRefused: Bool { markets.withLock { $0.contains { $0.refusals >= refusalsMax } } }

  /// Whether the market's exit may be tried.
  func mayExit(_ market: Int, at time: Instant) -> Bool { markets.withLock { $0[market].until <= time } }

  /// Notes that an exit failed: refused for good, taken by the venue and ended unfilled, or neither.
  func failed(_ market: Int, at time: Instant, isRefusedForGood: Bool, wasTaken: Bool) -> Pause {
    markets.withLock { markets in
      if isRefusedForGood { markets[market].refusals += 1 } else if wasTaken { markets[market].refusals = 0 }
      let refusals = markets[market].refusals
      let until = time + (refusals < refusalsMax ? retry : rest)
      markets[market].until = until
      return Pause(until: until, refusals: refusals, isAlarming: isRefusedForGood && refusals == refusalsMax)
    }
  }

  /// Notes that an order of the market was filled: what its exits met before counts no more.
  func begin(_ market: Int) { markets.withLock { $0[market].refusals = 0 } }
}
