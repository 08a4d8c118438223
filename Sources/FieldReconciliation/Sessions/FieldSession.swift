public import Basics
public import Trading

/// Where something stands: a line of a file of the session.
public struct FieldPlace: Sendable, Hashable {
  /// Index of the file in `FieldSession.files`.
  public var file: Int
  /// From 1.
  public var line: Int
}

/// A moment and the line that tells of it.
public struct FieldMark: Sendable, Equatable {
  /// As the line says, brought to UTC.
  public var time: Instant
  /// The line.
  public var place: FieldPlace
}

/// One file that was read, and what was noticed.
public struct FieldFile: Sendable {
  /// As the user knows it, below the session's directory.
  public var path: String
  /// Index of its source in the map.
  public var source: String
  /// Whose word it is.
  public var side: FieldMap.Side
  /// Lines that were read, blank ones left out.
  public var lines = 0
  /// Lines that say something of this session's orders, balances or calls.
  public var told = 0
  /// Lines that could not be read, the first three by number.
  public var broken: (count: Int, first: [Int]) = (0, [])
  /// Whether its last line has no end, as a killed session leaves it.
  public var isTorn = false
  /// Whether it is packed and ends before its packed data does; then it is torn too.
  public var isCutOff = false
  /// Lines that were read before, in this file or another.
  public var copies = 0
  /// First and last moment that its lines tell of; nil: they tell none.
  public var span: (first: Instant, last: Instant)?
  /// Lines from which on its clock is an hour behind what it was, as at the end of summer time.
  public var setBack: [Int] = []
  /// Lines that stand behind later ones.
  public var disordered = 0
  /// Its times name no zone and none was given: UTC was assumed.
  public var isWithoutZone = false
  /// Amounts with more digits than are kept.
  public var cut = 0
  /// Rows without a name of their own that are equal to another row of this file.
  public var twins = 0
}

/// What the bot believed of one order.
public struct BeliefOrder: Sendable {
  /// The bot's name for it; empty: none was logged.
  public var clientId = ""
  /// The venue's name for it, as the bot heard it; empty: it never did.
  public var orderId = ""
  /// `BASE/QUOTE`; empty: not told.
  public var symbol = ""
  /// Nil: not told.
  public var side: Side?
  /// Ordered quantity; nil: not told.
  public var amount: Decimal?
  /// The limit; nil: not told, or a market order.
  public var price: Decimal?
  /// The decision behind it; empty: not told.
  public var signal = ""
  /// First told as sent; nil: never.
  public var sent: FieldMark?
  /// Lines that tell of sending it.
  public var sentCount = 0
  /// First told as taken by the venue.
  public var acknowledged: FieldMark?
  /// What was booked, line by line.
  public var fills: [Booking] = []
  /// First told as failed, canceled.
  public var failed: FieldMark?
  /// Why it failed; empty: not told.
  public var reason = ""
  /// First told as canceled.
  public var canceled: FieldMark?
  /// The last word on it.
  public var last: FieldMark?

  /// One line that tells of a fill.
  public struct Booking: Sendable {
    /// When and where.
    public var mark: FieldMark
    /// Base asset; nil: not told.
    public var quantity: Decimal?
    /// Quote asset; nil: not told.
    public var cost: Decimal?
    /// What the venue took; nil: not told.
    public var fee: Decimal?
    /// In what.
    public var feeAsset: String
    /// Whether it says that the order is filled, not a part of it.
    public var isFinal: Bool
    /// Whether it says the order's total.
    public var isCumulative: Bool
  }

  /// Base asset booked; zero: nothing.
  public var booked: Decimal {
    var total = Decimal.zero
    for fill in fills {
      guard let quantity = fill.quantity ?? (fill.isFinal ? amount : nil) else { continue }
      total = fill.isCumulative ? max(total, quantity) : total + quantity
    }
    return total
  }

  /// Quote asset booked; nil: no line tells.
  public var bookedCost: Decimal? {
    var total: Decimal?
    for fill in fills {
      guard let cost = fill.cost else { continue }
      total = fill.isCumulative ? max(total ?? .zero, cost) : (total ?? .zero) + cost
    }
    return total
  }

  /// Lines that call it filled in whole.
  public var finals: [Booking] { fills.filter(\.isFinal) }

  /// How the bot thinks that it ended.
  public var state: OrderState {
    if !finals.isEmpty { return .filled }
    if failed != nil { return booked.isPositive ? .partly : .failed }
    if canceled != nil { return booked.isPositive ? .partly : .canceled }
    return booked.isPositive ? .open : .unknown
  }
}

