import Basics
import Trading

/// The events of intents and orders, in one place, so that every part writes them alike.
extension EventLog {
  /// INTENT_PENDING.
  public func pending(_ intent: OrderIntent) throws(Stopped) {
    try self(
      .info, .intentPending,
      [
        LogField(.intentId, .text(intent.id)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.side, .side(intent.side)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.quote, .decimal(intent.quoteBudget)),
      ])
  }

  /// ORDER_SENT: the decision layer's word that an intent was submitted, before the router sees it.
  public func sent(_ intent: OrderIntent) throws(Stopped) {
    context.metrics.recordOrderSent(symbol: intent.symbol.description, side: intent.side.rawValue)
    try order(
      .info, .orderSent,
      [
        LogField(.intentId, .text(intent.id)), LogField(.decisionId, .text(intent.decisionId)),
        LogField(.symbol, .symbol(intent.symbol)),
        LogField(.side, .side(intent.side)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.qty, .decimal(intent.quantity)), LogField(.price, .decimal(intent.price)),
        LogField(.orderType, "limit"),
      ])
  }

  /// ORDER_ACK.
  public func acknowledged(_ intent: OrderIntent, orderId: String) throws(Stopped) {
    try order(
      .info, .orderAck,
      [
        LogField(.intentId, .text(intent.id)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.orderId, .text(orderId)),
      ])
  }

  /// ORDER_UPDATE.
  public func update(_ intent: OrderIntent, status: OrderStatus, filled: Decimal) throws(Stopped) {
    try order(
      .info, .orderUpdate,
      [
        LogField(.clientOrderId, .text(intent.clientOrderId)), LogField(.status, .text(status.rawValue)),
        LogField(.filledQty, .decimal(filled)),
      ])
  }

  /// ORDER_FILLED, and its metrics.
  public func filled(_ pending: PendingIntent) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    let latency = (context.runtime.now - intent.startedAt).milliseconds
    let average = try? progress.filledQuote.divided(by: progress.filledQuantity, rounding: .halfEven)
    // An estimate has no asset; it is of one or of the other.
    let isBaseFee = progress.feeAsset.map { $0 == intent.symbol.base } ?? progress.feeBase.isPositive
    context.metrics.recordOrderFilled(symbol: intent.symbol.description, side: intent.side.rawValue, latencyMs: latency)
    try order(
      .info, .orderFilled,
      [
        LogField(.intentId, .text(intent.id)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.side, .side(intent.side)), LogField(.clientOrderId, .text(intent.clientOrderId)),
        LogField(.orderId, progress.orderId), LogField(.filledQty, .decimal(progress.filledQuantity)),
        LogField(.filledQuote, .decimal(progress.filledQuote)),
        LogField(.averagePrice, average.map { .decimal($0) } ?? .null),
        LogField(.fee, .decimal(isBaseFee ? progress.feeBase : progress.feeQuote)),
        LogField(.feeAsset, progress.feeAsset), LogField(.latencyMs, .number(latency)),
      ])
  }

  /// ORDER_LOST: no end, but nobody waits for one any more.
  public func lost(_ item: PendingIntent) throws(Stopped) {
    let (intent, progress) = (item.intent, item.progress)
    try order(
      .error, .orderLost,
      [
        LogField(.intentId, .text(intent.id)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.side, .side(intent.side)), LogField(.qty, .decimal(intent.quantity)),
        LogField(.clientOrderId, .text(intent.clientOrderId)), LogField(.orderId, progress.orderId),
        LogField(.filledQty, .decimal(progress.filledQuantity)), LogField(.count, .integer(progress.notFoundCount)),
      ])
  }

  /// FOREIGN_ORDER: somebody else orders on the account.
  public func foreign(_ report: OrderReport) throws(Stopped) {
    try self(
      .error, .foreignOrder,
      [
        LogField(.symbol, .symbol(report.symbol)), LogField(.side, .side(report.side)),
        LogField(.qty, .decimal(report.quantity)), LogField(.clientOrderId, .text(report.clientOrderId)),
        LogField(.orderId, .text(report.orderId)), LogField(.status, .text(report.status.rawValue)),
      ])
  }

  /// ORDER_FAILED, and its metrics.
  public func failed(_ pending: PendingIntent, _ failure: OrderFailure) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    context.metrics.recordOrderFailed(
      symbol: intent.symbol.description, side: intent.side.rawValue, errorCode: failure.code)
    try order(
      .error, .orderFailed,
      [
        LogField(.intentId, .text(intent.id)), LogField(.symbol, .symbol(intent.symbol)),
        LogField(.side, .side(intent.side)), LogField(.qty, .decimal(intent.quantity)),
        LogField(.clientOrderId, .text(intent.clientOrderId)), LogField(.orderId, progress.orderId),
        LogField(.filledQty, .decimal(progress.filledQuantity)), LogField(.attempts, .integer(progress.attempts)),
        LogField(.errorCode, .text(failure.code)),
        // 100 characters: the length the field's logs are cut at.
        LogField(.exchangeError, .text(String(failure.text.prefix(100)))),
      ])
  }
}
