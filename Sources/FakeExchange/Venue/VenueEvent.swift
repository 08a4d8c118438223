import Basics
import Trading

/// One thing that happened to an account's order or balance, for its user stream and the history.
public struct VenueEvent: Sendable {
  /// Whom it concerns; each side of a trade gets an event of its own.
  public var account: Venue.Account
  /// Time of the step in which it happened.
  public var time: Instant
  /// What happened, as the user stream tells it.
  public var event: UserEvent
  /// The market's quote of that moment, as its source has it; nil for balances.
  public var quote: Quote? { shown?.quote }
  /// Shared by the events of a moment: an event passes through several hands, and a quote is large.
  private let shown: ShownQuote?

  /// An event as given.
  public init(account: Venue.Account, time: Instant, event: UserEvent, quote: Quote? = nil) {
    self.account = account
    self.time = time
    self.event = event
    shown = quote.map { ShownQuote($0) }
  }

  init(account: Venue.Account, time: Instant, event: UserEvent, shown: ShownQuote?) {
    self.account = account
    self.time = time
    self.event = event
    self.shown = shown
  }

  /// `NEW`, `TRADE`, `CANCELED`, `EXPIRED`, `REJECTED` or `BALANCE`: the protocol's execution type.
  public var type: String {
    switch event {
    case .accepted: "NEW"
    case .trade: "TRADE"
    case .canceled(let report): [.expired, .expiredInMatch].contains(report.status) ? "EXPIRED" : "CANCELED"
    case .rejected: "REJECTED"
    case .balance: "BALANCE"
    case .stream: "STREAM"
    }
  }

  /// Of the order it is about; nil for balances.
  var clientOrderId: String? {
    switch event {
    case .accepted(let report), .canceled(let report), .trade(_, let report), .rejected(let report, _):
      report.clientOrderId
    case .balance, .stream: nil
    }
  }

  /// The order after the event; nil for balances.
  public var report: OrderReport? {
    switch event {
    case .accepted(let report), .canceled(let report), .trade(_, let report), .rejected(let report, _): report
    case .balance, .stream: nil
    }
  }
}

/// What a market source showed.
final class ShownQuote: Sendable {
  let quote: Quote?

  init(_ quote: Quote?) { self.quote = quote }

  /// Whether bid and ask are the same.
  func isPriced(as other: ShownQuote) -> Bool {
    self === other || (quote?.bid == other.quote?.bid && quote?.ask == other.quote?.ask)
  }
}
