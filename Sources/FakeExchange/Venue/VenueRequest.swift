public import Basics
import Trading

/// The calls of the venue, named as `exchange.jsonl` and the fault sites name them.
public enum VenueCall: String, Sendable, CaseIterable {
  /// An order is placed.
  case placeOrder = "place_order"
  /// An order is taken back.
  case cancelOrder = "cancel_order"
  /// One order is asked for.
  case queryOrder = "query_order"
  /// All open orders are asked for.
  case openOrders = "open_orders"
  /// Balances are asked for.
  case fetchBalance = "fetch_balance"
  /// Quotes are polled.
  case fetchTickers = "fetch_tickers"
  /// The rules of all markets are asked for.
  case marketRules = "market_rules"
  /// An order is taken back and another one placed in its stead.
  case cancelReplace = "cancel_replace"
  /// The venue's clock is asked for.
  case serverTime = "server_time"
  /// A connection for the user stream is opened.
  case openStream = "open_stream"
  /// The key of the user stream is given more time.
  case renewStream = "renew_stream"
  /// The trades of one order are asked for.
  case orderTrades = "order_trades"

  /// Whether the venue asks for the account's key.
  var needsKey: Bool { isSigned || self == .openStream || self == .renewStream }

  /// Whether the request carries the client's time and signature.
  var isSigned: Bool {
    switch self {
    case .placeOrder, .cancelOrder, .queryOrder, .openOrders, .fetchBalance, .cancelReplace, .orderTrades: true
    case .fetchTickers, .marketRules, .serverTime, .openStream, .renewStream: false
    }
  }
}

/// What a client may ask of the venue.
///
/// Indirect where it is more than a pointer: the history keeps each request twice, with its call and with its reply.
public enum VenueRequest: Sendable {
  /// Place an order.
  indirect case place(OrderRequest)
  /// Take an order back.
  indirect case cancel(Symbol, clientOrderId: String)
  /// Tell where an order stands.
  indirect case query(Symbol, clientOrderId: String)
  /// Tell the account's open orders.
  case openOrders
  /// Tell the account's balances.
  case balances
  /// Tell the quotes of these markets.
  case quotes([Symbol])
  /// Tell the rules of all markets.
  case marketRules
  /// Take the order of that client id back and, when that is done, place the other.
  indirect case cancelReplace(Symbol, clientOrderId: String, OrderRequest)
  /// Tell the time.
  case serverTime
  /// Open a connection for the user stream.
  case openStream
  /// Give the user stream's key more time.
  case renewStream
  /// Tell the trades of the order that the venue calls so; its client id is for the history alone.
  indirect case trades(Symbol, orderId: String, clientOrderId: String)

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
    case .cancelReplace: .cancelReplace
    case .serverTime: .serverTime
    case .openStream: .openStream
    case .renewStream: .renewStream
    case .trades: .orderTrades
    }
  }

  /// The symbol it is about, if it is about one.
  public var symbol: Symbol? {
    switch self {
    case .place(let order): order.symbol
    case .cancel(let symbol, _), .query(let symbol, _), .cancelReplace(let symbol, _, _), .trades(let symbol, _, _):
      symbol
    default: nil
    }
  }

  /// The order it is about, if it is about one.
  public var clientOrderId: String? {
    switch self {
    case .place(let order): order.clientOrderId
    case .cancel(_, let id), .query(_, let id), .cancelReplace(_, let id, _), .trades(_, _, let id): id
    default: nil
    }
  }
}

extension VenueRequest {
  /// The order that it asks to place, if it does.
  public var newOrder: OrderRequest? {
    switch self {
    case .place(let order), .cancelReplace(_, _, let order): order
    default: nil
    }
  }
}

/// What the venue answers.
public enum VenueReply: Sendable {
  /// To `place`: the venue has the order.
  case ack(OrderAck)
  /// To `cancel` and `query`: the order as it is now.
  indirect case report(OrderReport)
  /// To `openOrders`, oldest first.
  case reports([OrderReport])
  /// To `balances`, by asset.
  case balances([Balance])
  /// To `quotes`, in the order asked.
  case quotes([Quote])
  /// To `marketRules`, in the order of the markets.
  case rules([MarketRules])
  /// To `cancelReplace`: the order that was taken back, and the new one.
  indirect case replaced(OrderReport, OrderAck)
  /// To `serverTime`.
  case time(Instant)
  /// To `openStream` and `renewStream`: until when the key is good.
  case stream(until: Instant)
  /// To `trades`, oldest first, each with its fee.
  case trades([Fill])
  /// To anything: nothing was done.
  indirect case refused(VenueError)

  /// The same answer, silent about the fee.
  package var withoutFee: VenueReply {
    guard case .report(var report) = self else { return self }
    report.fee = nil
    return .report(report)
  }
}
