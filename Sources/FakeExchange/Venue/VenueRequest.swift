import Trading

/// The calls of the venue, named as `exchange.jsonl` and the fault sites name them.
public enum VenueCall: String, Sendable, CaseIterable {
  case placeOrder = "place_order"
  case cancelOrder = "cancel_order"
  case queryOrder = "query_order"
  case openOrders = "open_orders"
  case fetchBalance = "fetch_balance"
  case fetchTickers = "fetch_tickers"
  case marketRules = "market_rules"

  /// Whether the history only counts it.
  public var isNoise: Bool { self == .marketRules }
}

/// What a client may ask of the venue.
public enum VenueRequest: Sendable {
  indirect case place(OrderRequest)
  case cancel(Symbol, clientOrderId: String)
  case query(Symbol, clientOrderId: String)
  case openOrders
  case balances
  case quotes([Symbol])
  case marketRules

  /// The call's name.
  public var call: VenueCall {
    switch self {
    case .place: .placeOrder
    case .cancel: .cancelOrder
    case .query: .queryOrder
    case .openOrders: .openOrders
    case .balances: .fetchBalance
    case .quotes: .fetchTickers
    case .marketRules: .marketRules
    }
  }

  /// The symbol it is about, if it is about one.
  public var symbol: Symbol? {
    switch self {
    case .place(let order): order.symbol
    case .cancel(let symbol, _), .query(let symbol, _): symbol
    default: nil
    }
  }

  /// The order it is about, if it is about one.
  public var clientOrderId: String? {
    switch self {
    case .place(let order): order.clientOrderId
    case .cancel(_, let id), .query(_, let id): id
    default: nil
    }
  }
}

/// What the venue answers.
public enum VenueReply: Sendable {
  case ack(OrderAck)
  indirect case report(OrderReport)
  case reports([OrderReport])
  case balances([Balance])
  case quotes([Quote])
  case rules([MarketRules])
  case refused(VenueError)

  /// The same answer, silent about the fee.
  var withoutFee: VenueReply {
    guard case .report(var report) = self else { return self }
    report.fee = nil
    return .report(report)
  }
}
