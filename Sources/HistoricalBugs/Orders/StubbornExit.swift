import Basics
import Synchronization
import Trading
import TradingEngine

/// Exits as they were: a pause after each failure, always the same.
private final class StubbornExits: ExitGuard {
  private let context: EngineContext
  /// By market: no exit before these moments.
  private let rests: Mutex<[Instant]>

  init(_ parts: EngineAssembly) {
    context = parts.context
    rests = Mutex(Array(repeating: Instant(nanoseconds: .min), count: context.markets.count))
    parts.bus.subscribe(.orderFailed, on: .publisher) { [self] event throws(Stopped) in
      guard case .orderFailed(let failed) = event, failed.side == .sell, let symbol = failed.symbol,
        let market = context.markets.index(of: symbol)
      else { return }
      rests.withLock { $0[market] = context.runtime.now + context.settings.exitRetry }
    }
  }

  func mayExit(market: Int, bid: Decimal, pending: [PendingIntent], at time: Instant) throws(Stopped) -> Bool {
    !pending.contains { $0.intent.market == market } && rests.withLock { $0[market] } <= time
  }

  /// Nobody counted.
  var isRefused: Bool { false }
}

extension HistoricalBug {
  /// SELL-1: a sale that the venue refuses for good is made again for ever.
  static let stubbornExit = HistoricalBug(
    id: "SELL-1", title: "a refused sale is made again for ever, and nobody is told", standing: .reportedElsewhere,
    story: """
      A sale is refused for good: the market is closed, or the account holds less than the bot believes. The position stays, \
      the reason to sell stays, so the bot sells again, every few seconds, with a new client id each time, until its rate \
      limit is gone or somebody looks. The engine did this until it was mended: 108 refused sales of three symbols in 300 s, \
      one for each 5.5 to 8 s and symbol, an ERROR line for each and no word that a position cannot be sold; meanwhile it \
      bought on until every place was taken.
      """,
    evidence: [
      "hummingbot#2611: a sale every second without the balance for it; binance-trader#124: \"insufficient balance\" in a loop",
      "zenbot#1300: its own endless loop of refused orders, 20 s apart; freqtrade#528: more is offered than is held",
      "this engine's session under the fault: 108 refused sales in 300 s, no alert, entries up to MAX_CONCURRENT_POSITIONS",
    ],
    provokedBy: ["closed-exits"],
    revisions: [
      Revision("original", "waits EXIT_RETRY_S after every failed exit, and tries again, for ever") {
        $0.exitGuard = { StubbornExits($0) }
      },
      .fixed(
        """
        after a few refusals EXIT_REFUSED tells of it once, the exit rests as long as an entry would, and nothing is bought \
        until a sale gets through
        """),
    ],
    landmarks: [.orderRefused], signature: .noFutileRetries,
    fieldSigns: "ORDER_FAILED of the same symbol and code every few seconds, each with a client id of its own",
    inTheField: FieldHypothesis(predicts: [.saleRefusedForever]),
    signs: { record in
      [
        ("refused sales", record.orders.count { $0.side == "sell" && $0.refusedForGoodAt != nil }),
        ("told that exits are refused", record.count(.exitRefused)),
      ]
    },
    scenario: { stubbornExitMarket.scenario($0) })

  /// Every position is to be sold at once: a stop just below the price takes the spread for a loss.
  private static let stubbornExitMarket = ProofMarket(
    name: "closed-exits", duration: .seconds(60),
    waves: [
      .init(from: .milliseconds(1), every: .milliseconds(2499), count: 1),
      .init(from: .milliseconds(6001), every: .milliseconds(2500), count: 11),
    ],
    settings: [(.maxConcurrentPositions, "100"), (.tp, "2"), (.sl, "0.9999"), (.exitRetryS, "3")])
}
