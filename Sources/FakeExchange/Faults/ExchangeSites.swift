import FaultInjection
import Trading

/// The places in front of the venue where fault files can act.
///
/// `side` and `type` are as venues write them: `BUY`, `SELL`, `LIMIT`, `MARKET`, `LIMIT_MAKER`.
public enum ExchangeSites {
  /// Order events on their way to the client.
  package static let userStream = "exchange.user_stream.execution_report"
  static let match = "exchange.match"
  static let clock = "exchange.clock"
  static let limits = "exchange.limits"
  static let acts = "exchange.venue_acts"
  static let connection = "exchange.user_stream.connection"

  /// The site of a call.
  package static func name(_ call: VenueCall) -> String { "exchange.\(call.rawValue)" }

  /// Catalogue entries of every site, one for each call, one for the book and one for the user stream.
  public static let definitions: [SiteDefinition] =
    calls.map { call in
      SiteDefinition(
        name: name(call), keys: keys(call),
        actions: actions(call), codes: ["timeout", "lost"],
        fields: fields(call), values: values(keys(call)), summary: summary(call))
    } + [
      SiteDefinition(
        name: match, keys: ["symbol", "side", "type", "clientOrderId"],
        actions: [.sleep, .quota, .returnError, .replace],
        fields: (2...4).map { "parts=\($0)" } + ["type=maker"],
        values: values(["symbol", "side", "type"]),
        summary: "a new order is about to meet the book; sleep lets it trade only later, quota(40%) at most that share "
          + "of it: the rest stays open until it is canceled; replace(parts=3) lets it trade in parts, two seconds apart; "
          + "replace(type=maker) takes it as one that must not trade at once: the venue refuses it where it would; "
          + "return(code) refuses the order after it was acknowledged"),
      SiteDefinition(
        name: clock, keys: ["call"], actions: [.skew], values: values(["call"]),
        summary: "a call gets its time stamp; skew(-2s) says that the client's clock is so far behind the venue's, "
          + "skew(0s,20ms) that it gains so much in each second"),
      SiteDefinition(
        name: limits, keys: ["call"], actions: [.quota], values: values(["call"]),
        summary:
          "the venue counts a call against its limits; quota(2%) leaves this client so much of them: beyond, the venue "
          + "answers 429 with Retry-After, and 418 to a client that goes on"),
      SiteDefinition(
        name: acts, keys: ["call"], actions: [.replace], fields: VenueAct.allCases.map { "act=\($0.rawValue)" },
        values: values(["call"]),
        summary:
          "the venue acts by itself before a call takes effect, on the symbol of the oldest open order or else of the last one: "
          + "it cancels or expires the order, halts (30 s) or delists the symbol, empties its book (20 s), makes its tick, step or "
          + "minimum ten times as large; withdraw and sale move the account's money and coins; other_bot places an order of somebody else's on the account; revoke "
          + "takes its key away for a minute"),
      SiteDefinition(
        name: connection, keys: ["call"], actions: [.close, .drop, .replace], fields: ["key=expired"],
        values: values(["call"]),
        summary:
          "the connection of the user stream, looked at with every call; close cuts it and the client sees that, drop makes "
          + "it silent, replace(key=expired) ends its key: nothing comes until it is opened again"),
      SiteDefinition(
        name: userStream, keys: ["x", "symbol", "side", "clientOrderId"],
        actions: [.sleep, .drop, .dup, .reorder, .corrupt, .replace],
        fields: ["status=unknown"],
        values: values(["x", "symbol", "side"]),
        summary:
          "an order event on its way to the client; x: what happened to the order; sleep delivers it later than the events after it, "
          + "dup delivers it twice, reorder(2s) behind the next order event, or so much later, corrupt in a form that cannot be "
          + "read, replace(status=unknown) with a status that no document has"
      ),
    ]

  /// The calls of the client port; the others exist on the wire alone.
  private static let calls = VenueCall.allCases.filter { $0 != .cancelReplace }

  /// What is known of the values of some keys.
  private static func values(_ keys: [String]) -> [String: SiteKeyValues] {
    var values: [String: SiteKeyValues] = [:]
    for key in keys {
      switch key {
      case "x": values[key] = .words(["NEW", "TRADE", "CANCELED", "EXPIRED", "REJECTED"])
      case "side": values[key] = .words([Side.buy, .sell].map(\.wireName))
      case "type": values[key] = .words([OrderType.limit, .market, .limitMaker].map(\.wireName))
      case "symbol": values[key] = .containing("/", example: "AIX/USDT")
      case "call": values[key] = .words(calls.map(\.rawValue))
      case "count": values[key] = .wholeNumbers(from: 1)
      default: break
      }
    }
    return values
  }

