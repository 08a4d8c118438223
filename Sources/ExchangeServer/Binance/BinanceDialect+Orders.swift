import Basics
import FakeExchange
import Trading

/// Calls about orders of the account.
extension BinanceDialect {
  static let orderRoutes: [String: Route] = [
    "POST /api/v3/order": Route(.signed, 1) { me, request, account, now throws(BinanceError) in
      try me.place(request, account, now)
    },
    "POST /api/v3/order/test": Route(.signed, 1) { me, request, _, _ throws(BinanceError) in
      _ = try BinanceParameters(request, me.exchange).order { me.makeUpId() }
      return WireReply(.object([]))
    },
    "GET /api/v3/order": Route(.signed, 4) { me, request, account, now throws(BinanceError) in
      try me.query(request, account, now)
    },
    "DELETE /api/v3/order": Route(.signed, 1) { me, request, account, now throws(BinanceError) in
      try me.cancel(request, account, now)
    },
    "GET /api/v3/openOrders": Route(.signed, by: { $0["symbol"] == nil ? 80 : 6 }) {
      me, request, account, now throws(BinanceError) in
      try me.openOrders(request, account, now)
    },
    "DELETE /api/v3/openOrders": Route(.signed, 1) { me, request, account, now throws(BinanceError) in
      try me.cancelAll(request, account, now)
    },
    "GET /api/v3/allOrders": Route(.signed, 20) { me, request, account, _ throws(BinanceError) in
      try me.allOrders(request, account)
    },
    "GET /api/v3/myTrades": Route(.signed, by: { $0["orderId"] == nil ? 20 : 5 }) {
      me, request, account, _ throws(BinanceError) in
      try me.myTrades(request, account)
    },
    "POST /api/v3/orderList/oco": Route(.signed, 1) { _, _, _, _ throws(BinanceError) in throw .noLists },
    "POST /api/v3/order/oco": Route(.signed, 1) { _, _, _, _ throws(BinanceError) in throw .noLists },
    // Nobody has any.
    "GET /api/v3/openOrderList": Route(.signed, 6) { _, _, _, _ in WireReply(.array([])) },
    "GET /api/v3/allOrderList": Route(.signed, 20) { _, _, _, _ in WireReply(.array([])) },
    "GET /api/v3/myPreventedMatches": Route(.signed, 20) { _, _, _, _ in WireReply(.array([])) },
    "GET /api/v3/myAllocations": Route(.signed, 20) { _, _, _, _ in WireReply(.array([])) },
    "GET /api/v3/rateLimit/order": Route(.signed, 40) { me, _, _, _ in
      WireReply(BinanceInfo.rateLimits(me.limits))
    },
  ]

  func place(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    let order = try BinanceParameters(request, exchange).order { makeUpId() }
    let standard = order.type == .limitMaker ? "ACK" : "FULL"
    let kind = request["newOrderRespType"] ?? standard
    guard ["ACK", "RESULT", "FULL"].contains(kind) else { throw .illegal("newOrderRespType", range: "^[A-Z]{1,10}$") }
    let outcome = exchange.call(.place(order), account: account, at: now)
    guard case .ack = outcome.reply, let placed = exchange.order(account, clientOrderId: order.clientOrderId) else {
      return reply(outcome) { _ in .object([]) }
    }
    var reply = WireReply(written: BinanceJSON.placed(placed, as: kind))
    reply.carry(outcome)
    return reply
  }

  /// The venue's answer as a reply, late or held where a fault says so.
  private func reply(_ outcome: WireExchange.Outcome, _ json: (VenueReply) -> JSON) -> WireReply {
    var reply: WireReply
    if case .refused(let error) = outcome.reply {
      reply = BinanceError(error).reply
    } else {
      reply = WireReply(json(outcome.reply))
    }
    reply.carry(outcome)
    return reply
  }

