import Basics
import Synchronization
import Trading
import TradingEngine

/// The feed as it was: thirteen symbols a call, one call after the other, and what came is shown when the round is over.
final class BatchedFeed: MarketFeed {
  /// Symbols per call; HISTORY 2.1.
  private static let batch = 13
  /// Pause between two calls; HISTORY 2.1 says 150 to 200 ms.
  private static let pause = Duration.milliseconds(150)

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let interval: Duration
  private let current: Mutex<MarketView>

  init(_ parts: EngineAssembly, every interval: Duration? = nil) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    self.interval = interval ?? context.settings.marketPoll
    current = Mutex(MarketView(marketCount: context.markets.count))
  }

  func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.marketData) { [self] () throws(Stopped) in try run() }
  }

  func view() -> MarketView { current.withLock { $0 } }

  private func run() throws(Stopped) {
    var next = context.runtime.now
    repeat {
      let start = context.runtime.now
      take(try round())
      let end = context.runtime.now
      if end - start > context.settings.marketPoll { try logOverrun(end - start) }
      next = max(next + interval, end)
    } while try !context.stopping.wait(until: next)
  }

  private func round() throws(Stopped) -> [Quote] {
    let symbols = context.markets.symbols
    var quotes: [Quote] = []
    for first in stride(from: 0, to: symbols.count, by: Self.batch) {
      if first > 0, try context.stopping.wait(until: context.runtime.now + Self.pause) { return quotes }
      let batch = Array(symbols[first..<min(first + Self.batch, symbols.count)])
      if case .success(let found) = try gate.quotes(batch) { quotes += found }
    }
    return quotes
  }

  private func take(_ quotes: [Quote]) {
    guard !quotes.isEmpty else { return }
    let now = context.runtime.now
    current.withLock { view in
      for quote in quotes {
        if let market = context.markets.index(of: quote.symbol) { view.quotes[market] = quote }
      }
      view.version += 1
      view.updatedAt = now
    }
  }

  private func logOverrun(_ duration: Duration) throws(Stopped) {
    context.runtime.landmark(.pollOverrun)
    let target = context.settings.marketPoll
    try log(
      .warning, .mdPollOverrun,
      [
        LogField(.cycleDurationS, .number(duration.seconds)), LogField(.pollIntervalS, .number(target.seconds)),
        LogField(.overrunS, .number((duration - target).seconds)),
      ])
  }
}
