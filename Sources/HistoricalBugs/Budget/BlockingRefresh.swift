import Basics
import Synchronization
import Trading
import TradingEngine

/// 9.4 as it was: the main loop itself calls the venue, as often and as long as it takes.
private final class BlockingRefresher: BudgetRefresher {
  /// Calls per refresh; HISTORY 1.3.
  private static let triesMax = 3
  /// Pause between two calls, on the caller's thread; HISTORY 1.3.
  private static let pause = Duration.seconds(2)

  private let context: EngineContext
  private let budget: any BudgetLedger
  private let intents: IntentTable

  init(_ parts: EngineAssembly) {
    context = parts.context
    budget = parts.budget
    intents = parts.intentTable
  }

  func refresh() throws(Stopped) -> RefreshOutcome {
    let start = context.runtime.now
    for attempt in 1...Self.triesMax {
      let isRefreshed = try fetch()
      if context.runtime.now - start > context.settings.budgetRefreshTimeout {
        context.runtime.landmark(.refreshLimitPassed)
      }
      if isRefreshed { return .refreshed }
      if attempt < Self.triesMax { try context.runtime.sleep(Self.pause) }
    }
    return .failed
  }

  /// There was no thread for it.
  func run() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func close() throws(Stopped) {}

  /// Past the gate and without a deadline: the call ends when the venue lets it end.
  private func fetch() throws(Stopped) -> Bool {
    let isQuiet = intents.count == 0
    let version = try budget.version()
    guard case .success(let balances) = try context.client.balances(deadline: .distantFuture) else { return false }
    guard isQuiet, intents.count == 0 else { return true }
    let asset = context.markets.quoteAsset
    let free = balances.first { $0.asset == asset }?.free ?? .zero
    try budget.adopt(venueFree: free, version: version)
    return true
  }
}

/// 4d0ef46: a worker for every refresh but the reset that ends the start, which still calls the venue itself.
private final class StartBlockingRefresher: BudgetRefresher {
  /// The engine's start slept so long before the reset; HISTORY 2.1, ENGINE_START_SLOW.
  private static let startSleep = Duration.seconds(10)

  private let context: EngineContext
  private let start: BlockingRefresher
  private let later: ThreadedRefresher
  private let isReset = Atomic<Bool>(false)

  init(_ parts: EngineAssembly) {
    context = parts.context
    start = BlockingRefresher(parts)
    later = ThreadedRefresher(parts)
  }

  func refresh() throws(Stopped) -> RefreshOutcome {
    let isDue = context.runtime.now - context.startedAt >= Self.startSleep
    guard isDue, !isReset.exchange(true, ordering: .relaxed) else { return try later.refresh() }
    return try start.refresh()
  }

  func run() throws(Stopped) { try later.run() }

  func close() throws(Stopped) { try later.close() }
}

extension HistoricalBug {
  /// 9.4: the main loop waits for the venue's balances.
  static let blockingRefresh = HistoricalBug(
    id: "9.4", title: "budget refresh blocks the main loop", standing: .observed,
    story: """
      A refresh of the budget asked the venue for the balances on the thread that decides about orders: up to three calls \
      with two seconds between them, and no deadline of its own. While the venue took its time nothing else happened: no \
      entry, no exit, no look at intents. The fix of 4d0ef46 moved the call to a worker that the caller gives five seconds, \
      but left out the start-up path; 158ca11 added that. The start \
      slept ten seconds before that reset, so that it meets a venue that became slow meanwhile. What the bot's documents call a crash was no crash: the quoted \
      stack is the first routine dump, 30 s after the start, and the refresh had ended one second later.
      """,
    evidence: [
      "start 10:35:45, dump 10:36:15 inside the balance call, portfolio reset finished 10:36:16, session went on 15 min",
      "settlement.py before 4d0ef46: 3 tries x (client call, no own deadline) + 2 s delays, on the main thread",
      "158ca11: perform_startup_reset(), the path in the stack, still called the venue directly",
      "field latencies of fetch_balance: 719 ms at most in three sessions, so the wait needs a slow venue",
    ],
    provokedBy: ["slow-budget-refresh"],
    revisions: [
      Revision("original", "up to three calls without a deadline and 2 s pauses, all on the main loop") {
        $0.refresher = { BlockingRefresher($0) }
      },
      Revision("4d0ef46", "a worker calls, but not for the reset that ends the start, the one in the quoted stack") {
        $0.refresher = { StartBlockingRefresher($0) }
      },
      .fixed("a thread of its own calls; the main loop waits 5 s at most and keeps the cached value"),
    ],
    landmarks: [.refreshLimitPassed], signature: .budgetRefreshBounded, isTimeSignature: true,
    fieldSigns: """
      the log of the main loop stops for as long as the balance call takes, then BUDGET_REFRESH with a blocked_ms far \
      beyond 5000; signals of that time are missed; no BUDGET_REFRESH_TIMEOUT
      """,
    inTheField: FieldHypothesis(predicts: [.refreshBlocked], allows: [.callsStalled]),
    scenario: { blockingRefreshMarket.scenario($0) })

  /// A refresh every 6 s, and a drop every 2.5 s while the fault is armed.
  private static let blockingRefreshMarket = ProofMarket(
    name: "frequent-refreshes", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 15)],
    settings: [
      (.budgetRefreshIntervalS, "6"), (.maxConcurrentPositions, "100"), (.sl, "0.5"),
    ])
}
