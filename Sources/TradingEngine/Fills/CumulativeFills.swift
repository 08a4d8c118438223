import Basics
import Synchronization
import Trading

/// Books by what an order has filled in total, so that lost, doubled and late events come out right.
public final class CumulativeFills: FillHandler {
  /// Bookings of two markets so close together are at once.
  private static let instant = Duration.milliseconds(10)

  private let context: EngineContext
  /// The last booking's market and time.
  private let last = Mutex<(market: Int, time: Instant)?>(nil)

  public init(_ context: EngineContext) {
    self.context = context
  }

  public func handle(_ event: UserEvent) throws(Stopped) {
    switch event {
    case .accepted(let report), .canceled(let report): try take(report, nil, .userStream, nil)
    case .trade(let fill, let report): try take(report, fill, .userStream, nil)
    case .rejected(let report, let error): try take(report, nil, .userStream, error)
    case .balance: break
    }
  }

  public func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    try take(report, nil, source, nil)
  }

  private func take(
    _ report: OrderReport, _ fill: Fill?, _ source: NewsSource, _ error: VenueError?
  ) throws(Stopped) {
    guard let advance = try context.intents.advance(report, fill: fill) else { return }
    let intent = advance.pending.intent
    if advance.isFirstNews, let orderId = advance.pending.progress.orderId {
      try context.logAck(intent, orderId: orderId)
    }
    if advance.quantity.isPositive || !advance.feeQuote.isZero || !advance.feeBase.isZero {
      try book(advance, report.status, source)
    }
    guard advance.endsOrder else { return }
    if report.status == .partiallyCanceled { context.runtime.landmark(.orderEndedPartlyFilled) }
    if report.status == .filled {
      try finish(advance.pending)
    } else {
      try context.router.fail(intent.id, error.map { OrderFailure($0) } ?? OrderFailure(ended: report.status))
    }
  }

  private func book(_ advance: OrderAdvance, _ status: OrderStatus, _ source: NewsSource) throws(Stopped) {
    let intent = advance.pending.intent
    if advance.quantity.isPositive {
      if isAtOnce(intent.market) { context.runtime.landmark(.fillsAtOnce) }
      if source == .query { try logMissing(advance, status) }
      try context.logUpdate(intent, status: status, filled: advance.pending.progress.filledQuantity)
    }
    switch intent.side {
    case .buy:
      let cost = advance.quote + advance.feeQuote
      let position = try context.positions.add(
        market: intent.market, quantity: advance.quantity - advance.feeBase, cost: cost, at: context.runtime.now)
      try context.budget.commit(cost, for: intent, orderId: advance.pending.progress.orderId ?? "")
      try open(position, intent)
    case .sell:
      let proceeds = advance.quote - advance.feeQuote
      let position = try context.positions.remove(market: intent.market, quantity: advance.quantity + advance.feeBase)
      try context.budget.credit(proceeds)
      try close(position, advance.pending)
    }
    try context.state.fillBooked()
  }

  /// Whether another market's fill was booked in this moment.
  private func isAtOnce(_ market: Int) -> Bool {
    let now = context.runtime.now
    return last.withLock { last in
      defer { last = (market, now) }
      return last.map { $0.market != market && now - $0.time <= Self.instant } ?? false
    }
  }

  private func finish(_ pending: PendingIntent) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    try context.logFilled(pending)
    try context.bus.publish(
      .orderFilled(
        OrderFilled(
          intentId: intent.id, symbol: intent.symbol, side: intent.side, orderId: progress.orderId ?? "",
          filledQuantity: progress.filledQuantity, filledQuote: progress.filledQuote)))
  }

  private func open(_ position: Position, _ intent: OrderIntent) throws(Stopped) {
    guard !position.isOpen, isSellable(position, intent) else { return }
    guard try context.positions.mark(market: intent.market, isOpen: true) else { return }
    try context.log(
      .info, .positionOpened,
      [
        LogField(.symbol, .symbol(intent.symbol)), LogField(.qty, .decimal(position.quantity)),
        LogField(.cost, .decimal(position.cost)),
      ])
  }

  /// What is left after a sale and too small to sell stays on the books, but is no open position.
  private func close(_ position: Position, _ pending: PendingIntent) throws(Stopped) {
    guard position.isOpen, !isSellable(position, pending.intent) else { return }
    guard try context.positions.mark(market: pending.intent.market, isOpen: false) else { return }
    let progress = pending.progress
    try context.log(
      .info, .positionClosed,
      [
        LogField(.symbol, .symbol(pending.intent.symbol)), LogField(.qty, .decimal(progress.filledQuantity)),
        LogField(.proceeds, .decimal(progress.filledQuote - progress.feeQuote)),
      ])
  }

  private func isSellable(_ position: Position, _ intent: OrderIntent) -> Bool {
    guard let rules = context.markets.rules(intent.market) else { return position.quantity.isPositive }
    return context.quantizer.exit(
      quantity: position.quantity, bid: intent.bid, slippageBps: context.settings.routerSlippageBps, rules: rules)
      != nil
  }

  private func logMissing(_ advance: OrderAdvance, _ status: OrderStatus) throws(Stopped) {
    try context.log(
      .warning, .reconcileMissingFill,
      [
        LogField(.clientOrderId, .text(advance.pending.intent.clientOrderId)),
        LogField(.symbol, .symbol(advance.pending.intent.symbol)), LogField(.status, .text(status.rawValue)),
        LogField(.qty, .decimal(advance.quantity)), LogField(.quote, .decimal(advance.quote)),
      ])
  }
}
