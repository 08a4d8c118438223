import Basics
import Trading

/// The log events about intents and orders, in one place, so that every part writes them alike.
extension EngineContext {
  /// INTENT_PENDING.
  public func logPending(_ intent: OrderIntent) throws(Stopped) {
    try log(
      .info, "INTENT_PENDING",
      [
        LogField("intent_id", .text(intent.id)), LogField("symbol", .symbol(intent.symbol)),
        LogField("side", .side(intent.side)), LogField("client_order_id", .text(intent.clientOrderId)),
        LogField("quote", .decimal(intent.quoteBudget)),
      ])
  }

  /// ORDER_SENT: the decision layer's word that an intent was submitted, before the router sees it.
  public func logSent(_ intent: OrderIntent) throws(Stopped) {
    metrics.recordOrderSent(symbol: intent.symbol.description, side: intent.side.rawValue)
    try logOrder(
      .info, "ORDER_SENT",
      [
        LogField("intent_id", .text(intent.id)), LogField("symbol", .symbol(intent.symbol)),
        LogField("side", .side(intent.side)), LogField("client_order_id", .text(intent.clientOrderId)),
        LogField("qty", .decimal(intent.quantity)), LogField("price", .decimal(intent.price)),
        LogField("order_type", "limit"),
      ])
  }

  /// ORDER_ACK.
  public func logAck(_ intent: OrderIntent, orderId: String) throws(Stopped) {
    try logOrder(
      .info, "ORDER_ACK",
      [
        LogField("intent_id", .text(intent.id)), LogField("client_order_id", .text(intent.clientOrderId)),
        LogField("order_id", .text(orderId)),
      ])
  }

  /// ORDER_UPDATE.
  public func logUpdate(_ intent: OrderIntent, status: OrderStatus, filled: Decimal) throws(Stopped) {
    try logOrder(
      .info, "ORDER_UPDATE",
      [
        LogField("client_order_id", .text(intent.clientOrderId)), LogField("status", .text(status.rawValue)),
        LogField("filled_qty", .decimal(filled)),
      ])
  }

  /// ORDER_FILLED, and its metrics.
  public func logFilled(_ pending: PendingIntent) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    let latency = (runtime.now - intent.startedAt).milliseconds
    let average = try? progress.filledQuote.divided(by: progress.filledQuantity, rounding: .halfEven)
    let isBaseFee = progress.feeAsset == intent.symbol.base
    metrics.recordOrderFilled(symbol: intent.symbol.description, side: intent.side.rawValue, latencyMs: latency)
    try logOrder(
      .info, "ORDER_FILLED",
      [
        LogField("intent_id", .text(intent.id)), LogField("symbol", .symbol(intent.symbol)),
        LogField("side", .side(intent.side)), LogField("client_order_id", .text(intent.clientOrderId)),
        LogField("order_id", progress.orderId), LogField("filled_qty", .decimal(progress.filledQuantity)),
        LogField("filled_quote", .decimal(progress.filledQuote)),
        LogField("average_price", average.map { .decimal($0) } ?? .null),
        LogField("fee", .decimal(isBaseFee ? progress.feeBase : progress.feeQuote)),
        LogField("fee_asset", progress.feeAsset), LogField("latency_ms", .number(latency)),
      ])
  }

  /// ORDER_FAILED, and its metrics.
  public func logFailed(_ pending: PendingIntent, _ failure: OrderFailure) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    metrics.recordOrderFailed(
      symbol: intent.symbol.description, side: intent.side.rawValue, errorCode: failure.code)
    try logOrder(
      .error, "ORDER_FAILED",
      [
        LogField("intent_id", .text(intent.id)), LogField("symbol", .symbol(intent.symbol)),
        LogField("side", .side(intent.side)), LogField("qty", .decimal(intent.quantity)),
        LogField("client_order_id", .text(intent.clientOrderId)), LogField("order_id", progress.orderId),
        LogField("filled_qty", .decimal(progress.filledQuantity)), LogField("attempts", .integer(progress.attempts)),
        LogField("error_code", .text(failure.code)),
        // 100 characters: the length the field's logs are cut at.
        LogField("exchange_error", .text(String(failure.text.prefix(100)))),
      ])
  }
}
