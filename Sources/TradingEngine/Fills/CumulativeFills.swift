import Basics
import Trading

/// Books by what an order has filled in total, so that lost, doubled and late events come out right.
public final class CumulativeFills: FillHandler {
  private let context: EngineContext
  private let log: EventLog
  private let bus: any EventBus
  private let budget: any BudgetLedger
  private let state: any StateStore
  private let intents: any IntentBook
  private let quantizer: any Quantizer
  private let router: any OrderRouter
  private let lost: LostOrders

  /// A handler that has booked nothing.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    bus = parts.bus
    budget = parts.budget
    state = parts.state
    intents = parts.intents
    quantizer = parts.quantizer
    router = parts.router
    lost = parts.lostOrders
  }

  /// Every order event carries the order's totals, so each is booked as a report; balances are the refresher's
  /// business.
  public func handle(_ event: UserEvent) throws(Stopped) {
    switch event {
    case .accepted(let report), .canceled(let report): try take(report, nil, .userStream, nil)
    case .trade(let fill, let report): try take(report, fill, .userStream, nil)
    case .rejected(let report, let error): try take(report, nil, .userStream, error)
    case .balance(let balances): context.toldBalances.tell(balances, at: context.runtime.now)
    case .stream: break
    }
  }

  /// Books what the report has beyond what was booked before.
  public func apply(_ report: OrderReport, from source: NewsSource) throws(Stopped) {
    try take(report, nil, source, nil)
  }

  private func take(
    _ report: OrderReport, _ fill: Fill?, _ source: NewsSource, _ error: VenueError?
  ) throws(Stopped) {
    if !report.status.isTerminal { lost.hurry(report.clientOrderId, at: context.runtime.now) }
    guard let advance = try intents.advance(report, fill: fill) else { return try meet(report) }
    let intent = advance.pending.intent
    if advance.isFirstNews, let orderId = advance.pending.progress.orderId {
      try log.acknowledged(intent, orderId: orderId)
    }
    var end = advance.endsOrder ? (pending: advance.pending, status: report.status) : nil
    if advance.isBooking {
      if source == .query, advance.quantity.isPositive { context.streamDoubt.missed(at: report.updatedAt) }
      try book(advance, report.status, source)
      if let held = try intents.booked(intent.clientOrderId) { end = held }
    }
    guard let end else { return }
    if end.status == .partiallyCanceled { context.runtime.landmark(.orderEndedPartlyFilled) }
    if end.status == .filled {
      try finish(end.pending)
    } else {
      try router.fail(intent.id, error.map { OrderFailure($0) } ?? OrderFailure(ended: end.status))
    }
  }

  /// An order of somebody else's is none of the books' business, but somebody has to know.
  private func meet(_ report: OrderReport) throws(Stopped) {
    guard try !intents.bookkeeping.table.knows(report.clientOrderId) else { return }
    let cancels = context.settings.foreignOrders == EngineSettings.cancelsForeign
    guard context.foreignOrders.meet(report, cancels: cancels, at: context.runtime.now) else { return }
    try log.foreign(report)
  }

  private func book(_ advance: OrderAdvance, _ status: OrderStatus, _ source: NewsSource) throws(Stopped) {
    let intent = advance.pending.intent
    if advance.quantity.isPositive {
      if source == .query { try logMissing(advance, status) }
      try log.update(intent, status: status, filled: advance.pending.progress.filledQuantity)
    }
    switch intent.side {
    case .buy:
      let cost = advance.quote + advance.feeQuote
      let position = try context.positions.add(
        market: intent.market, quantity: advance.quantity - advance.feeBase, cost: cost, at: context.runtime.now)
      try budget.commit(cost, for: intent, orderId: advance.pending.progress.orderId ?? "")
      try open(position, intent)
    case .sell:
      let proceeds = advance.quote - advance.feeQuote
      let position = try context.positions.remove(market: intent.market, quantity: advance.quantity + advance.feeBase)
      try budget.credit(proceeds)
      try close(position, advance.pending)
    }
    try state.fillBooked()
  }

  private func finish(_ pending: PendingIntent) throws(Stopped) {
    let (intent, progress) = (pending.intent, pending.progress)
    try log.filled(pending)
    try bus.publish(
      .orderFilled(
        OrderFilled(
          intentId: intent.id, symbol: intent.symbol, side: intent.side, orderId: progress.orderId ?? "",
          filledQuantity: progress.filledQuantity, filledQuote: progress.filledQuote)))
  }

  private func open(_ position: Position, _ intent: OrderIntent) throws(Stopped) {
    guard !position.isOpen, isSellable(position, intent) else { return }
    guard try context.positions.mark(market: intent.market, isOpen: true) else { return }
    try log(
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
    try log(
      .info, .positionClosed,
      [
        LogField(.symbol, .symbol(pending.intent.symbol)), LogField(.qty, .decimal(progress.filledQuantity)),
        LogField(.proceeds, .decimal(progress.filledQuote - progress.feeQuote)),
      ])
  }

  private func isSellable(_ position: Position, _ intent: OrderIntent) -> Bool {
    guard let rules = context.markets.rules(intent.market) else { return position.quantity.isPositive }
    return quantizer.exit(
      quantity: position.quantity, bid: intent.bid, slippageBps: context.settings.routerSlippageBps, rules: rules)
      != nil
  }

  private func logMissing(_ advance: OrderAdvance, _ status: OrderStatus) throws(Stopped) {
    try log(
      .warning, .reconcileMissingFill,
      [
        LogField(.clientOrderId, .text(advance.pending.intent.clientOrderId)),
        LogField(.symbol, .symbol(advance.pending.intent.symbol)), LogField(.status, .text(status.rawValue)),
        LogField(.qty, .decimal(advance.quantity)), LogField(.quote, .decimal(advance.quote)),
      ])
  }
}
