import Basics

/// Logs a heartbeat at a steady pace, and ends by itself when the main loop is gone.
public final class SteadyHeartbeat: HeartbeatLogger {
  private let context: EngineContext

  public init(_ context: EngineContext) {
    self.context = context
  }

  public func run() throws(Stopped) {
    let interval = context.settings.heartbeatInterval
    var sequence = 0
    var next = context.runtime.now
    repeat {
      sequence += 1
      try context.logHeartbeat(sequence)
      next = max(next + interval, context.runtime.now)
      if context.isMainLoopGone { return try context.logMainLoopGone() }
    } while try !context.stopping.wait(until: next)
  }
}
