import Basics
import TradingEngine

/// There was nobody who asked the venue.
final class AbsentReconciler: Reconciler {
  func run() throws(Stopped) {}

  func start(on threads: EngineThreads) throws(Stopped) {}

  func sweep() throws(Stopped) {}
}
