import Basics
import Trading

/// Turns quotes into intents: entries on drops, exits on profit, loss or time. Runs on `engine-main` only.
final class Decisions {
  /// What the loop keeps of one market.
  private struct Memory {
    var detector = DropDetector()
    /// Whether it ever had a quote.
    var isQuoted = false
    var isSignal = false
    var wasOpen = false
    var decisionCount = 0
    /// The guard that blocked last, so that a standing block is logged once.
    var blockedBy: String?
  }

  private let context: EngineContext
  private let log: EventLog
  private let bus: any EventBus
  private let budget: any BudgetLedger
  private let state: any StateStore
  private let intents: any IntentBook
  private let entryGuard: any EntryGuard
  private let exitGuard: any ExitGuard
  private let clientIds: any ClientIdMaker
  private let quantizer: any Quantizer
  private let feed: any MarketFeed
  @exclusivity(unchecked) private var memories: [Memory]
  private var version = 0
  private var traceShare = Decimal.zero

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    bus = parts.bus
    budget = parts.budget
    state = parts.state
    intents = parts.intents
    entryGuard = parts.entryGuard
    exitGuard = parts.exitGuard
    clientIds = parts.clientIds
    quantizer = parts.quantizer
    feed = parts.feed
    memories = Array(repeating: Memory(), count: context.markets.count)
  }

  func cycle() throws(Stopped) {
    let view = feed.view()
    if view.version != version {
      version = view.version
      try observe(view)
    }
    // What cannot be sent is not decided; the exits come first when it can.
    if context.pauses.isPaused(at: context.runtime.now) { return }
    // Intents first: an order that ends between the two reads is in the positions then, never in neither.
    var pending = try intents.open()
    var overview = try state.overview()
    // Exits first: no entry is worth making one of them wait.
    for isExit in [true, false] {
      for market in memories.indices where memories[market].isQuoted {
        let position = overview.positions[market]
        // In both passes: a position may be sold between them.
        remember(market, position)
        guard position.isOpen == isExit, isExit || memories[market].isSignal, let quote = view.quotes[market] else {
          continue
        }
        let hasActed: Bool
        if isExit {
          if memories[market].isSignal { context.runtime.landmark(.signalAgain) }
          hasActed = try considerExit(market, quote, position, pending)
        } else {
          let request = EntryRequest(market: market, quote: quote, amount: entryAmount(position), overview: overview)
          hasActed = try considerEntry(request, pending)
        }
        if hasActed {
          pending = try intents.open()
          overview = try state.overview()
        }
      }
    }
  }

  private func remember(_ market: Int, _ position: Position) {
    if memories[market].wasOpen, !position.isOpen {
      // The drop that was bought is no reason to buy again.
      memories[market].detector.reset()
      memories[market].isSignal = false
    }
    memories[market].wasOpen = position.isOpen
  }

  private func observe(_ view: MarketView) throws(Stopped) {
    let settings = context.settings
    for market in memories.indices {
      guard let quote = view.quotes[market] else { continue }
      memories[market].isQuoted = true
      memories[market].detector.add(quote.last, at: quote.time, lookback: settings.dropTriggerLookback)
      let isSignal = memories[market].detector.isSignal(quote.last, trigger: settings.dropTriggerValue)
      memories[market].isSignal = isSignal
      if !isSignal { memories[market].blockedBy = nil }
      try trace(quote, isSignal)
    }
  }

  private func trace(_ quote: Quote, _ isSignal: Bool) throws(Stopped) {
    traceShare += context.settings.traceSampleRate
    guard traceShare >= .one else { return }
    traceShare -= .one
    try log(
      .debug, .traceStep,
      [
        LogField(.symbol, .symbol(quote.symbol)), LogField(.last, .decimal(quote.last)),
        LogField(.signal, .flag(isSignal)),
      ])
  }

  // MARK: Entries

  private func considerEntry(_ request: EntryRequest, _ pending: [PendingIntent]) throws(Stopped) -> Bool {
    let market = request.market
    switch try entryGuard.admit(request, pending: pending) {
    case .blocked(let name, let reason):
      try logBlock(market, name, reason)
      return false
    case .admitted: break
    }
    // What a lost order bought may have been booked between the two looks, at the positions and at who is awaited.
    guard try state.overview().positions == request.overview.positions else { return false }
    context.runtime.landmark(.entrySized)
    guard let rules = context.markets.rules(market), let order = size(request, rules),
      order.notional >= context.settings.minOrderValue
    else {
      try logBlock(market, "size", "below the smallest order", sizing(request))
      return false
    }
    let intent = makeIntent(market, .buy, order, budget: withFee(order.notional, rules), request.quote)
    try logDecision(intent, outcome: "signal_detected")
    guard try budget.reserve(intent.quoteBudget, for: intent) else {
      try logBlock(market, "budget", "not enough free budget")
      return false
    }
    memories[market].blockedBy = nil
    try submit(intent)
    return true
  }

  /// What is too small to be sold still counts as spent on its symbol: without this a rest of a coin would keep the symbol out
  /// for ever where MAX_PER_SYMBOL_USD is no more than one position.
  private func entryAmount(_ position: Position) -> Decimal {
    let (size, room) = (context.settings.positionSize, context.settings.maxPerSymbol - position.cost)
    return room.isPositive ? min(size, room) : size
  }

  /// The position size includes the fee.
  private func size(_ request: EntryRequest, _ rules: MarketRules) -> QuantizedOrder? {
    guard let amount = try? request.amount.divided(by: Decimal.one + rules.takerFee, rounding: .down) else {
      return nil
    }
    return quantizer.entry(
      amount: amount, ask: request.quote.ask, slippageBps: context.settings.routerSlippageBps, rules: rules)
  }

  private func withFee(_ notional: Decimal, _ rules: MarketRules) -> Decimal {
    (try? notional.multiplied(by: Decimal.one + rules.takerFee, rounding: .up)) ?? notional
  }

  /// What an order would have been made of, so that somebody else can make it too.
  private func sizing(_ request: EntryRequest) -> [LogField] {
    guard let rules = context.markets.rules(request.market) else { return [] }
    return [
      LogField(.amount, .decimal(request.amount)), LogField(.ask, .decimal(request.quote.ask)),
      LogField(.tick, .decimal(rules.tick)), LogField(.step, .decimal(rules.step)),
      LogField(.minQty, .decimal(rules.minQuantity)),
      LogField(.minNotional, .decimal(max(rules.minNotional, context.settings.minOrderValue))),
    ]
  }

  private func logBlock(
    _ market: Int, _ name: String, _ reason: String, _ fields: [LogField] = []
  ) throws(Stopped) {
    guard memories[market].blockedBy != name else { return }
    memories[market].blockedBy = name
    try log(
      .info, .guardBlock,
      [
        LogField(.symbol, .symbol(context.markets.symbols[market])), LogField(.guard, .text(name)),
        LogField(.reason, .text(reason)),
      ] + fields)
  }

  // MARK: Exits

  /// An exit is made on an old quote too: its limit keeps it from selling far below, and a position that nobody sells because
  /// the quotes stopped may lose everything.
  private func considerExit(
    _ market: Int, _ quote: Quote, _ position: Position, _ pending: [PendingIntent]
  ) throws(Stopped) -> Bool {
    guard let reason = exitReason(quote, position),
      try exitGuard.mayExit(market: market, bid: quote.bid, pending: pending, at: context.runtime.now),
      // What a lost order sold may have been booked since the positions were read.
      try state.overview().positions[market] == position,
      let rules = context.markets.rules(market),
      let order = quantizer.exit(
        quantity: position.quantity, bid: quote.bid, slippageBps: context.settings.routerSlippageBps, rules: rules)
    else { return false }
    let intent = makeIntent(market, .sell, order, budget: .zero, quote)
    try logDecision(intent, outcome: reason)
    try submit(intent)
    return true
  }

  private func exitReason(_ quote: Quote, _ position: Position) -> String? {
    let settings = context.settings
    guard let worth = try? quote.bid.multiplied(by: position.quantity, rounding: .down),
      let profit = try? position.cost.multiplied(by: settings.takeProfit, rounding: .up),
      let loss = try? position.cost.multiplied(by: settings.stopLoss, rounding: .down)
    else { return nil }
    if worth >= profit { return "take_profit" }
    if worth <= loss { return "stop_loss" }
    if let opened = position.openedAt, context.runtime.now - opened >= settings.maxHold { return "max_hold" }
    return nil
  }

  // MARK: Intents

  private func makeIntent(
    _ market: Int, _ side: Side, _ order: QuantizedOrder, budget: Decimal, _ quote: Quote
  ) -> OrderIntent {
    memories[market].decisionCount += 1
    let number = memories[market].decisionCount
    let symbol = context.markets.symbols[market]
    let name = "\(symbol.fileName)-\(number)"
    return OrderIntent(
      id: "i-\(name)", decisionId: "d-\(name)", market: market, symbol: symbol, side: side,
      clientOrderId: clientIds.clientOrderId(symbol: symbol, side: side, decision: number),
      quantity: order.quantity, price: order.price, timeInForce: timeInForce, quoteBudget: budget,
      startedAt: context.runtime.now, bid: quote.bid, ask: quote.ask)
  }

  private var timeInForce: TimeInForce {
    switch context.settings.routerTimeInForce {
    case "IOC": .ioc
    case "FOK": .fok
    default: .gtc
    }
  }

  /// The intent is on the books and ORDER_SENT is logged before the router can see it.
  private func submit(_ intent: OrderIntent) throws(Stopped) {
    try intents.add(intent)
    try log.sent(intent)
    try bus.publish(.orderIntent(intent))
  }

  private func logDecision(_ intent: OrderIntent, outcome: String) throws(Stopped) {
    let fields = [LogField(.symbol, .symbol(intent.symbol)), LogField(.decisionId, .text(intent.decisionId))]
    try log(.info, .decisionStart, fields)
    try log(.info, .decisionEnd, fields + [LogField(.outcome, .text(outcome))])
  }
}
