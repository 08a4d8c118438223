import Basics
import HTTP

/// `POST /api/v3/order/cancelReplace`: the cancel and the new order of one request, each as it would be alone.
///
/// Binance's page "Cancel an Existing Order and Send a New Order": with STOP_ON_FAILURE nothing is placed where the cancel
/// fails; -2022 says that nothing worked, -2021 (status 409) that one of both did.
extension BinanceDialect {
  static let replaceRoutes: [String: Route] = [
    "POST /api/v3/order/cancelReplace": Route(.signed, 1) { me, request, account, now throws(BinanceError) in
      try me.cancelReplace(request, account, now)
    }
  ]

  private func cancelReplace(_ request: WireRequest, _ account: Int, _ now: Instant) throws(BinanceError) -> WireReply {
    guard let mode = request["cancelReplaceMode"] else { throw .mandatory("cancelReplaceMode") }
    guard ["STOP_ON_FAILURE", "ALLOW_FAILURE"].contains(mode) else {
      throw .illegal("cancelReplaceMode", range: "^(STOP_ON_FAILURE|ALLOW_FAILURE)$")
    }
    guard request["cancelOrderId"] != nil || request["cancelOrigClientOrderId"] != nil else {
      throw BinanceError(
        -1102, "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!")
    }
    // What is wrong with the new order's form takes nothing back.
    _ = try BinanceParameters(request, exchange).order { "checked" }
    let canceled = part { () throws(BinanceError) in try cancel(cancelPart(request), account, now) }
    // Nobody knows what became of it, so nobody can say that it failed.
    if canceled.status >= 500 || canceled.spoil != nil { return canceled }
    var placed: WireReply?
    if canceled.status == 200 || mode == "ALLOW_FAILURE" {
      placed = part { () throws(BinanceError) in try place(request, account, now) }
    }
    if let placed, placed.status >= 500 || placed.spoil != nil { return placed }
    return answer(canceled, placed)
  }

  private func part(_ call: () throws(BinanceError) -> WireReply) -> WireReply {
    do throws(BinanceError) { return try call() } catch { return error.reply }
  }

  /// The request of the cancel alone.
  private func cancelPart(_ request: WireRequest) -> WireRequest {
    var part = request
    part.items = QueryItems()
    for (name, own) in [
      ("symbol", "symbol"), ("cancelOrderId", "orderId"), ("cancelOrigClientOrderId", "origClientOrderId"),
      ("cancelNewClientOrderId", "newClientOrderId"),
    ] {
      if let value = request[name] { part.items.add(own, value) }
    }
    return part
  }

  private func answer(_ canceled: WireReply, _ placed: WireReply?) -> WireReply {
    func word(_ reply: WireReply?) -> JSON {
      .string(reply.map { $0.status == 200 ? "SUCCESS" : "FAILURE" } ?? "NOT_ATTEMPTED")
    }
    let both: JSON = .object([
      ("cancelResult", word(canceled)), ("newOrderResult", word(placed)), ("cancelResponse", canceled.body),
      ("newOrderResponse", placed?.body ?? .null),
    ])
    let worked = [canceled, placed].count { $0?.status == 200 }
    var reply: WireReply
    switch worked {
    case 2: reply = WireReply(both)
    case 1:
      reply = WireReply(
        .object([("code", .int(-2021)), ("msg", .string("Order cancel-replace partially failed.")), ("data", both)]),
        status: 409, code: -2021)
    default:
      reply = WireReply(
        .object([("code", .int(-2022)), ("msg", .string("Order cancel-replace failed.")), ("data", both)]),
        status: 400, code: -2022)
    }
    reply.delay = max(canceled.delay, placed?.delay ?? .zero)
    reply.isHeld = canceled.isHeld || placed?.isHeld ?? false
    return reply
  }
}
