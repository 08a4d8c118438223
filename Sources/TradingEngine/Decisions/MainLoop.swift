import Basics
import Trading

/// The thread `engine-main`: supervises, refreshes the budget, and lets the decisions be made, once per cycle.
final class MainLoop: EnginePart, @unchecked Sendable {
  /// A round of decisions that takes longer has waited for something: an order takes the venue 260 ms at least.
  private static let decisionsLimit = Duration.milliseconds(250)
  /// Pause after a failed look at the market rules.
  private static let rulesRetry = Duration.seconds(1)

  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let intents: any IntentBook
  private let reconciler: any Reconciler
  private let refresher: any BudgetRefresher
  private let supervisor: any ThreadSupervisor
  private let decisions: Decisions
  private let watch: MarketWatch
  private var knowsRules = false
  private var nextRules: Instant
  private var nextRefresh: Instant
  /// Whether the venue has ever told the balances.
  private var knowsBalances = false

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    intents = parts.intents
    reconciler = parts.reconciler
    refresher = parts.refresher
    supervisor = parts.supervisor
    decisions = Decisions(parts)
    watch = MarketWatch(parts)
    nextRules = context.runtime.now
    nextRefresh = context.runtime.now
  }

  func start(on threads: EngineThreads) throws(Stopped) {
    try threads.start(.engineMain) { [self] () throws(Stopped) in try run() }
  }

  private func run() throws(Stopped) {
    var next = context.runtime.now
    repeat {
      let start = context.runtime.now
      try supervisor.look()
      try watch.look(at: start)
      try intents.cycleStarted(at: start)
      try reconciler.cycleStarted(at: start)
      if start >= nextRules, !knowsRules || context.markets.takeDoubt() { try learnRules() }
      if start >= nextRefresh { try refreshBudget() }
      if knowsRules { try decide() }
      next = max(next + context.settings.engineCycle, context.runtime.now)
    } while try !context.stopping.wait(until: next)
  }

  private func decide() throws(Stopped) {
    let start = context.runtime.now
    try decisions.cycle()
    let took = context.runtime.now - start
    guard took > Self.decisionsLimit else { return }
    try log(
      .warning, .decisionsSlow,
      [
        LogField(.tookMs, .number(took.milliseconds)),
        LogField(.limitMs, .number(Self.decisionsLimit.milliseconds)),
      ])
  }

  private func learnRules() throws(Stopped) {
    switch try gate.marketRules() {
    case .success(let rules):
      context.markets.learn(rules)
      knowsRules = true
    case .failure(let failure):
      nextRules = context.runtime.now + Self.rulesRetry
      if knowsRules { context.markets.doubt() }
      try log(.warning, .marketRulesFailed, failure.fields)
    }
  }

  private func refreshBudget() throws(Stopped) {
    let start = context.runtime.now
    let outcome = try context.runtime.activity("budget.refresh") { () throws(Stopped) in
      try refresher.refresh()
    }
    let blocked = (context.runtime.now - start).milliseconds
    let isTimedOut = outcome == .timedOut
    context.metrics.recordBudgetRefresh(durationMs: blocked, timedOut: isTimedOut)
    if isTimedOut {
      try log(
        .warning, .budgetRefreshTimeout,
        [LogField(.timeoutS, .number(context.settings.budgetRefreshTimeout.seconds))])
    }
    try log(
      .info, .budgetRefresh,
      [LogField(.blockedMs, .number(blocked)), LogField(.timedOut, .flag(isTimedOut))])
    // Without any answer yet there is no money to trade with: that cannot wait.
    knowsBalances = knowsBalances || outcome == .refreshed
    nextRefresh =
      start + (knowsBalances ? context.settings.budgetRefreshInterval : context.settings.budgetRefreshTimeout)
  }
}
