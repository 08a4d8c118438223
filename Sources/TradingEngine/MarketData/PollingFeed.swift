import Basics
import Synchronization
import Trading

/// Polls the quotes on a thread of its own.
public final class PollingFeed: MarketFeed {
  /// Symbols that one line names.
  private static let shownMax = 10

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let current: Mutex<MarketView>
  /// What the log was told of the last answer.
  private let complaints: Mutex<(missing: [Bool], isUnexpected: Bool)>

  /// A feed without quotes.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    current = Mutex(MarketView(marketCount: context.markets.count))
    complaints = Mutex((Array(repeating: false, count: context.markets.count), false))
  }

  /// Starts the polling thread.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.marketData) { [self] () throws(Stopped) in try run() }
  }

  /// A copy of the last view, under a leaf mutex.
  public func view() -> MarketView { current.withLock { $0 } }

  private func run() throws(Stopped) {
    let interval = context.settings.marketPoll
    var next = context.runtime.now
    var isFailing = false
    repeat {
      let start = context.runtime.now
      switch try gate.quotes(context.markets.symbols) {
      case .success(let quotes):
        try take(quotes)
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

  /// Quotes are told apart by their symbols: an answer may have gaps, another order, and what nobody asked for.
  private func take(_ quotes: [Quote]) throws(Stopped) {
    let symbols = context.markets.symbols
    var quoted = Array(repeating: false, count: symbols.count)
    var unexpected: [Symbol] = []
    let now = context.runtime.now
    current.withLock { view in
      var next = 0
      for quote in quotes {
        // Nearly always the answer has the order of the question.
        let isNext = next < symbols.count && symbols[next] == quote.symbol
        guard let market = isNext ? next : symbols.firstIndex(of: quote.symbol), !quoted[market] else {
          unexpected.append(quote.symbol)
          continue
        }
        // A price of zero, or a bid above the ask, is no quote: the one before stands and grows old.
        guard quote.isUsable else { continue }
        quoted[market] = true
        view.quotes[market] = quote
        next = market + 1
      }
      guard quoted.contains(true) else { return }
      view.version += 1
      view.updatedAt = now
    }
    try complain(symbols, quoted, unexpected)
  }

  /// Once for each symbol until its quotes are back, and once for what was not asked for until an answer is without.
  private func complain(_ symbols: [Symbol], _ quoted: [Bool], _ unexpected: [Symbol]) throws(Stopped) {
    let (missing, isNews) = complaints.withLock { complaints in
      let missing = symbols.indices.filter { !quoted[$0] && !complaints.missing[$0] }.map { symbols[$0] }
      for market in symbols.indices { complaints.missing[market] = !quoted[market] }
      let isNews = !unexpected.isEmpty && !complaints.isUnexpected
      complaints.isUnexpected = !unexpected.isEmpty
      return (missing, isNews)
    }
    if !missing.isEmpty { try log(.warning, .mdQuotesMissing, Self.fields(missing)) }
    if isNews { try log(.warning, .mdQuotesUnexpected, Self.fields(unexpected)) }
  }

  private static func fields(_ symbols: [Symbol]) -> [LogField] {
    [
      LogField(.count, .integer(symbols.count)),
      LogField(.symbols, .texts(symbols.prefix(Self.shownMax).map(\.description))),
    ]
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
