import Basics
import ChaosRuntime
import Checks
import Synchronization
import Trading
import TradingEngine

/// The writer that is handed the live intents: whoever adds or clears one while the file is written spoils the write.
///
/// `json.dump` walks through the dictionary while it writes, and a dictionary that has another size at the next step is an
/// error. It was caught and counted; the file stays the old one.
private final class LiveIntentsStore: StateStore, @unchecked Sendable {
  private let context: EngineContext
  private let budget: any BudgetLedger
  private let intents: IntentTable
  private let turns: DebouncedTurns
  private let saved = Mutex<Instant?>(nil)
  /// What history did with the error.
  private let errors = Atomic<Int>(0)

  init(_ parts: EngineAssembly) {
    context = parts.context
    budget = parts.budget
    turns = DebouncedTurns(context, "save wanted")
    intents = parts.intentTable
  }

  var lock: Lock { context.positions.lock }

  var savedAt: Instant? { saved.withLock { $0 } }

  func overview() throws(Stopped) -> StateOverview {
    let positions = try context.positions.all()
    if context.runtime.isUnderWay("state.write") { context.runtime.landmark(.stateAndBudgetRead) }
    return StateOverview(positions: positions, budget: try budget.figures())
  }

  func intentsChanged() throws(Stopped) { try turns.mark() }

  func fillBooked() throws(Stopped) { try turns.mark() }

  /// The debounced writer: one save per interval, if something has changed.
  func run() throws(Stopped) {
    while try turns.wait() { try save() }
    try save()
  }

  func close() throws(Stopped) { try turns.close() }

  private func save() throws(Stopped) {
    let start = context.runtime.now
    let size = intents.count
    let bytes = StateDocument.render(
      pending: try intents.pending(), symbols: context.markets.symbols, positions: try context.positions.all(),
      budget: try budget.figures(), at: start)
    let (disk, temporary, path) = (context.runtime.disk, StateDocument.temporaryPath, StateDocument.path)
    let isWritten = try context.runtime.activity("state.write") { () throws(Stopped) -> Bool in
      guard case .success = try disk.write(bytes, to: temporary, for: path) else { return false }
      guard intents.count == size else {
        errors.add(1, ordering: .relaxed)
        return false
      }
      guard case .success = try disk.sync(temporary, for: path) else { return false }
      guard case .success = try disk.rename(temporary, to: path) else { return false }
      return true
    }
    if isWritten { saved.withLock { $0 = start } }
  }
}

extension HistoricalBug {
  /// C-SERV-01's sibling: the state writer walks through intents that change under it.
  static let liveIntents = HistoricalBug(
    id: "C-SERV-01", title: "the state writer is handed the live intents", standing: .readInCode,
    story: """
      The router's table of orders was written to disk by one thread while others changed it, until a review found it and \
      the writer got a copy. The same mistake stayed in the engine: what it hands to the writer is a copy of the outer \
      dictionary, and pending_buy_intents in it is the live one. "dictionary changed size during iteration" ends that write, \
      the error is counted and nothing else, and the file on disk stays as old as it was. A crash then brings back intents \
      that are over and forgets those that are not.
      """,
    evidence: [
      "C-SERV-01: router meta serialised by the writer thread while mutated; fixed there (HISTORY 1.5)",
      "_persist_intent_state hands the live dict to the writer: update() copies only the outer level; never fixed",
      "the writer is debounced by 10 s: a lost write is made up for ten seconds later at the earliest",
    ],
    provokedBy: ["slow-state-disk"],
    revisions: [
      Revision("original", "writes the live intents; one that comes or goes meanwhile ends the write without a word") {
        $0.state = { LiveIntentsStore($0) }
      },
      .fixed("takes a snapshot, then writes it; a save follows every change"),
    ],
    landmarks: [.stateAndBudgetRead], signature: .stateRecoverable, isTimeSignature: true,
    fieldSigns: """
      last_update of state/engine_transient.json lags behind the log by twenty seconds and more, a .tmp file lies beside it, \
      no line tells of an error
      """,
    inTheField: FieldHypothesis(predicts: [.stateOld], allows: [.stateNeverAgain]),
    signs: { record in
      let lag = record.events(.heartbeat).map { beat in
        (beat.time - (beat.text(.stateSavedAt).flatMap { Instant(iso8601: $0) } ?? record.run.start)).milliseconds
      }
      return [("oldest state on disk ms", Int(lag.max() ?? 0))]
    },
    scenario: { liveIntentsMarket.scenario($0) })

  /// A drop every 1.25 s.
  private static let liveIntentsMarket = ProofMarket(
    name: "intents-come-and-go", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(1250), count: 28)],
    pollInterval: .milliseconds(1250),
    settings: [(.mdPollMs, "1250"), (.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
