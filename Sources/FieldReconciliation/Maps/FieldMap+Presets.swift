import Trading

extension FieldMap {
  /// Our own session directories, complete or not: the engine's event log and the venue's history.
  public static let chaos = FieldMap(name: "chaos session", sources: [chaosLog, chaosOrders, chaosTruth])

  /// The historical bot's directories: its order log, its record of calls, and what it asked the venue for.
  public static let bot = FieldMap(
    name: "historical bot",
    sources: [botOrders, botSystem, botHeartbeats, botDecisions, botPhases, botCalls, botBalances, botLatencies])

  /// Files that say by themselves what they are: ccxt's structures and the exports of venues.
  public static let known: [Source] = [
    ccxtOrders, ccxtTrades, ccxtBalances, binanceOrders, binanceTrades, mexcOrders, mexcTrades,
  ]

  /// All sources by name, for `preset = "..."`.
  public static var presets: [Source] { chaos.sources + bot.sources + known }

  // MARK: Ours

  private static let chaosLog = {
    var source = Source()
    source.name = "chaos-log"
    source.files = ["logs/events_*.jsonl", "events_*.jsonl"]
    source.event = ["event_type"]
    source.kinds = [
      (.orderSent, .sent), (.orderAck, .acknowledged), (.orderUpdate, .partly), (.orderPartial, .partly),
      (.orderFilled, .filled), (.orderCanceled, .canceled), (.orderFailed, .failed), (.positionOpened, .position),
      (.positionClosed, .position), (.heartbeat, .balance), (.mdPollOverrun, .latePoll), (.engineStart, .start),
    ].map { (event: EventName, kind: Kind) in (event.rawValue, kind) }
    let kept: [EventName] = [
      .budgetRefresh, .logCallSlow, .exchangeCallSlow, .staleIntentCleanup, .intentPending, .intentCleared,
      .budgetCommitted, .shutdownStarted, .shutdownComplete, .mainLoopGone, .errorOccurred, .guardBlock,
      .staleSnapshotsWarning, .snapshotsFresh, .exitRefused, .metricsEndpointFailed, .metricsExportFailed,
      .mdPollFailed, .orderOutcomeUnknown,
    ]
    source.kinds += kept.map { ($0.rawValue, .noted) }
    source.noted = Set(
      (kept + [.heartbeat, .mdPollOverrun, .orderPartial, .orderFailed, .orderFilled, .orderSent]).map(\.rawValue))
    source.fields = [
      .clientId: [.clientOrderId], .orderId: [.orderId], .symbol: [.symbol], .side: [.side],
      .amount: [.qty], .price: [.price], .filled: [.filledQty], .cost: [.filledQuote], .average: [.averagePrice],
      .fee: [.fee], .feeAsset: [.feeAsset], .code: [.errorCode, .guard, .call, .kind], .signal: [.decisionId],
      .text: [.exchangeError, .error, .reason, .stateSavedAt, .leaked],
      .figure: [.blockedMs, .waitedMs, .tookMs, .cycleDurationS, .committed, .filledQty, .amount],
      .limit: [.minNotional], .intent: [.intentId],
      .positions: [.positionsCount],
      .free: [.budgetFree], .locked: [.budgetReserved],
    ].mapValues { (names: [FieldName]) in names.map(\.rawValue) }
    source.fields[.time] = ["timestamp"]
    source.fields[.level] = ["level"]
    source.isCumulative = true
    source.cost = "what the bot believed"
    return source
  }()

  /// The same lines as in the event log, for whoever wants orders alone: counted, not read again.
  private static let chaosOrders = {
    var source = Source()
    source.name = "chaos-orders"
    source.files = ["logs/jsonl/orders.jsonl"]
    source.event = ["event_type"]
    source.fields = [.time: ["timestamp"]]
    return source
  }()

