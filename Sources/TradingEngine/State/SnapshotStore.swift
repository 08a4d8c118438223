import Basics
import ChaosRuntime
import Synchronization
import Trading

/// Takes a snapshot, then writes it with no lock held; the locks of state and budget are never held together.
public final class SnapshotStore: StateStore, @unchecked Sendable {
  private let context: EngineContext
  private let writer: Lock
  private let wanted: Condition
  // Guarded by `writer`.
  @exclusivity(unchecked) private var isDirty = false
  @exclusivity(unchecked) private var isClosed = false
  private let isWriting = Atomic<Bool>(false)
  private let saved = Mutex<Instant?>(nil)

  public init(_ context: EngineContext) {
    self.context = context
    writer = Lock(context.runtime, "state-writer")
    wanted = Condition(writer, "save wanted")
  }

  public var lock: Lock { context.positions.lock }

  public var savedAt: Instant? { saved.withLock { $0 } }

  public func overview() throws(Stopped) -> StateOverview {
    let positions = try context.positions.all()
    if isWriting.load(ordering: .relaxed) { context.runtime.landmark(.stateAndBudgetRead) }
    return StateOverview(positions: positions, budget: try context.budget.figures())
  }

  public func intentsChanged() throws(Stopped) { try want() }

  public func fillBooked() throws(Stopped) { try want() }

  public func run() throws(Stopped) {
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

  public func close() throws(Stopped) {
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
    let pending = try context.intents.pending()
    let positions = try context.positions.all()
    let budget = try context.budget.figures()
    let bytes = renderer.render(pending, positions, budget, at: context.runtime.now)
    isWriting.store(true, ordering: .relaxed)
    defer { isWriting.store(false, ordering: .relaxed) }
    let result = try context.runtime.activity("state.write") { () throws(Stopped) in
      try context.runtime.disk.replace(bytes, at: StateDocument.path)
    }
    if case .success = result { saved.withLock { $0 = start } }
    if case .failure(let error) = result {
      try context.log(
        .warning, .stateWriteFailed,
        [
          LogField(.file, StateDocument.path), LogField(.error, error.text), LogField(.advice, error.advice),
        ])
    }
  }
}
