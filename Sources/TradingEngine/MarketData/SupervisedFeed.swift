import Basics
import ChaosRuntime
import Synchronization
import Trading

/// Polls the quotes on a thread of its own, which is started again should it die.
public final class SupervisedFeed: MarketFeed {
  private static let threadName = ThreadName.marketData

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let current: Mutex<MarketView>
  private let thread = Mutex<ThreadHandle?>(nil)

  /// A feed without quotes.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    current = Mutex(MarketView(marketCount: context.markets.count))
  }

  /// Starts the polling thread; called again by `supervise` when it died.
  public func start(on threads: EngineThreads) throws(Stopped) {
    let handle = try threads.start(Self.threadName) { [self] () throws(Stopped) in try run() }
    thread.withLock { $0 = handle }
  }

  /// A copy of the last view, under a leaf mutex.
  public func view() -> MarketView { current.withLock { $0 } }

  /// Logs MD_FEED_RESTARTED and starts the thread again if it has ended though the engine goes on.
  public func supervise(at time: Instant) throws(Stopped) {
    guard let handle = thread.withLock({ $0 }), handle.isFinished, !context.stopping.isRequested else { return }
    context.runtime.landmark(.feedThreadGone)
    try log(.warning, .mdFeedRestarted, [LogField(.thread, handle.name)])
    try start(on: context.threads)
  }

  private func run() throws(Stopped) {
    let interval = context.settings.marketPoll
    var next = context.runtime.now
    var isFailing = false
    repeat {
      let start = context.runtime.now
      switch try gate.quotes(context.markets.symbols) {
      case .success(let quotes):
        take(quotes)
        isFailing = false
      case .failure(let failure):
        if !isFailing { try log(.warning, .mdPollFailed, failure.fields) }
        isFailing = true
      }
      let end = context.runtime.now
      if end - start > interval { try logOverrun(end - start) }
      next = max(next + interval, end)
    } while try !context.stopping.wait(until: next)
  }

  private func take(_ quotes: [Quote]) {
    guard !quotes.isEmpty else { return }
    let symbols = context.markets.symbols
    let now = context.runtime.now
    current.withLock { view in
      var market = 0
      for quote in quotes {
        // Quotes come in the order asked, with gaps: one pass finds all.
        while market < symbols.count, symbols[market] != quote.symbol { market += 1 }
        guard market < symbols.count else { break }
        view.quotes[market] = quote
        market += 1
      }
      view.version += 1
      view.updatedAt = now
    }
  }

  private func logOverrun(_ duration: Duration) throws(Stopped) {
    let interval = context.settings.marketPoll
    context.runtime.landmark(.pollOverrun)
    try log(
      .warning, .mdPollOverrun,
      [
        LogField(.cycleDurationS, .number(duration.seconds)), LogField(.pollIntervalS, .number(interval.seconds)),
        LogField(.overrunS, .number((duration - interval).seconds)),
      ])
  }
}
