import Basics
import ChaosRuntime
import Trading

/// What the engine holds, read together.
public struct StateOverview: Sendable {
  /// One per market, in the order of `Markets`.
  public var positions: [Position]
  /// Free and reserved budget, read after the positions.
  public var budget: BudgetSnapshot

  /// An overview as given.
  public init(positions: [Position], budget: BudgetSnapshot) {
    self.positions = positions
    self.budget = budget
  }
}

/// Keeps `state/engine_transient.json` in step with intents, positions and budget.
public protocol StateStore: EnginePart {
  /// The lock `state`, which guards the positions.
  var lock: Lock { get }

  /// The moment of what stands on the disk: when the last save that succeeded took its look; nil before the first.
  var savedAt: Instant? { get }

  /// Positions and budget for the main loop and the heartbeat.
  ///
  /// Passes the landmark `state-and-budget-read` when it is about to ask for the budget lock while a state write is under way.
  func overview() throws(Stopped) -> StateOverview

  /// Called when an intent was added or cleared.
  func intentsChanged() throws(Stopped)

  /// Called after each fill, partial ones too, with no lock held.
  func fillBooked() throws(Stopped)

  /// Body of the thread `state-writer`; returns once closed and everything is written.
  func run() throws(Stopped)

  /// Asks for a last save and ends the writer.
  func close() throws(Stopped)
}

extension StateStore {
  /// Starts the thread `state-writer`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.stateWriter) { [self] () throws(Stopped) in try run() }
  }
}
