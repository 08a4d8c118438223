import Basics

/// Looks after the engine's threads.
public protocol ThreadSupervisor: EnginePart {
  /// Does what is to be done about threads that have ended though they should run; true: at least one was started again.
  ///
  /// Called by the main loop when a cycle starts, and by the shutdown after each wait for threads.
  @discardableResult
  func look() throws(Stopped) -> Bool
}
