import Basics
import TradingEngine

/// There was nobody who asked the venue.
final class AbsentReconciler: Reconciler {
  func run() throws(Stopped) {}

  func sweep() throws(Stopped) {}
}