  private static let chaosTruth = {
    var source = Source()
    source.name = "chaos-truth"
    source.side = .truth
    source.files = ["logs/exchange.jsonl", "exchange.jsonl"]
    source.event = [FieldName.kind, .call, .type, .outcome].map(\.rawValue)
    source.kinds = [
      ("event.NEW", .placed), ("event.TRADE", .trade), ("event.CANCELED", .ended), ("event.EXPIRED", .ended),
      ("event.REJECTED", .ended), ("reply.place_order.error", .refused), ("balances", .balance),
      ("event.BALANCE", .balance), ("request.place_order.limit", .noted), ("request.place_order.market", .noted),
      ("reply.place_order.unknown", .noted), ("request.cancel_order", .noted), ("reply.cancel_order.error", .noted),
      ("request.fetch_tickers", .noted), ("request.fetch_balance", .noted), ("reply.fetch_tickers.ok", .noted),
      ("reply.fetch_balance.ok", .call), ("reply.fetch_balance.error", .call),
      ("reply.fetch_balance.unknown", .call),
      ("reply.place_order.ok", .call), ("reply.query_order.ok", .call), ("reply.cancel_order.ok", .call),
    ]
    source.noted = ["reply.place_order.error", "reply.fetch_balance.ok", "event.NEW"]
    source.fields = [
      .clientId: [.clientOrderId], .orderId: [.orderId], .symbol: [.symbol], .side: [.side],
      .amount: [.qty], .price: [.price], .filled: [.lastQty], .cost: [.lastQuote], .fee: [.fee], .feeAsset: [.feeAsset],
      .status: [.status], .code: [.code], .text: [.text], .balances: [.balances], .latency: [.tookMs], .method: [.call],
    ].mapValues { (names: [FieldName]) in names.map(\.rawValue) }
    source.fields[.time] = ["timestamp"]
    source.cost = "what the venue did"
    return source
  }()

  // MARK: The historical bot's

  private static let botOrders = {
    var source = Source()
    source.name = "bot-orders"
    source.files = ["orders.jsonl"]
    source.event = ["event_type"]
    source.kinds = [
      ("ORDER_SENT", .sent), ("ORDER_FILLED", .filled), ("ORDER_UPDATE", .partly), ("ORDER_CANCELED", .canceled),
      ("ORDER_EXPIRED", .canceled), ("ORDER_FAILED", .failed),
    ]
    source.fields = [
      .time: ["ts", "timestamp"], .clientId: ["client_order_id", "intent_id"], .orderId: ["order_id"],
      .symbol: ["symbol"], .side: ["side"], .amount: ["amount", "qty"], .price: ["price"],
      .filled: ["filled_qty", "filled"], .cost: ["cost", "filled_quote"],
      .average: ["average_price", "avg_price"], .fee: ["fee.cost", "fee"], .feeAsset: ["fee.currency"],
      .code: ["error_code"], .text: ["exchange_error", "reason", "error"], .signal: ["decision_id"],
      .session: ["session_id"],
    ]
    source.isCumulative = true
    source.cost = "what the bot believed of its orders"
    return source
  }()

  private static let botSystem = {
    var source = Source()
    source.name = "bot-system"
    source.files = ["system.jsonl", "system_*.jsonl"]
    source.event = ["code", "event_type"]
    source.kinds = [("MD_POLL_OVERRUN", .latePoll), ("CONFIGURATION_LOADED", .start)]
    let kept = [
      "WAIT_FILL_NO_ORDER_ID", "WAIT_FILL_FEE_NULL", "WAIT_FILL_UNKNOWN_CANCEL_EVENT", "PREFLIGHT_STEP_SIZE",
      "PREFLIGHT_TICK_SIZE", "ERROR_OCCURRED", "WAIT_FILL_REHYDRATE",
    ]
    source.kinds += kept.map { ($0, .noted) }
    source.noted = Set(kept + ["MD_POLL_OVERRUN"])
    source.fields = [
      .time: ["ts", "timestamp"], .level: ["level"], .symbol: ["symbol"], .text: ["message", "error"],
      .figure: ["cycle_duration_s"],
    ]
    source.cost = "its errors by code, and late polls"
    return source
  }()

