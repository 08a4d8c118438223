import Basics
public import FaultInjection
import Trading

/// What a fault makes of one call or one event.
public enum ExchangeFault: Sendable, Equatable {
  /// The venue refuses the call with the profile's error of that code. Two words are no codes: `timeout` lets the venue do
  /// the work and loses the reply, `lost` loses the request; both end as an unknown outcome.
  case refuse(code: String)
  /// A call's reply, or an event's delivery, comes later.
  case sleep(Duration)
  /// A call's request reaches the venue so much later, and its reply is lost.
  case late(Duration)
  /// A call's reply comes when the fault is healed.
  case hang
  /// An event is never delivered.
  case drop
  /// An event is delivered twice; a request reaches the venue twice, and the second reply is the one that arrives.
  case dup
  /// The venue does what an order asks for, and answers with the profile's error of that code.
  case executed(code: String)
  /// The venue refuses the call and asks for a pause of so long; the answer is two seconds on its way.
  case pause(Duration)
  /// The reply to a poll for quotes is not what it should be.
  case quotes(QuotesFlaw)
  /// A call's reply says nothing of the fee.
  case nullFee
  /// A connection is opened, and events of before are sent again.
  case replay(StreamReplay)
  /// An event of an order has a status that no document has.
  case unknownStatus
  /// A call's reply tells what was true earlier, or what never was.
  case falseReply(FalseReply)
  /// An event is delivered behind the account's next order event, or so much later when none comes.
  case reorder(Duration)
  /// A call is answered with a page of this HTTP status by something in front of the venue, which never sees the call.
  case page(status: Int)
  /// The venue does what a call asks for, and its reply cannot be read.
  case unreadable
  /// The caller waits for other threads before its call takes effect, or lets them go on: `barrier`, `wait`, `signal`.
  case meet(FaultAction)
}

/// What is wrong with the reply to a poll for quotes; the raw value is how fault files write it.
public enum QuotesFlaw: String, Sendable, CaseIterable {
  /// It brings no quote.
  case none
  /// The first symbol that was asked for is left out.
  case incomplete
  /// The last symbol that was asked for stands first.
  case reversed
  /// Every quote is the one of a minute ago, and says so.
  case old
  /// Every price is zero.
  case zero
  /// Bid and ask have changed places.
  case crossed

  /// How old the quotes of `old` are, in nanoseconds.
  package static let oldQuotesAge: Int64 = 60_000_000_000

  /// The reply to a poll that asked for these symbols; `earlier` gives a symbol's quote of a minute ago.
  package func spoiled(_ quotes: [Quote], asked symbols: [Symbol], earlier: (Symbol) -> Quote?) -> [Quote] {
    switch self {
    case .none: []
    case .incomplete: quotes.filter { $0.symbol != symbols.first }
    case .reversed: quotes.reversed()
    case .old: symbols.compactMap(earlier)
    case .zero: quotes.map { $0.priced(last: .zero, bid: .zero, ask: .zero) }
    case .crossed: quotes.map { $0.priced(last: $0.last, bid: $0.ask, ask: $0.bid) }
    }
  }
}

/// What a fault does to the connection of the user stream.
public enum ConnectionFault: Sendable {
  /// It is cut, and the client sees that.
  case cut
  /// Nothing comes any more, and nobody says so.
  case silence
  /// The key is no good any more: nothing comes, and it cannot be renewed.
  case keyGone
}

/// What is sent again when a connection is opened; the raw value is how fault files write it.
public enum StreamReplay: String, Sendable, CaseIterable {
  /// `replay=missed`: what happened since the connection before was lost.
  case missed = "replay=missed"
  /// `replay=all`: everything of the last minute, whether it was heard or not.
  case all = "replay=all"
}

/// A reply that is well formed and not true; the raw value is how fault files write it.
public enum FalseReply: String, Sendable, CaseIterable {
  /// `report=stale`: the order as it was when it was taken.
  case staleReport = "report=stale"
  /// `balances=stale`: what the query before this one was told.
  case staleBalances = "balances=stale"
  /// `balances=none`: the account holds nothing.
  case noBalances = "balances=none"
  /// `balances=half`: half of what is free.
  case halfBalances = "balances=half"
}

/// The seam in front of the venue where faults act.
public protocol ExchangeFaults: Sendable {
  /// Asked once for each call, when it reaches the venue.
  func decide(_ request: VenueRequest) -> ExchangeFault?
  /// Asked once for each call: what the venue does by itself before it.
  func venueAct(_ call: VenueCall) -> VenueAct?
  /// Asked once for each call: what becomes of the connection of the user stream.
  func connection(_ call: VenueCall) -> ConnectionFault?
  /// Asked once for each call: how far the client's clock is ahead of the venue's.
  func clockSkew(_ call: VenueCall) -> Duration
  /// Asked once for each call: the share of the venue's limits that is left to this client, in millionths.
  func limitShare(_ call: VenueCall) -> Int
  /// Asked once for each order that reaches the venue: how it may trade.
  func terms(_ order: OrderRequest) -> MatchTerms
  /// Asked once for each order event of the user stream.
  func decide(_ event: VenueEvent) -> ExchangeFault?
  /// Waits as a `sleep` or `hang` says, and no longer than the fault is armed.
  func hold(_ fault: ExchangeFault) throws(Stopped)
}
