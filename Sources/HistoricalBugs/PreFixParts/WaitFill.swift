import Basics
import Trading
import TradingEngine

/// The bot's state WAIT_FILL: it had no user stream and asked for each placed order, again and again.
///
/// Source: HISTORY 2.2: a look every 0.5 s; an order that is open after 30 s is canceled.
final class WaitFill: Reconciler {
  private static let interval = Duration.milliseconds(500)
  private static let timeout = Duration.seconds(30)

  private let context: EngineContext
  private let gate: any ExchangeGate
  private let intents: any IntentBook
  private let fills: any FillHandler
  /// What a tick does before it asks for the order; false: there is nothing to ask for.
  private let begin: @Sendable (PendingIntent) throws(Stopped) -> Bool

  init(
    _ parts: EngineAssembly,
    begin: @escaping @Sendable (PendingIntent) throws(Stopped) -> Bool = { _ throws(Stopped) in true }
  ) {
    context = parts.context
    gate = parts.exchange
    intents = parts.intents
    fills = parts.fills
    self.begin = begin
  }

  func run() throws(Stopped) {
    while try !context.stopping.wait(until: context.runtime.now + Self.interval) { try sweep() }
  }

  func sweep() throws(Stopped) {
    for item in try intents.pending() where item.progress.phase == .acknowledged {
      if try begin(item) { try tick(item.intent) }
    }
  }

  private func tick(_ intent: OrderIntent) throws(Stopped) {
    let (symbol, id) = (intent.symbol, intent.clientOrderId)
    if context.runtime.now - intent.startedAt > Self.timeout {
      let reply = try gate.cancelOrder(symbol: symbol, clientOrderId: id)
      if case .success(let report) = reply { return try fills.apply(report, from: .cancelReply) }
    }
    let reply = try gate.queryOrder(symbol: symbol, clientOrderId: id)
    if case .success(let report) = reply { try fills.apply(report, from: .query) }
  }
}
