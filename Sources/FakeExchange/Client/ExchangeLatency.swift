/// Nominal times between a client and the venue, as measured in the field session.
public struct ExchangeLatency: Sendable, Equatable {
  /// To place an order, from the call to its acknowledgement.
  public var placeOrder: Duration
  /// To cancel an order.
  public var cancelOrder: Duration
  /// To query one order.
  public var queryOrder: Duration
  /// To list the open orders.
  public var openOrders: Duration
  /// To list the balances.
  public var balances: Duration
  /// To poll quotes, whatever their number.
  public var quotes: Duration
  /// To list the market rules.
  public var marketRules: Duration
  /// From the venue's step to the user stream's delivery.
  public var event: Duration

  /// The field's nominal times: 270 ms for an order, 255 ms for a query, 280 ms for the balances, 90 ms for quotes.
  public init(
    placeOrder: Duration = .milliseconds(270), cancelOrder: Duration = .milliseconds(260),
    queryOrder: Duration = .milliseconds(255), openOrders: Duration = .milliseconds(255),
    balances: Duration = .milliseconds(280), quotes: Duration = .milliseconds(90),
    marketRules: Duration = .milliseconds(90), event: Duration = .milliseconds(60)
  ) {
    self.placeOrder = placeOrder
    self.cancelOrder = cancelOrder
    self.queryOrder = queryOrder
    self.openOrders = openOrders
    self.balances = balances
    self.quotes = quotes
    self.marketRules = marketRules
    self.event = event
  }

  /// Another nominal time for a call; calls that share one change together.
  mutating func set(_ call: VenueCall, to time: Duration) {
    switch call {
    case .placeOrder: placeOrder = time
    case .cancelOrder: cancelOrder = time
    case .queryOrder: queryOrder = time
    case .openOrders: openOrders = time
    case .fetchBalance: balances = time
    case .fetchTickers: quotes = time
    case .marketRules: marketRules = time
    case .cancelReplace, .serverTime, .openStream, .renewStream, .orderTrades: break
    }
  }

  /// A call's nominal time from request to reply; half of it passes before the venue acts.
  func nominal(_ call: VenueCall) -> Duration {
    switch call {
    case .placeOrder: placeOrder
    case .cancelOrder: cancelOrder
    case .queryOrder, .orderTrades: queryOrder
    case .openOrders: openOrders
    case .fetchBalance: balances
    case .fetchTickers: quotes
    case .marketRules: marketRules
    case .cancelReplace: placeOrder
    case .serverTime, .openStream, .renewStream: quotes
    }
  }
}
