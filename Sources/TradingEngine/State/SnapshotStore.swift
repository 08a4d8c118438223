import Basics
import ChaosRuntime
import Synchronization
import Trading

/// Takes a snapshot, then writes it with no lock held; the locks of state and budget are never held together.
final class SnapshotStore: StateStore, @unchecked Sendable {
  private let context: EngineContext
  private let log: EventLog
  private let budget: any BudgetLedger
  private let intents: IntentTable
  private let writer: Lock
  private let wanted: Condition
  // Guarded by `writer`.
  @exclusivity(unchecked) private var isDirty = false
  @exclusivity(unchecked) private var isClosed = false
  private let saved = Mutex<Instant?>(nil)

  init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    budget = parts.budget
    writer = Lock(context.runtime, "state-writer")
    wanted = Condition(writer, "save wanted")
    intents = parts.intentTable
  }

  var lock: Lock { context.positions.lock }

  var savedAt: Instant? { saved.withLock { $0 } }

  func overview() throws(Stopped) -> StateOverview {
    let positions = try context.positions.all()
    if context.runtime.isUnderWay("state.write") { context.runtime.landmark(.stateAndBudgetRead) }
    return StateOverview(positions: positions, budget: try budget.figures())
  }

  func intentsChanged() throws(Stopped) { try want() }

  func fillBooked() throws(Stopped) { try want() }

  func run() throws(Stopped) {
    var renderer = StateRenderer(context.markets.symbols)
    var isLast = false
    while !isLast {
      let due = context.runtime.now + context.settings.statePersistInterval
      try writer.lock()
      do throws(Stopped) {
        while !isDirty, !isClosed {
          if try !wanted.wait(until: due) { break }
        }
      } catch {
        writer.unlock()
        throw error
      }
      isDirty = false
      isLast = isClosed
      writer.unlock()
      try save(&renderer)
    }
  }

  func close() throws(Stopped) {
    try writer.withLock {
      isClosed = true
      wanted.signal()
    }
  }

  private func want() throws(Stopped) {
    try writer.withLock {
      isDirty = true
      wanted.signal()
    }
  }

  private func save(_ renderer: inout StateRenderer) throws(Stopped) {
    let start = context.runtime.now
    let pending = try intents.pending()
    let positions = try context.positions.all()
    let budget = try budget.figures()
    let bytes = renderer.render(pending, positions, budget, at: context.runtime.now)
    let result = try context.runtime.activity("state.write") { () throws(Stopped) in
      try context.runtime.disk.replace(bytes, at: StateDocument.path)
    }
    if case .success = result { saved.withLock { $0 = start } }
    if case .failure(let error) = result {
      try log(
        .warning, .stateWriteFailed,
        [
          LogField(.file, StateDocument.path), LogField(.error, error.text), LogField(.advice, error.advice),
        ])
    }
  }
}
