import Basics

/// Shows that the engine lives.
public protocol HeartbeatLogger: EnginePart {
  /// Body of the thread `heartbeat`; returns once the engine is stopping or its main loop ended.
  func run() throws(Stopped)
}

extension HeartbeatLogger {
  /// Starts the thread `heartbeat`.
  public func start(on threads: EngineThreads) throws(Stopped) {
    try threads.keep(.heartbeat) { [self] () throws(Stopped) in try run() }
  }
}
