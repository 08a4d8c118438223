import Basics
import Trading

/// One thing that happened to an account's order or balance, for its user stream and the history.
///
/// It keeps the figures of the moment; texts and reports are made of them by whoever reads it. They stand in it and not behind a
/// pointer: most events are made, noted and forgotten, and memory of their own would cost more than all of that.
public struct VenueEvent: Sendable {
  /// What it happened to: facts of an order, names of assets, or what is told instead.
  private(set) var subject: EventSubject
  private(set) var beside: Beside?
  private(set) var figures: Figures

  /// What has no pointer: it is copied and forgotten without a count of who has it.
  struct Figures: Sendable {
    var account: Venue.Account
    var time: Instant
    /// Of a trade its price, quantity and fee; of balances what is free and locked of the first.
    let amounts: (Decimal, Decimal, Decimal)
    /// Of an order; of balances what is free and locked of the second.
    let filled: Filled
    /// Of all trades of the venue, from 1; of balances the second column.
    let number: Int32
    /// Of the asset of the fee, or of the first balance.
    let column: Int32
    var kind: Kind
    let status: OrderStatus
    let isMaker: Bool

    // All at once: a value that is made bit by bit is copied before it is kept.
    @inline(__always)
    init(
      _ account: Venue.Account, _ time: Instant, _ kind: Kind,
      amounts: (Decimal, Decimal, Decimal) = (.zero, .zero, .zero), filled: Filled = Filled(), number: Int32 = 0,
      column: Int32 = 0, status: OrderStatus = .new, isMaker: Bool = false
    ) {
      self.account = account
      self.time = time
      self.amounts = amounts
      self.filled = filled
      self.number = number
      self.column = column
      self.kind = kind
      self.status = status
      self.isMaker = isMaker
    }

    /// The venue has taken an order.
    @inline(__always)
    static func accepted(_ account: Int, at time: Instant) -> Figures {
      Figures(Venue.Account(index: account), time, .accepted)
    }

    /// An order ended before it was filled.
    @inline(__always)
    static func ended(_ account: Int, at time: Instant, _ filled: Filled, _ status: OrderStatus) -> Figures {
      Figures(Venue.Account(index: account), time, .ended, filled: filled, status: status)
    }

    /// One trade of an order, and the order after it.
    @inline(__always)
    static func trade(_ account: Int, _ trade: KeptTrade, _ filled: Filled, _ status: OrderStatus) -> Figures {
      Figures(
        Venue.Account(index: account), trade.time, .trade, amounts: (trade.price, trade.quantity, trade.feeAmount),
        filled: filled, number: trade.number, column: trade.feeAsset, status: status, isMaker: trade.isMaker)
    }

    /// A step has changed one balance of an account.
    @inline(__always)
    static func balance(_ account: Int, at time: Instant, of ledger: borrowing VenueLedger, _ first: Int) -> Figures {
      Figures(
        Venue.Account(index: account), time, .balance,
        amounts: (ledger.free(account, first), ledger.locked(account, first), .zero), column: Int32(first))
    }

    /// A step has changed balances of an account.
    @inline(__always)
    static func balances(
      _ account: Int, at time: Instant, of ledger: borrowing VenueLedger, _ first: Int, _ second: Int
    ) -> Figures {
      Figures(
        Venue.Account(index: account), time, .balances,
        amounts: (ledger.free(account, first), ledger.locked(account, first), .zero),
        filled: Filled(quantity: ledger.free(account, second), quote: ledger.locked(account, second)),
        number: Int32(second), column: Int32(first))
    }
  }

  /// Whom it concerns; each side of a trade gets an event of its own.
  public var account: Venue.Account {
    get { figures.account }
    set { figures.account = newValue }
  }

  /// Time of the step in which it happened.
  public var time: Instant {
    get { figures.time }
    set { figures.time = newValue }
  }

  /// What happened.
  enum Kind: UInt8, Sendable {
    case accepted, trade, ended, balance, balances, told
  }

  /// What few events have.
  final class Beside: Sendable {
    /// What the market's source showed where that is not what it showed when the venue took the order; nil: its book was empty.
    let shown: ShownQuote?
    /// Balances beyond the second.
    let balances: [Balance]

    init(shown: ShownQuote? = nil, balances: [Balance] = []) {
      self.shown = shown
      self.balances = balances
    }
  }

