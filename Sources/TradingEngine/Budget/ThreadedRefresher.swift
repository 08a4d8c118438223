import Basics
import ChaosRuntime
import Trading

/// Hands the refresh to a thread of its own and waits for it a limited time; one refresh runs at most.
public final class ThreadedRefresher: BudgetRefresher, @unchecked Sendable {
  private let context: EngineContext
  private let log: EventLog
  private let gate: any ExchangeGate
  private let budget: any BudgetLedger
  private let intents: IntentTable
  private let lost: LostOrders
  private let lock: Lock
  private let asked: Condition
  private let ended: Condition
  // Guarded by `lock`.
  private var isAsked = false
  private var isRunning = false
  private var isClosed = false
  private var completed = 0
  private var last = RefreshOutcome.failed
  /// By market: what was missing when somebody was last told. Only the refresh thread's.
  private var alarmed: [Int: Decimal] = [:]

  /// A refresher that nobody has asked yet.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    gate = parts.exchange
    budget = parts.budget
    intents = parts.intentTable
    lost = parts.lostOrders
    lock = Lock(context.runtime, "budget-refresh")
    asked = Condition(lock, "refresh asked")
    ended = Condition(lock, "refresh ended")
  }

  /// Joins a refresh that runs already; waits for it at most BUDGET_REFRESH_TIMEOUT_S, and leaves it running then.
  public func refresh() throws(Stopped) -> RefreshOutcome {
    let due = context.runtime.now + context.settings.budgetRefreshTimeout
    try lock.lock()
    defer { lock.unlock() }
    let before = completed
    if !isRunning, !isAsked {
      isAsked = true
      asked.signal()
    }
    while completed == before, !isClosed {
      if try !ended.wait(until: due), completed == before {
        context.runtime.landmark(.refreshLimitPassed)
        return .timedOut
      }
    }
    return last
  }

  /// Asks the venue without any lock held; the lock guards the handshake alone.
  public func run() throws(Stopped) {
    // A refresh that the thread before this one did not end.
    let isLeftRunning = try lock.withLock { isRunning }
    if isLeftRunning { try end(.failed) }
    while try next() { try end(try fetch()) }
  }

  private func end(_ outcome: RefreshOutcome) throws(Stopped) {
    try lock.withLock {
      isRunning = false
      last = outcome
      completed += 1
      ended.broadcast()
    }
  }

  /// Wakes the thread and every waiting caller.
  public func close() throws(Stopped) {
    try lock.withLock {
      isClosed = true
      asked.broadcast()
      ended.broadcast()
    }
  }

  private func next() throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    while !isAsked, !isClosed { try asked.wait() }
    if isClosed { return false }
    isAsked = false
    isRunning = true
    return true
  }

  /// The venue's word counts only when no order was under way and nothing was booked since it was asked: otherwise the
  /// engine's own books are newer. What a lost order brought or took is in it already, and would be booked a second time when
  /// the order turns up; so is what the venue really took where a fee is still an estimate.
  private func fetch() throws(Stopped) -> RefreshOutcome {
    let isQuiet = intents.count == 0
    let version = try budget.version()
    let balances: [Balance]
    switch try gate.balances() {
    case .success(let answer): balances = answer
    case .failure(let failure):
      try log(.warning, .budgetRefreshFailed, failure.fields)
      return .failed
    }
    let asset = context.markets.quoteAsset
    guard isQuiet, intents.count == 0 else { return .refreshed }
    let money = balances.first { $0.asset == asset } ?? Balance(asset: asset, free: .zero, locked: .zero)
    guard context.toldBalances.confirms(money, version: version) else {
      try disagree(money)
      return .refreshed
    }
    let hasEstimates = try !intents.withEstimatedFee().isEmpty
    if !lost.areAwaited(at: context.runtime.now), !hasEstimates {
      try budget.adopt(venueFree: money.free, version: version)
    }
    try comparePositions(balances, version: version)
    return .refreshed
  }

  /// Coins that the venue does not have any more, nobody can sell: somebody else did, or took them away. Somebody has to look.
  private func comparePositions(_ balances: [Balance], version: Int) throws(Stopped) {
    let positions = try context.positions.all()
    for (market, symbol) in context.markets.symbols.enumerated() where positions[market].quantity.isPositive {
      let told = balances.first { $0.asset == symbol.base } ?? Balance(asset: symbol.base, free: .zero, locked: .zero)
      let missing = positions[market].quantity - (told.free + told.locked)
      guard missing.isPositive else { continue }
      guard context.toldBalances.confirms(told, version: version) else {
        try disagree(told)
        continue
      }
      guard intents.count == 0, alarmed[market] != missing else { continue }
      alarmed[market] = missing
      try log(
        .error, .positionDriftDetected,
        [
          LogField(.symbol, .symbol(symbol)), LogField(.books, .decimal(positions[market].quantity)),
          LogField(.venueFree, .decimal(told.free)), LogField(.drift, .decimal(.zero - missing)),
        ])
    }
  }

  private func disagree(_ balance: Balance) throws(Stopped) {
    try log(
      .warning, .balanceDisagrees,
      [LogField(.asset, .text(balance.asset)), LogField(.venueFree, .decimal(balance.free))])
  }
}