  /// The order that `orderId` or `origClientOrderId` names.
  private func order(
    _ request: WireRequest, _ account: Int, _ symbol: Symbol, else missing: BinanceError
  ) throws(BinanceError) -> WireOrder {
    let parameters = BinanceParameters(request, exchange)
    let id = try parameters.int("orderId")
    let client = request["origClientOrderId"]
    let found: WireOrder?
    if let id {
      found = exchange.order(account, id: id)
    } else if let client {
      found = exchange.order(account, clientOrderId: client)
    } else {
      throw BinanceError(
        -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    }
    guard let found, found.request.symbol == symbol, client == nil || found.request.clientOrderId == client else {
      // The venue is asked all the same, so that its history has the question.
      if let client { _ = exchange.call(.query(symbol, clientOrderId: client), account: account, at: lastAsked) }
      throw missing
    }
    return found
  }

  private var lastAsked: Instant { hub.now }

  func query(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    let symbol = try BinanceParameters(request, exchange).symbol()
    let order = try order(request, account, symbol, else: .noSuchOrder)
    let outcome = exchange.call(
      .query(symbol, clientOrderId: order.request.clientOrderId), account: account, at: now)
    return reply(outcome) { reply in
      guard var told = exchange.order(account, id: order.id) else { return .object([]) }
      if outcome.isSpoiled, case .report(let report) = reply {
        (told.status, told.filled, told.filledQuote) = (report.status, report.filledQuantity, report.filledQuote)
      }
      return BinanceJSON.order(told)
    }
  }

  func cancel(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let id = try parameters.clientOrderId("newClientOrderId") ?? makeUpId()
    let order = try order(request, account, symbol, else: .unknownOrder)
    let outcome = exchange.call(
      .cancel(symbol, clientOrderId: order.request.clientOrderId), account: account, at: now)
    if case .refused(let error) = outcome.reply, error.kind == .unknownOrder, !outcome.isLost {
      var reply = BinanceError.unknownOrder.reply
      reply.delay = outcome.delay
      return reply
    }
    return reply(outcome) { _ in
      exchange.order(account, id: order.id).map { BinanceJSON.canceled($0, as: id) } ?? .object([])
    }
  }

  func openOrders(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    let symbol = request["symbol"] == nil ? nil : try BinanceParameters(request, exchange).symbol()
    let outcome = exchange.call(.openOrders, account: account, at: now)
    return reply(outcome) { reply in
      guard case .reports(let reports) = reply else { return .array([]) }
      return .array(
        reports.filter { symbol == nil || $0.symbol == symbol }
          .compactMap { exchange.order(account, clientOrderId: $0.clientOrderId) }.map(BinanceJSON.order))
    }
  }

  private func cancelAll(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    let symbol = try BinanceParameters(request, exchange).symbol()
    let open = exchange.orders.of(account).filter { $0.request.symbol == symbol && !$0.status.isTerminal }
    guard !open.isEmpty else { throw .unknownOrder }
    var canceled: [JSON] = []
    for order in open {
      let outcome = exchange.call(
        .cancel(symbol, clientOrderId: order.request.clientOrderId), account: account, at: now)
      if case .report = outcome.reply, let order = exchange.order(account, id: order.id) {
        canceled.append(BinanceJSON.canceled(order, as: makeUpId()))
      }
    }
    return WireReply(.array(canceled))
  }

  private func allOrders(_ request: WireRequest, _ account: Int) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let limit = try parameters.limit(500, max: 1000)
    let from = try parameters.int("orderId")
    let (start, end) = try parameters.period()
    let found = exchange.orders.of(account).filter { order in
      order.request.symbol == symbol && from.map { order.id >= $0 } ?? true
        && start.map { order.createdAt >= $0 } ?? true && end.map { order.createdAt <= $0 } ?? true
    }
    let part = from == nil && start == nil ? Array(found.suffix(limit)) : Array(found.prefix(limit))
    return WireReply(.array(part.map(BinanceJSON.order)))
  }

  func myTrades(_ request: WireRequest, _ account: Int) throws(BinanceError) -> WireReply {
    let parameters = BinanceParameters(request, exchange)
    let symbol = try parameters.symbol()
    let limit = try parameters.limit(500, max: 1000)
    let (order, from) = (try parameters.int("orderId"), try parameters.int("fromId"))
    let (start, end) = try parameters.period()
    let found = exchange.fills[account].filter { fill in
      fill.fill.symbol == symbol && order.map { fill.orderId == $0 } ?? true && from.map { fill.id >= $0 } ?? true
        && start.map { fill.time >= $0 } ?? true && end.map { fill.time <= $0 } ?? true
    }
    let part = from == nil && start == nil ? Array(found.suffix(limit)) : Array(found.prefix(limit))
    return WireReply(.array(part.map(BinanceJSON.myTrade)))
  }
}
