import Basics
import FakeExchange
import Trading

/// Calls of an account.
extension MEXCDialect {
  func balances(_ account: Int, _ now: Instant) -> WireReply {
    let outcome = exchange.call(.balances, account: account, at: now)
    guard case .balances(let balances) = outcome.reply else { return answer(outcome) { _ in .null } }
    return answer(outcome) { _ in
      .object([
        ("canTrade", .bool(true)), ("canWithdraw", .bool(false)), ("canDeposit", .bool(false)), ("updateTime", .null),
        ("accountType", .string("SPOT")),
        (
          "balances",
          .array(
            balances.map {
              .object([
                ("asset", .string($0.asset)), ("free", .string($0.free.description)),
                ("locked", .string($0.locked.description)),
              ])
            })
        ),
        ("permissions", .array([.string("SPOT")])),
      ])
    }
  }

  private func answer(_ outcome: WireExchange.Outcome, _ json: (VenueReply) -> JSON) -> WireReply {
    var reply: WireReply
    if case .refused(let error) = outcome.reply {
      reply =
        outcome.isLost
        ? MEXCError(504, "Gateway Time-out", status: 504).reply : MEXCError(error).reply
    } else {
      reply = WireReply(json(outcome.reply))
    }
    reply.carry(outcome)
    return reply
  }

  func place(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let (type, timeInForce): (OrderType, TimeInForce)
    switch request["type"] {
    case "LIMIT": (type, timeInForce) = (.limit, .gtc)
    case "MARKET": (type, timeInForce) = (.market, .ioc)
    case "LIMIT_MAKER": (type, timeInForce) = (.limitMaker, .gtc)
    case "IMMEDIATE_OR_CANCEL": (type, timeInForce) = (.limit, .ioc)
    case "FILL_OR_KILL": (type, timeInForce) = (.limit, .fok)
    default: throw MEXCError(700_004, "Mandatory parameter 'type' was not sent, was empty/null, or malformed.")
    }
    guard let side = ["BUY": Side.buy, "SELL": .sell][request["side"] ?? ""] else {
      throw MEXCError(700_004, "Mandatory parameter 'side' was not sent, was empty/null, or malformed.")
    }
    func decimal(_ name: String) throws(MEXCError) -> Decimal? {
      guard let text = request[name] else { return nil }
      guard let value = Decimal(text) else {
        throw MEXCError(700_004, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
      }
      return value
    }
    let order = OrderRequest(
      clientOrderId: request["newClientOrderId"] ?? makeUpId(), symbol: symbol, side: side, type: type,
      timeInForce: timeInForce, quantity: try decimal("quantity"), price: type == .market ? nil : try decimal("price"),
      quoteOrderQty: try decimal("quoteOrderQty"))
    let outcome = exchange.call(.place(order), account: account, at: now)
    return answer(outcome) { _ in
      let placed = exchange.order(account, clientOrderId: order.clientOrderId)
      return .object([
        ("symbol", .string(WireExchange.name(symbol))), ("orderId", .string(Self.number(placed?.id ?? 0))),
        ("orderListId", .int(-1)), ("price", .string((order.price ?? .zero).description)),
        ("origQty", .string((placed?.quantity ?? .zero).description)), ("type", .string(request["type"] ?? "")),
        ("side", .string(side.wireName)), ("transactTime", BinanceJSON.milliseconds(now)),
      ])
    }
  }

  /// Order numbers are texts, as the venue writes them.
  private static func number(_ id: Int) -> String { "C02__\(id)" }

  private func find(_ request: WireRequest, _ account: Int, _ symbol: Symbol) -> WireOrder? {
    let found =
      request["orderId"].flatMap { Int($0.split(separator: "_").last ?? "") }.flatMap {
        exchange.order(account, id: $0)
      }
      ?? request["origClientOrderId"].flatMap { exchange.order(account, clientOrderId: $0) }
    return found?.request.symbol == symbol ? found : nil
  }

  private static func json(_ order: WireOrder) -> JSON {
    .object([
      ("symbol", .string(WireExchange.name(order.request.symbol))), ("orderId", .string(number(order.id))),
      ("orderListId", .int(-1)), ("clientOrderId", .string(order.request.clientOrderId)),
      ("price", .string((order.request.price ?? .zero).description)), ("origQty", .string(order.quantity.description)),
      ("executedQty", .string(order.filled.description)),
      ("cummulativeQuoteQty", .string(order.filledQuote.description)),
      ("status", .string(order.status.rawValue)), ("timeInForce", .null),
      ("type", .string(order.request.type.wireName)),
      ("side", .string(order.request.side.wireName)), ("stopPrice", .null), ("icebergQty", .null),
      ("time", .int(Int(order.createdAt))), ("updateTime", .int(Int(order.updatedAt))),
      ("isWorking", .bool(!order.status.isTerminal)),
      ("origQuoteOrderQty", .string((order.request.quoteOrderQty ?? .zero).description)),
    ])
  }

  func query(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let known = find(request, account, symbol)
    let id = known?.request.clientOrderId ?? request["origClientOrderId"] ?? ""
    let outcome = exchange.call(.query(symbol, clientOrderId: id), account: account, at: now)
    return answer(outcome) { _ in known.flatMap { exchange.order(account, id: $0.id) }.map(Self.json) ?? .null }
  }

  func cancel(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let known = find(request, account, symbol)
    let id = known?.request.clientOrderId ?? request["origClientOrderId"] ?? ""
    let outcome = exchange.call(.cancel(symbol, clientOrderId: id), account: account, at: now)
    return answer(outcome) { _ in known.flatMap { exchange.order(account, id: $0.id) }.map(Self.json) ?? .null }
  }

  func openOrders(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = request["symbol"] == nil ? nil : try symbol(request)
    let outcome = exchange.call(.openOrders, account: account, at: now)
    return answer(outcome) { reply in
      guard case .reports(let reports) = reply else { return .array([]) }
      return .array(
        reports.filter { symbol == nil || $0.symbol == symbol }
          .compactMap { exchange.order(account, clientOrderId: $0.clientOrderId) }.map(Self.json))
    }
  }

  func cancelAll(_ request: WireRequest, _ account: Int, _ now: Instant) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let open = exchange.orders.of(account).filter { $0.request.symbol == symbol && !$0.status.isTerminal }
    var canceled: [JSON] = []
    for order in open {
      let outcome = exchange.call(
        .cancel(symbol, clientOrderId: order.request.clientOrderId), account: account, at: now)
      if case .report = outcome.reply, let order = exchange.order(account, id: order.id) {
        canceled.append(Self.json(order))
      }
    }
    return WireReply(.array(canceled))
  }

