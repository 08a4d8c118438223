import Basics
import Trading

/// One thing that happened to an account's order or balance, for its user stream and the history.
///
/// It keeps the figures of the moment; texts and reports are made of them by whoever reads it.
public struct VenueEvent: Sendable {
  /// Whom it concerns; each side of a trade gets an event of its own.
  public var account: Venue.Account
  /// Time of the step in which it happened.
  public var time: Instant
  private var kept: Kept

  /// One pointer: an event passes through several hands.
  enum Kept: Sendable {
    case accepted(OrderFacts)
    case trade(TradeNews)
    case ended(EndNews)
    case balances([Balance])
    indirect case told(UserEvent, ShownQuote?)
  }

  /// An event as given.
  public init(account: Venue.Account, time: Instant, event: UserEvent, quote: Quote? = nil) {
    self.init(account: account, time: time, kept: .told(event, quote.map { ShownQuote($0) }))
  }

  init(account: Venue.Account, time: Instant, kept: consuming Kept) {
    self.account = account
    self.time = time
    self.kept = kept
  }

  /// What happened, as the user stream tells it; made anew at each call.
  public var event: UserEvent {
    get {
      switch kept {
      case .accepted(let order): .accepted(order.report(OrderProgress(status: .new), at: time))
      case .trade(let trade): .trade(trade.fill(at: time), trade.order.report(trade.progress, at: time))
      case .ended(let end): .canceled(end.order.report(end.progress, at: time))
      case .balances(let balances): .balance(balances)
      case .told(let event, _): event
      }
    }
    set { kept = .told(newValue, shown) }
  }

  /// The market's quote of that moment, as its source has it; nil for balances.
  public var quote: Quote? { shown?.quote }

  private var shown: ShownQuote? {
    switch kept {
    case .accepted(let order): order.shown
    case .trade(let trade): trade.shown
    case .ended(let end): end.shown
    case .balances: nil
    case .told(_, let shown): shown
    }
  }

  /// Whether it is one side of a trade.
  public var isTrade: Bool {
    switch kept {
    case .trade, .told(.trade, _): true
    default: false
    }
  }

  /// `NEW`, `TRADE`, `CANCELED`, `EXPIRED`, `REJECTED` or `BALANCE`: the protocol's execution type.
  public var type: String {
    switch kept {
    case .accepted: "NEW"
    case .trade: "TRADE"
    case .ended(let end): Self.type(ofEnd: end.progress.status)
    case .balances: "BALANCE"
    case .told(let event, _):
      switch event {
      case .accepted: "NEW"
      case .trade: "TRADE"
      case .canceled(let report): Self.type(ofEnd: report.status)
      case .rejected: "REJECTED"
      case .balance: "BALANCE"
      case .stream: "STREAM"
      }
    }
  }

  private static func type(ofEnd status: OrderStatus) -> String {
    [.expired, .expiredInMatch].contains(status) ? "EXPIRED" : "CANCELED"
  }

  /// Of the order it is about; nil for balances.
  var clientOrderId: String? {
    switch kept {
    case .accepted(let order): order.clientOrderId
    case .trade(let trade): trade.order.clientOrderId
    case .ended(let end): end.order.clientOrderId
    case .balances: nil
    case .told(let event, _): event.report?.clientOrderId
    }
  }

  /// The order after the event; nil for balances. Made anew at each call.
  public var report: OrderReport? { event.report }
}

extension UserEvent {
  /// The order after the event; nil where it is about none.
  var report: OrderReport? {
    switch self {
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