  private static func actions(_ call: VenueCall) -> [FaultActionKind] {
    let isSent = call == .placeOrder || call == .cancelOrder
    return [.sleep, .hang, .returnError, .http, .corrupt, .barrier, .wait, .signal] + (isSent ? [.delay] : [])
      + (call == .placeOrder ? [.dup] : [])
      + (call == .openStream ? [.refuse] : []) + (fields(call).isEmpty ? [] : [.replace])
  }

  /// What `replace` can be told at a call.
  private static func fields(_ call: VenueCall) -> [String] {
    switch call {
    case .placeOrder: answersAfterTheWork.map { "reply=\($0)" }
    case .cancelOrder: ["fee=null"]
    case .queryOrder: ["fee=null", FalseReply.staleReport.rawValue]
    case .fetchTickers: QuotesFlaw.allCases.map { "quotes=\($0.rawValue)" } + ["pause=3"]
    case .fetchBalance: FalseReply.allCases.map(\.rawValue).filter { $0.hasPrefix("balances=") }
    case .openStream: StreamReplay.allCases.map(\.rawValue)
    case .openOrders, .marketRules, .cancelReplace, .serverTime, .renewStream, .orderTrades: []
    }
  }

  /// Errors of something between that does not know what the venue behind it did.
  private static let answersAfterTheWork = ["429", "500", "502", "503", "504", "-1001", "-1006", "-1007", "-1008"]

  private static func keys(_ call: VenueCall) -> [String] {
    switch call {
    case .placeOrder: ["symbol", "side", "type", "clientOrderId"]
    case .cancelOrder, .queryOrder, .orderTrades: ["symbol", "clientOrderId"]
    case .openOrders, .fetchBalance, .marketRules, .cancelReplace, .serverTime, .openStream, .renewStream: []
    case .fetchTickers: ["count"]
    }
  }

  private static func summary(_ call: VenueCall) -> String {
    let what =
      switch call {
      case .placeOrder: "an order reaches the venue"
      case .cancelOrder: "a cancel request reaches the venue"
      case .queryOrder: "a query for one order reaches the venue"
      case .openOrders: "a query for the open orders reaches the venue"
      case .fetchBalance: "a query for the balances reaches the venue"
      case .fetchTickers: "a query for quotes reaches the venue; count: symbols asked for"
      case .marketRules: "a query for the market rules reaches the venue"
      case .serverTime: "a query for the venue's time reaches the venue"
      case .openStream: "a connection for the user stream is asked for"
      case .renewStream: "the user stream's key is to be renewed"
      case .orderTrades: "a query for the trades of one order reaches the venue"
      case .cancelReplace: "an order is to be replaced by another"
      }
    return what + "; sleep and hang hold the reply back beyond the caller's deadline; "
      + "return(code) refuses, return(timeout) loses the reply, return(lost) the request; "
      + "http(502) answers with a page in place of the venue, corrupt with a reply that cannot be read; "
      + "barrier, wait and signal hold the caller before the call takes effect"
      + (actions(call).contains(.delay)
        ? "; delay(25s) keeps the request from the venue so long, and loses the reply" : "")
      + replacement(call)
  }

  private static func replacement(_ call: VenueCall) -> String {
    switch call {
    case .placeOrder:
      "; replace(reply=503) takes the order all the same, and answers with that error; dup lets the request arrive twice, "
        + "and answers to the second"
    case .cancelOrder: "; replace(fee=null) makes the reply silent about the fee"
    case .queryOrder:
      "; replace(fee=null) makes the reply silent about the fee, replace(report=stale) tells the order as it was when it was taken"
    case .fetchTickers:
      "; replace(quotes=none|incomplete|reversed|old|zero|crossed) leaves all or the first symbol out, turns the order of the "
        + "symbols round, tells the quotes of a minute ago, prices of zero, or bid and ask in each other's place; "
        + "replace(pause=3) refuses with 429 and a Retry-After of 3 s, in an answer that is 2 s late"
    case .fetchBalance:
      "; replace(balances=stale|none|half) tells what the query before was told, that nothing is held, or half of what is free"
    case .openStream:
      "; refuse lets no connection through; replace(replay=missed|all) sends the events of the gap, or of the last minute, again"
    case .openOrders, .marketRules, .cancelReplace, .serverTime, .renewStream, .orderTrades: ""
    }
  }
}