  /// An event as given.
  public init(account: Venue.Account, time: Instant, event: UserEvent, quote: Quote? = nil) {
    self.init(account: account, time: time, told: event, shown: quote.map { ShownQuote($0) })
  }

  init(account: Venue.Account, time: Instant, told event: UserEvent, shown: ShownQuote?) {
    self.init(ToldNews(event, shown), nil, Figures(account, time, .told))
  }

  init(_ subject: EventSubject, _ beside: Beside?, _ figures: Figures) {
    self.subject = subject
    self.beside = beside
    self.figures = figures
  }

  // MARK: Kinds and their subjects

  @inline(__always)
  var order: OrderFacts? {
    switch figures.kind {
    case .accepted, .trade, .ended: unsafeDowncast(subject, to: OrderFacts.self)
    case .balance, .balances, .told: nil
    }
  }

  private var told: ToldNews? { figures.kind == .told ? unsafeDowncast(subject, to: ToldNews.self) : nil }
  private var names: AssetNames { unsafeDowncast(subject, to: AssetNames.self) }

  /// What happened, as the user stream tells it; made anew at each call.
  public var event: UserEvent {
    get {
      guard let order else { return told?.event ?? .balance(balances(names.assets)) }
      switch figures.kind {
      case .trade: return .trade(fill(order), report(order))
      case .ended: return .canceled(report(order))
      default: return .accepted(report(order))
      }
    }
    set {
      subject = ToldNews(newValue, shown)
      figures.kind = .told
      beside = nil
    }
  }

  private func report(_ order: OrderFacts) -> OrderReport {
    order.report(figures.status, figures.filled, fee: figures.filled.fee(order.market.names.assets), at: time)
  }

  private func fill(_ order: OrderFacts) -> Fill {
    let (price, quantity, fee) = figures.amounts
    return Fill(
      tradeId: Venue.numbered("T", Int(figures.number)), orderId: order.orderId, clientOrderId: order.clientOrderId,
      symbol: order.symbol, side: order.side, price: price, quantity: quantity,
      quote: Venue.product(price, quantity, .down),
      fee: Fee(asset: order.market.names.assets[Int(figures.column)], amount: fee), isMaker: figures.isMaker,
      time: time)
  }

  private func balances(_ assets: [String]) -> [Balance] {
    let first = Balance(asset: assets[Int(figures.column)], free: figures.amounts.0, locked: figures.amounts.1)
    if figures.kind == .balance { return [first] }
    let second = Balance(
      asset: assets[Int(figures.number)], free: figures.filled.quantity, locked: figures.filled.quote)
    return [first, second] + (beside?.balances ?? [])
  }

  /// The market's quote of that moment, as its source has it; nil for balances.
  public var quote: Quote? { shown?.quote }

  private var shown: ShownQuote? {
    guard let order else { return told?.shown }
    return beside.map { $0.shown } ?? order.shown
  }

  /// Whether it is one side of a trade.
  public var isTrade: Bool {
    if figures.kind != .told { return figures.kind == .trade }
    if case .trade? = told?.event { return true }
    return false
  }

  /// `NEW`, `TRADE`, `CANCELED`, `EXPIRED`, `REJECTED` or `BALANCE`: the protocol's execution type.
  public var type: String {
    switch figures.kind {
    case .accepted: "NEW"
    case .trade: "TRADE"
    case .ended: Self.type(ofEnd: figures.status)
    case .balance, .balances: "BALANCE"
    case .told:
      switch unsafeDowncast(subject, to: ToldNews.self).event {
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
  var clientOrderId: String? { order?.clientOrderId ?? told?.event.report?.clientOrderId }

  /// The order after the event; nil for balances. Made anew at each call.
  public var report: OrderReport? { event.report }
}

/// What an event is about; which of them it is, its kind says.
class EventSubject: @unchecked Sendable {}

/// Names of all assets of a venue, by column.
final class AssetNames: EventSubject, @unchecked Sendable {
  let assets: [String]

  init(_ assets: [String]) { self.assets = assets }
}

/// What a fault or somebody outside the venue says instead of what happened.
final class ToldNews: EventSubject, @unchecked Sendable {
  let event: UserEvent
  let shown: ShownQuote?

  init(_ event: UserEvent, _ shown: ShownQuote?) {
    self.event = event
    self.shown = shown
  }
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
