import Basics
import ChaosRuntime
import Synchronization
import Trading
import TradingEngine

/// C-PORT-02 as it was claimed: saving takes the budget lock, then the state lock; reading takes them the other way round.
///
/// The edge from budget to state, with the file written under the budget lock, is the bot's own
/// (`on_partial_fill` to `save_state`). The edge from state to budget is added: the bot had none.
private final class BudgetFirstStore: StateStore, @unchecked Sendable {
  private let context: EngineContext
  private let log: EventLog
  private let budget: any BudgetLedger
  private let intents: IntentTable
  private let turns: DebouncedTurns
  private let isWriting = Atomic<Bool>(false)
  private let saved = Mutex<Instant?>(nil)

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    budget = parts.budget
    turns = DebouncedTurns(context, "writer closed")
    intents = parts.intentTable
  }

  var lock: Lock { context.positions.lock }

  var savedAt: Instant? { saved.withLock { $0 } }

  /// Positions and budget in one consistent look: state, then budget.
  func overview() throws(Stopped) -> StateOverview {
    try lock.withLock { () throws(Stopped) in
      if isWriting.load(ordering: .relaxed) { context.runtime.landmark(.stateAndBudgetRead) }
      return StateOverview(positions: context.positions.allHoldingLock, budget: try budget.figures())
    }
  }

  /// Kept for the writer's next turn: intents were saved every 10 s at most.
  func intentsChanged() throws(Stopped) { try turns.mark() }

  /// A partial fill was saved on the spot, by the thread that booked it.
  func fillBooked() throws(Stopped) { try save() }

  func run() throws(Stopped) {
    while try turns.wait() { try save() }
    try save()
  }

  func close() throws(Stopped) { try turns.close() }

  private func save() throws(Stopped) {
    let start = context.runtime.now
    let pending = try intents.pending()
    let positions = try context.positions.all()
    let result = try context.runtime.activity("state.write") { () throws(Stopped) in
      try budget.lock.withLock { () throws(Stopped) in try write(pending, positions) }
    }
    if case .success = result { saved.withLock { $0 = start } }
    if case .failure(let error) = result {
      try log(
        .warning, .stateWriteFailed, [LogField(.file, StateDocument.path), LogField(.error, error.text)])
    }
  }

  /// The caller holds the budget lock while the disk works; the state lock comes second.
  private func write(
    _ pending: [PendingIntent], _ positions: [Position]
  ) throws(Stopped) -> Result<Void, DiskError> {
    let bytes = StateDocument.render(
      pending: pending, symbols: context.markets.symbols, positions: positions,
      budget: budget.figuresHoldingLock, at: context.runtime.now)
    isWriting.store(true, ordering: .relaxed)
    defer { isWriting.store(false, ordering: .relaxed) }
    let (disk, temporary, path) = (context.runtime.disk, StateDocument.temporaryPath, StateDocument.path)
    if case .failure(let error) = try disk.write(bytes, to: temporary, for: path) { return .failure(error) }
    if case .failure(let error) = try disk.sync(temporary, for: path) { return .failure(error) }
    return try lock.withLock { () throws(Stopped) in try disk.rename(temporary, to: path) }
  }
}

extension HistoricalBug {
  /// C-PORT-02: budget and state locks in opposite order.
  static let reversedLocks = HistoricalBug(
    id: "C-PORT-02", title: "lock order budget/state", standing: .mechanismExhibit,
    story: """
      A review claimed that the portfolio's locks could be taken in opposite orders and stop two threads for ever. One half \
      was true: a partial fill was booked and saved to disk under the budget lock, and the save then took the state lock. \
      The other half was not in the code: nobody who held the state lock asked for the budget, and the function with the \
      first half had no caller. Of 115 stack dumps in the repository none shows a cycle. The exhibit adds the missing edge \
      to show the mechanism: whoever reads positions and budget together takes state, then budget. A disk that stalls while \
      the file is written stretches the moment in which the two must not meet.
      """,
    evidence: [
      "edge budget -> state before the fix: on_partial_fill -> save_state, disk write under _budget_lock",
      "on_partial_fill has no caller; no path from the state lock to the budget lock exists (HISTORY 1.5)",
      "0 of 115 dumps show a lock cycle (HISTORY 3)",
      "never fixed: reconcile_budget_from_exchange holds _budget_lock over a network call",
    ],
    provokedBy: ["deadlock"],
    revisions: [
      Revision("original", "writes the state file under the budget lock, then takes the state lock; readers reverse it")
      {
        $0.state = { BudgetFirstStore($0) }
      },
      .fixed("takes a snapshot and writes it with no lock held; the two locks are never held together"),
    ],
    landmarks: [.stateAndBudgetRead], signature: .noDeadlock,
    fieldSigns: """
      log lines stop, HEARTBEAT too, at the first slow write of state/engine_transient.json; a .tmp file stays beside it; \
      the process lives and does nothing
      """,
    inTheField: FieldHypothesis(
      oneOf: [.everythingStops, .lockCycle], allows: [.fillUnseen, .stateOld, .stateNeverAgain],
      forbids: [.stopsAtRefusal]),
    scenario: { reversedLocksMarket.scenario($0) })

  /// Two entries a second, each as large as three to four levels of the book: every level is a partial fill.
  private static let reversedLocksMarket = ProofMarket(
    name: "partial-fills", duration: .seconds(12),
    waves: [.init(from: .milliseconds(1001), every: .milliseconds(1000), count: 14, perSlot: 2)],
    balance: 500_000, pollInterval: .seconds(1),
    settings: [
      (.positionSizeUsdt, "15000"), (.maxPerSymbolUsd, "20000"), (.maxConcurrentPositions, "100"),
      (.tp, "2"), (.sl, "0.5"), (.mdPollMs, "250"), (.engineCycleMs, "100"),
    ])
}
