import Basics
import ChaosRuntime
import FaultInjection
import Synchronization
import Trading

/// Faults that somebody else decides before each call.
final class ScriptedFaults: ExchangeFaults {
  /// What the next call and its events meet.
  struct Next: Sendable {
    /// How far the client's clock is ahead.
    var skew = Duration.zero
    /// Share of the limits that is left, in millionths.
    var share = 1_000_000
    var connection: ConnectionFault?
    var revokesKey = false
    /// What an opened connection tells again; nil: nothing.
    var replay: StreamReplay?
    /// What becomes of the events of orders.
    var event: ExchangeFault?
  }

  private let next = Mutex(Next())

  /// Decides the next call.
  func set(_ next: Next) { self.next.withLock { $0 = next } }

  func decide(_ request: VenueRequest) -> ExchangeFault? {
    request.call == .openStream ? next.withLock { $0.replay.map { .replay($0) } } : nil
  }

  func venueAct(_ call: VenueCall) -> VenueAct? { next.withLock { $0.revokesKey } ? .revoke : nil }
  func connection(_ call: VenueCall) -> ConnectionFault? { next.withLock { $0.connection } }
  func clockSkew(_ call: VenueCall) -> Duration { next.withLock { $0.skew } }
  func limitShare(_ call: VenueCall) -> Int { next.withLock { $0.share } }
  func terms(_ order: OrderRequest) -> MatchTerms { MatchTerms() }
  func decide(_ event: VenueEvent) -> ExchangeFault? { next.withLock { $0.event } }
  func hold(_ fault: ExchangeFault) throws(Stopped) {}
}