  private static let botHeartbeats = {
    var source = Source()
    source.name = "bot-heartbeats"
    source.files = ["heartbeats.jsonl"]
    source.always = .balance
    source.fields = [.time: ["ts_ns"], .free: ["budget"], .positions: ["positions_count"]]
    source.cost = "the budget and the positions that it believed in"
    return source
  }()

  private static let botDecisions = {
    var source = Source()
    source.name = "bot-decisions"
    source.files = ["events.jsonl"]
    source.event = ["event_type", "outcome"]
    source.kinds = [("DECISION_END.signal_detected", .signal)]
    source.fields = [.time: ["ts", "timestamp"], .symbol: ["symbol"], .signal: ["decision_id"]]
    source.cost = "its signals"
    return source
  }()

  /// Steps of its orders: counted, and not read for more.
  private static let botPhases = {
    var source = Source()
    source.name = "bot-phases"
    source.files = ["phase_events.jsonl"]
    source.event = ["event"]
    source.fields = [.time: ["ts_iso", "ts_ms"], .symbol: ["symbol"]]
    return source
  }()

  private static let botCalls = {
    var source = Source()
    source.name = "bot-calls"
    source.side = .truth
    source.files = ["exchange_orders.jsonl"]
    source.event = ["method"]
    source.kinds = [
      ("create_order", .placed), ("create_limit_buy_order", .placed), ("create_market_buy_order", .placed),
      ("create_market_sell_order", .placed), ("create_limit_sell_order", .placed), ("fetch_order", .order),
      ("cancel_order", .order),
    ]
    source.fields = [
      .time: ["ts_ns"], .clientId: ["client_order_id"], .orderId: ["reply.id", "query_id"], .symbol: ["symbol"],
      .side: ["side", "reply.side"], .amount: ["amount", "reply.amount"], .price: ["price", "reply.price"],
      .filled: ["reply.filled"], .cost: ["reply.cost"], .average: ["reply.average"], .fee: ["reply.fee.cost"],
      .feeAsset: ["reply.fee.currency"], .status: ["reply.status"], .method: ["method"], .latency: ["latency_ms"],
      .success: ["success"], .text: ["error"],
    ]
    source.isOwnCalls = true
    source.cost = "the orders that reached the venue, and what became of them"
    return source
  }()

  private static let botBalances = {
    var source = Source()
    source.name = "bot-balances"
    source.side = .truth
    source.files = ["balances.jsonl"]
    source.always = .balance
    source.fields = [.time: ["ts_ns"], .balances: ["free"]]
    source.cost = "fills of orders that nobody asked for"
    return source
  }()

  private static let botLatencies = {
    var source = Source()
    source.name = "bot-latencies"
    source.side = .truth
    source.files = ["exchange_latency.jsonl"]
    source.always = .call
    source.fields = [.time: ["0"], .method: ["1"], .latency: ["2"], .success: ["3"]]
    source.cost = "how long the venue took to answer"
    return source
  }()

  // MARK: ccxt

  private static let ccxtOrders = {
    var source = Source()
    source.name = "ccxt-orders"
    source.side = .truth
    source.files = ["fetch_orders*.jsonl", "ccxt_orders*.jsonl"]
    source.always = .order
    source.fields = [
      .time: ["timestamp", "datetime"], .clientId: ["clientOrderId"], .orderId: ["id"], .symbol: ["symbol"],
      .side: ["side"], .amount: ["amount"], .price: ["price"], .filled: ["filled"], .cost: ["cost"],
      .average: ["average"], .fee: ["fee.cost"], .feeAsset: ["fee.currency"], .status: ["status"],
    ]
    source.cost = "orders that were never sent, doubled or left open"
    return source
  }()

