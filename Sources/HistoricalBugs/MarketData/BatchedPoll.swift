import Basics
import Checks
import Synchronization
import Trading
import TradingEngine

/// The feed as it was: thirteen symbols a call, one call after the other, and what came is shown when the round is over.
private final class BatchedFeed: MarketFeed {
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

extension HistoricalBug {
  /// MD-1: the poll of the market takes longer than the time between two polls.
  static let batchedPoll = HistoricalBug(
    id: "MD-1", title: "quotes are fetched in batches, one after the other", standing: .observed,
    story: """
      The feed asked for thirteen symbols at a time and waited between two calls, for 130 symbols and more. A round was \
      meant to take 1.5 s and took 6.5 s on average, 21.5 s at worst; 98 of them overran in nine and a half minutes, and 56 \
      in the field session of 2 November, where the target was 1.0 s. What decisions were made on was as old as the round. \
      663a8f2 answered by polling every 30 s. Nothing overran any more, and since quotes counted as stale after 30 s, every \
      late batch left 13 to 26 of them stale. Here 52 symbols stand for the 130: four batches, at three seconds a call.
      """,
    evidence: [
      "180621, 171254: MD_POLL_MS 1500, 130-137 symbols, rounds of 3.3-21.5 s, 98 overruns in 9.5 min",
      "field session a: 56 MD_POLL_OVERRUN, target 1.0 s, rounds of 2.45 s and one of 4.787 s; session d: 6 at 2.5 s",
      "663a8f2: MD_POLL_MS 30000 with a stale limit of 30 s; snapshots stale 13-26 at a time from +70 s",
      "batches of 13 every 150-200 ms (HISTORY 2.1)",
    ],
    provokedBy: ["slow-tickers"],
    revisions: [
      Revision("original", "asks for 13 symbols a call, waits for each call, and shows the quotes when all have come") {
        $0.feed = { BatchedFeed($0) }
      },
      Revision("poll-every-30-s", "the same, every 30 s: nothing overruns, and quotes are stale between two rounds") {
        $0.feed = { BatchedFeed($0, every: .seconds(30)) }
      },
      .fixed("one call for all symbols"),
    ],
    landmarks: [.pollOverrun], signature: .feedAlive, isTimeSignature: true,
    fieldSigns: """
      MD_POLL_OVERRUN with every round, cycle_duration_s many times poll_interval_s; drops are seen late or not at all
      """,
    inTheField: FieldHypothesis(predicts: [.latePolls], allows: [.boughtOnOldQuotes], forbids: [.pollsEnd]),
    signs: { record in
      let overruns = record.events(.mdPollOverrun)
      let longest = overruns.compactMap { $0.number(.cycleDurationS) }.max() ?? 0
      let ages = (record.events(.staleSnapshotsWarning) + record.events(.snapshotsFresh))
        .compactMap { $0.number(.ageMs) }
      return [
        ("overruns", overruns.count), ("longest round ms", Int(longest * 1000)),
        ("oldest quotes ms", Int(ages.max() ?? 0)),
      ]
    },
    scenario: { batchedPollMarket.scenario($0) })

  /// A drop every 2.5 s among 52 symbols.
  private static let batchedPollMarket = ProofMarket(
    name: "many-symbols", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 16)], quiet: 36,
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
