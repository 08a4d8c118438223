import Basics
import Trading

/// What a fault makes of one call or one event.
public enum ExchangeFault: Sendable, Equatable {
  /// The venue refuses the call with the profile's error of that code. Two words are no codes: `timeout` lets the venue do
  /// the work and loses the reply, `lost` loses the request; both end as an unknown outcome.
  case refuse(code: String)
  /// A call's reply, or an event's delivery, comes later.
  case sleep(Duration)
  /// A call's reply comes when the fault is healed.
  case hang
  /// An event is never delivered.
  case drop
  /// A call's reply says nothing of the fee.
  case nullFee
}

/// The seam in front of the venue where faults act.
public protocol ExchangeFaults: Sendable {
  /// Asked once for each call, when it reaches the venue.
  func decide(_ request: VenueRequest) -> ExchangeFault?
  /// Asked once for each order that reaches the venue: how it may trade.
  func terms(_ order: OrderRequest) -> MatchTerms
  /// Asked once for each order event of the user stream.
  func decide(_ event: VenueEvent) -> ExchangeFault?
  /// Waits as a `sleep` or `hang` says, and no longer than the fault is armed.
  func hold(_ fault: ExchangeFault) throws(Stopped)
}