  private static let ccxtTrades = {
    var source = Source()
    source.name = "ccxt-trades"
    source.side = .truth
    source.files = ["fetch_my_trades*.jsonl", "ccxt_trades*.jsonl"]
    source.always = .trade
    source.fields = [
      .time: ["timestamp", "datetime"], .tradeId: ["id"], .orderId: ["order"], .symbol: ["symbol"], .side: ["side"],
      .filled: ["amount"], .price: ["price"], .cost: ["cost"], .fee: ["fee.cost"], .feeAsset: ["fee.currency"],
    ]
    source.cost = "single fills and their fees"
    return source
  }()

  private static let ccxtBalances = {
    var source = Source()
    source.name = "ccxt-balances"
    source.side = .truth
    source.files = ["fetch_balance*.jsonl"]
    source.always = .balance
    source.fields = [.time: ["timestamp", "ts_ns", "ts", "datetime"], .balances: ["total", "free"]]
    return source
  }()

  // MARK: Exports

  private static let binanceTrades = {
    var source = Source()
    source.name = "binance-trades"
    source.side = .truth
    source.format = .csv
    source.always = .trade
    source.fields = [
      .time: ["date(utc)", "date", "time"], .symbol: ["pair"], .side: ["side"], .price: ["price"],
      .filled: ["executed"], .cost: ["amount"], .fee: ["fee"],
    ]
    return source
  }()

  private static let binanceOrders = {
    var source = Source()
    source.name = "binance-orders"
    source.side = .truth
    source.format = .csv
    source.always = .order
    source.fields = [
      .time: ["date(utc)", "date", "time"], .orderId: ["orderno"], .symbol: ["pair"], .side: ["side"],
      .price: ["order price"], .amount: ["order amount"], .filled: ["executed", "filled"],
      .average: ["average price", "avg trading price"], .cost: ["trading total", "total"], .status: ["status"],
    ]
    return source
  }()

  private static let mexcOrders = {
    var source = Source()
    source.name = "mexc-orders"
    source.side = .truth
    source.format = .csv
    source.always = .order
    source.fields = [
      .time: ["time", "creation time", "created time", "order time"], .symbol: ["pairs", "pair"],
      .side: ["side", "direction"], .price: ["order price"], .amount: ["order quantity", "order amount", "quantity"],
      .filled: ["filled quantity", "executed amount", "filled"],
      .average: ["average filled price", "average price", "filled price"],
      .cost: ["filled order amount", "filled amount", "executed value", "total"], .status: ["status"],
      .orderId: ["order id", "order no."],
    ]
    return source
  }()

  private static let mexcTrades = {
    var source = Source()
    source.name = "mexc-trades"
    source.side = .truth
    source.format = .csv
    source.always = .trade
    source.fields = [
      .time: ["time"], .symbol: ["pairs"], .side: ["side"], .price: ["filled price"], .filled: ["executed amount"],
      .cost: ["total"], .fee: ["fee"],
    ]
    return source
  }()
}

extension FieldMap {
  /// Whether a table's columns (as `CSVWalk.plain` has them) or an object's members are those of a known source. More
  /// telling ones are asked first: an export of orders has what one of trades has.
  static func recognised(_ names: [String], _ format: Format) -> Source? {
    known.first { source in
      guard source.format == format else { return false }
      if source.always == .balance { return false }
      let needed: [Field] =
        switch source.name {
        case "ccxt-orders": [.clientId, .status, .filled, .symbol]
        case "ccxt-trades": [.orderId, .filled, .price, .cost, .symbol]
        // Its orders have a name in some exports only.
        case "mexc-orders": [.symbol, .side, .price, .amount, .filled, .status]
        default: source.fields.keys.filter { $0 != .time && $0 != .average }
        }
      return needed.allSatisfy { field in
        source.fields[field]?.contains { path in names.contains { Self.column($0, is: path) } } == true
      } && source.fields[.time]?.contains { path in names.contains { Self.column($0, is: path) } } == true
    }
  }

  /// `date(utc+8)` is a `date`, whose zone stands behind it.
  static func column(_ name: String, is path: String) -> Bool {
    name == path || name.prefix { $0 != "(" } == path && name.contains("(")
  }
}
