import Basics

/// Finds out what events did not tell.
public protocol Reconciler: EnginePart {
  /// Body of the thread `reconciler`; returns once the engine is stopping.
  func run() throws(Stopped)

  /// Looks after every order that needs it now; also called by the shutdown.
  func sweep() throws(Stopped)

  /// Called by the main loop when a cycle starts.
  func cycleStarted(at time: Instant) throws(Stopped)
}

extension Reconciler {
  /// Nothing: whoever has a thread needs no turn of the main loop.
  public func cycleStarted(at time: Instant) throws(Stopped) {}

  /// Starts the thread `reconciler`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.reconciler) { [self] () throws(Stopped) in try run() }
  }
}
