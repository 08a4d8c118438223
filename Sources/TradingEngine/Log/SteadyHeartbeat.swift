import Basics
import Synchronization

/// Logs a heartbeat at a steady pace, and ends the engine when its main loop is gone.
public final class SteadyHeartbeat: HeartbeatLogger {
  private let context: EngineContext
  private let log: EventLog
  private let heartbeat: HeartbeatWriter
  /// Beats so far: a thread that is started again goes on counting.
  private let beats = Atomic<Int>(0)

  /// A heartbeat that has not begun.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    heartbeat = HeartbeatWriter(parts)
  }

  /// Beats every HEARTBEAT_INTERVAL_S until the engine is stopping; beats that were missed are not made up for.
  public func run() throws(Stopped) {
    let interval = context.settings.heartbeatInterval
    var next = context.runtime.now
    repeat {
      try heartbeat.write(beats.wrappingAdd(1, ordering: .relaxed).newValue)
      next = max(next + interval, context.runtime.now)
      if context.isMainLoopGone {
        try log.mainLoopGone()
        return try context.ending.begin(on: context.threads)
      }
    } while try !context.stopping.wait(until: next)
  }
}