  func allOrders(_ request: WireRequest, _ account: Int) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let limit = min(max(1, Int(request["limit"] ?? "500") ?? 500), 1000)
    return WireReply(
      .array(exchange.orders.of(account).filter { $0.request.symbol == symbol }.suffix(limit).map(Self.json)))
  }

  func myTrades(_ request: WireRequest, _ account: Int) throws(MEXCError) -> WireReply {
    let symbol = try symbol(request)
    let order = request["orderId"].flatMap { Int($0.split(separator: "_").last ?? "") }
    let limit = min(max(1, Int(request["limit"] ?? "100") ?? 100), 100)
    let found = exchange.fills[account].filter { fill in
      fill.fill.symbol == symbol && order.map { fill.orderId == $0 } ?? true
    }
    return WireReply(
      .array(
        found.suffix(limit).map { fill in
          .object([
            ("symbol", .string(WireExchange.name(symbol))), ("id", .string("\(fill.id)")),
            ("orderId", .string(Self.number(fill.orderId))), ("orderListId", .int(-1)),
            ("price", .string(fill.fill.price.description)), ("qty", .string(fill.fill.quantity.description)),
            ("quoteQty", .string(fill.fill.quote.description)),
            ("commission", .string((fill.fill.fee?.amount ?? .zero).description)),
            ("commissionAsset", .string(fill.fill.fee?.asset ?? symbol.quote)), ("time", .int(Int(fill.time))),
            ("isBuyer", .bool(fill.fill.side == .buy)), ("isMaker", .bool(fill.fill.isMaker)),
            ("isBestMatch", .bool(true)), ("isSelfTrade", .bool(false)),
            ("clientOrderId", .string(fill.fill.clientOrderId)),
          ])
        }))
  }
}
