import Basics

/// How a refresh of the budget ended.
public enum RefreshOutcome: Sendable, Equatable {
  /// The venue answered.
  case refreshed
  /// The venue refused or its answer was lost; the cached value stays.
  case failed
  /// No answer in time; the cached value stays.
  case timedOut
}

/// Asks the venue for the balances.
public protocol BudgetRefresher: EnginePart {
  /// Called by the main loop, which measures and logs how long it was blocked.
  func refresh() throws(Stopped) -> RefreshOutcome

  /// Body of the thread `budget-refresh`; returns once closed.
  func run() throws(Stopped)

  /// Ends the thread, and whoever waits for a refresh, at once.
  func close() throws(Stopped)
}

extension BudgetRefresher {
  /// Starts the thread `budget-refresh`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.budgetRefresh) { [self] () throws(Stopped) in try run() }
  }
}
