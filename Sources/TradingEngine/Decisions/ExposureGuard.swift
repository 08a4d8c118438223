import Basics
import Synchronization
import Trading

/// Admits an entry only into a symbol that is free, quiet and within every limit.
public final class ExposureGuard: EntryGuard {
  private let context: EngineContext
  private let log: EventLog
  private let intents: IntentTable
  /// By market: no entry before these moments.
  private let rests: Mutex<[Instant]>
  private let exits: any ExitGuard

  /// A guard under which no symbol is resting yet.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    intents = parts.intentTable
    rests = Mutex(Array(repeating: Instant(nanoseconds: .min), count: context.markets.count))
    exits = parts.exitGuard
    parts.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event, let entry = try intents.find(failed.intentId),
        entry.intent.side == .buy
      else { return }
      let now = context.runtime.now
      try coolDown(market: entry.intent.market, until: now + context.settings.cooldownAfterFailedOrder)
    }
  }

  /// Trading, position, duplicate, lost, cooldown, exits, quote, pending, positions, spread, slippage, exposure, budget: the
  /// first that blocks.
  public func admit(_ request: EntryRequest, pending: [PendingIntent]) throws(Stopped) -> Admission {
    let settings = context.settings
    let market = request.market
    guard settings.globalTrading else { return .blocked(guardName: "trading", reason: "GLOBAL_TRADING is False") }
    if request.overview.positions[market].isOpen { return .blocked(guardName: "position", reason: "position open") }
    if pending.contains(where: { $0.intent.market == market }) {
      context.runtime.landmark(.signalAgain)
      return .blocked(guardName: "duplicate", reason: "order pending")
    }
    if try intents.hasLost(market) {
      return .blocked(guardName: "lost", reason: "an order was given up that may live")
    }
    if rests.withLock({ $0[market] }) > context.runtime.now {
      return .blocked(guardName: "cooldown", reason: "resting after a failed order")
    }
    if let block = trouble(request) { return block }
    if pending.count >= settings.maxPendingIntents {
      return .blocked(guardName: "pending", reason: "MAX_PENDING_BUY_INTENTS reached")
    }
    if try concurrent(request, pending) >= settings.maxConcurrentPositions {
      return .blocked(guardName: "positions", reason: "MAX_CONCURRENT_POSITIONS reached")
    }
    if let block = try admit(price: request.quote) ?? exposure(request) { return block }
    return .admitted
  }

  /// Keeps entries of the symbol out until then; exits are not concerned.
  public func coolDown(market: Int, until time: Instant) throws(Stopped) {
    rests.withLock { $0[market] = time }
    try log(
      .info, .cooldownSet,
      [LogField(.symbol, .symbol(context.markets.symbols[market])), LogField(.until, .time(time))])
  }

  /// Symbols that are held or about to be bought, or whose purchase was given up though it may live.
  private func concurrent(_ request: EntryRequest, _ pending: [PendingIntent]) throws(Stopped) -> Int {
    var count = 0
    for position in request.overview.positions where position.isOpen { count += 1 }
    for item in pending where item.intent.side == .buy && !request.overview.positions[item.intent.market].isOpen {
      count += 1
    }
    for market in try intents.lostPurchases() where !request.overview.positions[market].isOpen { count += 1 }
    return count
  }

  /// What makes any purchase a bad idea: a venue at which sales do not get through, and prices that nobody knows any more.
  private func trouble(_ request: EntryRequest) -> Admission? {
    if exits.isRefused { return .blocked(guardName: "exits", reason: "the venue refuses a sale again and again") }
    let age = context.runtime.now - request.quote.time
    guard age <= context.settings.quoteAgeMax else {
      context.runtime.landmark(.signalOnOldQuote)
      return .blocked(guardName: "quote", reason: "the symbol's quote is too old")
    }
    return nil
  }

  private func admit(price quote: Quote) throws(Stopped) -> Admission? {
    guard quote.spreadBps <= context.settings.maxSpreadBpsEntry else {
      return .blocked(guardName: "spread", reason: "spread above MAX_SPREAD_BPS_ENTRY")
    }
    // (ask - last) × 10,000 against last × limit: no division.
    let above = (try? (quote.ask - quote.last).multiplied(by: Decimal(10_000), rounding: .up)) ?? .zero
    let limit = (try? quote.last.multiplied(by: context.settings.maxSlippageBpsEntry, rounding: .down)) ?? .zero
    guard above <= limit else {
      return .blocked(guardName: "slippage", reason: "ask above last by more than MAX_SLIPPAGE_BPS_ENTRY")
    }
    return nil
  }

  private func exposure(_ request: EntryRequest) -> Admission? {
    let held = request.overview.positions[request.market].cost
    guard held + request.amount <= context.settings.maxPerSymbol else {
      return .blocked(guardName: "exposure", reason: "MAX_PER_SYMBOL_USD reached")
    }
    guard request.amount <= request.overview.budget.free else {
      return .blocked(guardName: "budget", reason: "not enough free budget")
    }
    return nil
  }
}