/// How an order stands at the end, on either side.
public enum OrderState: String, Sendable, CaseIterable {
  /// In whole; in part and ended; ended by a cancel or by the venue without a fill; refused.
  case filled, partly, canceled, failed
  /// It rests, perhaps filled in part; nobody tells.
  case open, unknown
}

/// What the venue did with one order.
public struct TruthOrder: Sendable {
  /// The venue's name for it; empty: not told.
  public var orderId = ""
  /// The bot's name for it; empty: not told.
  public var clientId = ""
  /// `BASE/QUOTE`; empty: not told.
  public var symbol = ""
  /// Nil: not told.
  public var side: Side?
  /// Ordered quantity; nil: not told.
  public var amount: Decimal?
  /// The limit; nil: not told.
  public var price: Decimal?
  /// When it reached the venue, or the first word on it.
  public var placed: FieldMark?
  /// The last word on it.
  public var last: FieldMark?
  /// As the venue's own word says; nil: it was never told.
  public var status: OrderState?
  /// As an answer about the order says; nil: none did.
  public var toldFilled: Decimal?
  /// As an answer about the order says, quote asset.
  public var toldCost: Decimal?
  /// Its single trades.
  public var trades: [TruthTrade] = []
  /// As an answer says, where no trade has one.
  public var toldFee: (amount: Decimal, asset: String)?
  /// Whether an answer about it told of a fill and had null for the fee.
  public var hasNullFee = false
  /// Why it was refused; empty: it was not.
  public var refusal = ""
  /// Refusals for good: the same request would be refused again.
  public var finalRefusals = 0
  /// Refusals that say that the venue has it already.
  public var duplicateRefusals = 0
  /// Whether the bot's own record of calls tells of it.
  public var isOwnCall = false
  /// Made of trades that name no order.
  public var isGuessed = false
  /// The order of the log that they were put together for; nil: none.
  var belief: Int?
  /// The call that placed it; empty: not told.
  public var method = ""

  /// Base asset that was filled; nil: nobody tells.
  public var filled: Decimal? {
    let traded = trades.reduce(Decimal.zero) { $0 + $1.quantity }
    if let told = toldFilled { return max(told, traded) }
    if !trades.isEmpty { return traded }
    switch status {
    case .canceled, .failed: return .zero
    case .filled: return amount
    default: return nil
    }
  }

  /// Quote asset that was paid or brought; nil: nobody tells.
  public var cost: Decimal? {
    let traded = trades.reduce(Decimal.zero) { $0 + $1.cost }
    let quantity = trades.reduce(Decimal.zero) { $0 + $1.quantity }
    if let told = toldCost, toldFilled ?? .zero >= quantity { return told }
    if !trades.isEmpty { return traded }
    return filled == .zero ? .zero : nil
  }

  /// How it stands.
  public var state: OrderState {
    guard let filled else { return status ?? .unknown }
    if let amount, filled.isPositive, filled >= amount { return .filled }
    switch status {
    case .filled: return .filled
    case .canceled, .partly: return filled.isPositive ? .partly : .canceled
    case .failed: return filled.isPositive ? .partly : .failed
    case .open: return .open
    case .unknown, nil: return filled.isPositive ? (amount == nil ? .filled : .partly) : .unknown
    }
  }

  /// What the venue took, asset by asset.
  public var fees: [(asset: String, amount: Decimal)] {
    var sums: [(asset: String, amount: Decimal)] = []
    for trade in trades {
      guard let fee = trade.fee, !fee.isZero else { continue }
      if let at = sums.firstIndex(where: { $0.asset == trade.feeAsset }) {
        sums[at].amount += fee
      } else {
        sums.append((trade.feeAsset, fee))
      }
    }
    if sums.isEmpty, let told = toldFee, !told.amount.isZero { sums.append((told.asset, told.amount)) }
    return sums
  }
}

/// One trade of the venue.
public struct TruthTrade: Sendable {
  /// When and where.
  public var mark: FieldMark
  /// The venue's name for it; empty: not told.
  public var id: String
  /// Base asset.
  public var quantity: Decimal
  /// Quote asset.
  public var cost: Decimal
  /// Quote per base.
  public var price: Decimal?
  /// What the venue took; nil: not told.
  public var fee: Decimal?
  /// In what.
  public var feeAsset: String
}

/// An amount of an asset that was there.
public struct FieldBalance: Sendable {
  /// When and where.
  public var mark: FieldMark
  /// Free and locked together, asset by asset; an asset that a whole list lacks is zero.
  public var amounts: [String: Decimal]
  /// Digits behind the point that the amounts were written with at most: what lies below is rounding.
  public var places: Int
  /// Whether it lists all assets, or those that changed.
  public var isWhole: Bool
}

