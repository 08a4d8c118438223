import ChaosRuntime

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
      try beat(sequence)
      next = max(next + interval, context.runtime.now)
      if context.isMainLoopGone { return try context.logMainLoopGone() }
    } while try !context.stopping.wait(until: next)
  }

  private func beat(_ sequence: Int) throws(Stopped) {
    let overview = try context.state.overview()
    var open = 0
    for position in overview.positions where position.isOpen { open += 1 }
    try context.log(
      .info, "HEARTBEAT",
      [
        LogField("seq", .integer(sequence)),
        LogField("uptime_s", .number((context.runtime.now - context.startedAt).seconds)),
        LogField("positions_count", .integer(open)), LogField("pending_intents", .integer(context.intents.count)),
        LogField("budget_free", .decimal(overview.budget.free)),
      ])
  }
}
