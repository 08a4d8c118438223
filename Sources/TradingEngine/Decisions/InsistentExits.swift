import Basics
import Trading

/// Lets a position be sold as soon as nothing else of its symbol is at the venue, and rests after failures.
public final class InsistentExits: ExitGuard {
  private let context: EngineContext
  private let log: EventLog
  private let intents: IntentTable
  private let pauses: ExitPauses

  /// A guard under which no exit has failed yet.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    intents = parts.intentTable
    pauses = ExitPauses(context.settings, count: context.markets.count)
    parts.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event, let exit = try intents.find(failed.intentId),
        exit.intent.side == .sell
      else { return }
      try exitFailed(exit, failed, at: context.runtime.now)
    }
    parts.bus.subscribe(.orderFilled, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFilled(let filled) = event, let market = context.markets.index(of: filled.symbol) else { return }
      pauses.begin(market)
    }
  }

  /// True from the moment at which EXIT_REFUSED tells of a symbol, until one of its orders is filled or its exit is taken.
  public var isRefused: Bool { pauses.isAnyRefused }

  /// False while an order of the symbol is in the way, within the pause after a failed exit, and while a sale was given up that
  /// may live.
  public func mayExit(market: Int, bid: Decimal, pending: [PendingIntent], at time: Instant) throws(Stopped) -> Bool {
    for item in pending where item.intent.market == market {
      if try isInTheWay(item, bid, at: time) { return false }
    }
    guard pauses.mayExit(market, at: time) else { return false }
    return try !intents.hasLost(market, .sell)
  }

  /// What is left of the entry has to go first: it would buy on, and a venue lets no account trade with itself. An entry that
  /// does not go within EXCHANGE_TIMEOUT_S is sold beside. A sale goes when the price has fallen below its limit: it rests in
  /// the book and sells nothing.
  private func isInTheWay(_ item: PendingIntent, _ bid: Decimal, at now: Instant) throws(Stopped) -> Bool {
    switch item.intent.side {
    case .buy:
      context.runtime.landmark(.exitBesideAnEntry)
      return now - (try cancel(item, at: now)) <= context.settings.exchangeTimeout
    case .sell:
      if item.intent.price > bid, now - item.intent.startedAt >= context.settings.exitRetry {
        _ = try cancel(item, at: now)
      }
      return true
    }
  }

  /// Has the reconciler cancel the order; since when it is asked to.
  private func cancel(_ item: PendingIntent, at now: Instant) throws(Stopped) -> Instant {
    if let since = item.progress.cancelWantedAt { return since }
    _ = try intents.update(item.intent.id) { $0.cancelWantedAt = now }
    return now
  }

  /// A position that cannot be sold is somebody's business: EXIT_REFUSED tells of it once.
  private func exitFailed(_ exit: PendingIntent, _ failed: OrderFailed, at now: Instant) throws(Stopped) {
    let pause = pauses.failed(
      exit.intent.market, at: now, isRefusedForGood: failed.isRefusedForGood, wasTaken: exit.progress.orderId != nil)
    guard pause.isAlarming else { return }
    try log(
      .error, .exitRefused,
      [
        LogField(.symbol, .symbol(exit.intent.symbol)), LogField(.refusals, .integer(pause.refusals)),
        LogField(.errorCode, failed.code.map { .text($0) } ?? .null), LogField(.until, .time(pause.until)),
      ])
  }
}