/// An event of a log by its name.
public struct FieldEvent: Sendable {
  /// As the log has it; parts are joined by points.
  public var name: String
  /// Index of its file's side: logs and truths count apart.
  public var side: FieldMap.Side
  /// Its kind; nil: the map says nothing of it.
  public var kind: FieldMap.Kind?
  /// How often it stands there.
  public var count = 0
  /// How often at level ERROR.
  public var errors = 0
  /// The first line.
  public var first: FieldPlace
}

/// A line that is kept for the diagnosis.
public struct NotedLine: Sendable {
  /// Its event, as the map joins it.
  public var event: String
  /// Whose word it is.
  public var side: FieldMap.Side
  /// When and where.
  public var mark: FieldMark
  /// `BASE/QUOTE`; empty: not told.
  public var symbol: String
  /// The bot's name of the order that it is about; empty: of none.
  public var clientId: String
  /// The bot's name of the intent that it is about; empty: of none.
  public var intent: String
  /// A code, and words; empty: not told.
  public var code: String
  /// Empty: not told.
  public var text: String
  /// The number that matters; nil: none.
  public var figure: Double?
  /// What it is compared with; nil: nothing.
  public var limit: Double?
}

/// A session of a bot in the field: what it believed, and what the venue did.
public struct FieldSession: Sendable {
  /// The directory, or the first file.
  public var path: String
  /// Name of its map.
  public var map: String
  /// What was read.
  public var files: [FieldFile] = []
  /// In the order of the first word about each.
  public var beliefs: [BeliefOrder] = []
  /// In the order of the first word about each.
  public var truths: [TruthOrder] = []
  /// Trades that name no order.
  public var looseTrades: [(symbol: String, side: Side, trade: TruthTrade)] = []
  /// What the bot thought that it had, in the order of time.
  public var believedBalances: [FieldBalance] = []
  /// What it had, in the order of time.
  public var balances: [FieldBalance] = []
  /// Numbers of open positions that the bot told.
  public var positionCounts: [(mark: FieldMark, count: Int)] = []
  /// Signals that the bot found.
  public var signals: [(mark: FieldMark, symbol: String)] = []
  /// Answers of the venue by call, in milliseconds; and how many failed.
  public var calls: [String: [Double]] = [:]
  /// Calls that did not go well, by name.
  public var failedCalls: [String: Int] = [:]
  /// Lines that are kept for the diagnosis, in the order of time.
  public var noted: [NotedLine] = []
  /// Events by name.
  public var events: [FieldEvent] = []
  /// Runs of the program that its lines name, in their order.
  public var runs: [String] = []
  /// Starts of the program that its log tells.
  public var starts: [FieldMark] = []
  /// Files that a session of this kind has and that are missing, with what is not known without them.
  public var missing: [(file: String, cost: String)] = []
  /// `metrics/summary.json` and `stackdump.txt` as they are; nil: not there.
  public var metrics: [UInt8]?
  /// Nil: not there.
  public var dump: [UInt8]?
  /// Whether a whole directory of ours was handed in, so that what is not there was not written.
  public var isWholeDirectory = false
  /// First and last moment of each side.
  public var spans: [FieldMap.Side: (first: Instant, last: Instant)] = [:]

  /// `file:line`, for people.
  public func place(_ place: FieldPlace) -> String {
    files.indices.contains(place.file) ? "\(files[place.file].path):\(place.line)" : "?"
  }

  /// Whether the truth has orders by name, so that an order that is missing there was not placed.
  public var knowsOrders: Bool {
    truths.contains { !$0.isGuessed } || files.contains { $0.side == .truth && Self.tellsOrders.contains($0.source) }
  }
  private static let tellsOrders = ["bot-calls", "chaos-truth", "ccxt-orders", "binance-orders", "mexc-orders"]

  /// Whether the truth tells of every order that reached the venue up to a moment: a file that was cut off does not.
  func tellsOrders(at time: Instant) -> Bool {
    guard let span = spans[.truth], time >= span.first else { return false }
    let files = files.filter { $0.side == .truth && Self.tellsOrders.contains($0.source) }
    let torn = files.filter(\.isTorn).compactMap { $0.span?.last }.max()
    return time <= torn ?? (span.last + .seconds(60))
  }

  /// The bot's names of orders of which its log says that it does not know what became of them.
  var outcomesUnknown: Set<String> {
    Set(
      noted.filter { $0.side == .log && $0.event == EventName.orderOutcomeUnknown.rawValue && !$0.clientId.isEmpty }
        .map(\.clientId))
  }

  /// How often an event stands in the logs.
  public func count(_ event: String) -> Int {
    events.reduce(0) { $0 + ($1.side == .log && $1.name == event ? $1.count : 0) }
  }
}
